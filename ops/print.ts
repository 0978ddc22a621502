import Table from 'cli-table3'

type Cell = string | number | null | undefined

/** Neither colours nor frames: what is printed goes into tickets and through grep. */
const plain = {
  chars: {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  },
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
}

const shown = (cell: Cell): string | number => cell ?? '–'
const isNumeric = (cell: Cell): boolean => typeof cell === 'number'

const draw = (rows: readonly (readonly Cell[])[], head: readonly string[]): string => {
  const columns = head.length || Math.max(0, ...rows.map(row => row.length))
  const colAligns = Array.from({ length: columns }, (_, column) =>
    head.length > 0 && rows.length > 0 && rows.every(row => isNumeric(row[column])) ? 'right' : 'left',
  ) satisfies ('left' | 'right')[]
  const table = new Table({ ...plain, head: [...head], colAligns })
  table.push(...rows.map(row => row.map(shown)))
  return table
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n')
}

/** Rows under their heads; numbers to the right. `none` stands where there are no rows. */
export const tableOf = (
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  none = 'None.',
): string => (rows.length === 0 ? none : draw(rows, head))

/** A name and its value in each line; what is undefined is left out. */
export const fieldsOf = (fields: Readonly<Record<string, Cell>>): string =>
  draw(
    Object.entries(fields).filter(([, value]) => value !== undefined),
    [],
  )

/** Parts with an empty line between; empty ones are left out. */
export const paragraphs = (...parts: readonly (string | undefined)[]): string =>
  parts.filter(part => part !== undefined && part !== '').join('\n\n')

/** 1 credit, 2 credits. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`

/** Cents as dollars: -250 is -$2.50. */
export const dollars = (cents: number): string => {
  const absolute = Math.abs(cents)
  const whole = Math.floor(absolute / 100).toLocaleString('en-US')
  return `${cents < 0 ? '-' : ''}$${whole}.${String(absolute % 100).padStart(2, '0')}`
}

/** A moment as operators write it and as `--at` takes it; in UTC, to the second. */
export const moment = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z')

import type { Table } from './tables.ts'

export const documentFile = new URL('../../docs/cost-model.md', import.meta.url)

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

export const markdown = ({ columns, rows }: Table): string =>
  [row(columns), row(columns.map(() => '---')), ...rows.map(row)].join('\n')

/**
 * Puts tables where the document has their names: `<!-- cost:lines -->` to `<!-- /cost:lines -->`.
 * @throws {Error} where the document has no place for a table
 */
export const withTables = (document: string, tables: readonly Table[]): string =>
  tables.reduce((text, table) => {
    const [begin, end] = [`<!-- cost:${table.name} -->`, `<!-- /cost:${table.name} -->`]
    const from = text.indexOf(begin)
    const to = text.indexOf(end)
    if (from === -1 || to < from) throw new Error(`The document has no place for ${table.name}.`)
    return `${text.slice(0, from + begin.length)}\n${markdown(table)}\n${text.slice(to)}`
  }, document)

import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as z from 'zod'
import { itemSchema } from './items.ts'

const head = z.object({
  streamArn: z.string(),
  /** From when on every write is in the journal. */
  sinceMs: z.number(),
})
const entry = z.object({
  sequenceNumber: z.string(),
  atMs: z.number(),
  keys: itemSchema,
  /** What the write replaced; left out where there was nothing. */
  old: itemSchema.optional(),
})
export type JournalEntry = z.infer<typeof entry>

/** The writes to a table in their order, each with what it replaced. */
export interface JournalContent {
  streamArn: string
  sinceMs: number
  entries: JournalEntry[]
}

/** Where a journal is kept: a line of JSON for each write. In memory only without a `file`. */
export interface JournalFile {
  /** Undefined when there is none yet, or it can't be read: then another is begun. */
  read(): Promise<JournalContent | undefined>
  /** Puts another in its place. */
  replace(content: JournalContent): Promise<void>
  append(entries: readonly JournalEntry[]): Promise<void>
}

export function journalFile(file: string | undefined): JournalFile {
  if (file === undefined) {
    return { read: async () => undefined, replace: async () => undefined, append: async () => undefined }
  }
  return {
    async read() {
      const text = await readFile(file, 'utf8').catch(() => '')
      // A process that ended while it wrote leaves half a line.
      const [first, ...lines] = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
      if (first === undefined || first === '') return undefined
      try {
        const entries = lines.filter(line => line !== '').map(line => entry.parse(JSON.parse(line)))
        return { ...head.parse(JSON.parse(first)), entries }
      } catch {
        return undefined
      }
    },
    async replace({ streamArn, sinceMs, entries }) {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(`${file}.new`, lines([{ streamArn, sinceMs }, ...entries]), { mode: 0o600 })
      await rename(`${file}.new`, file)
    },
    append: entries => appendFile(file, lines(entries)),
  }
}

function lines(values: readonly object[]): string {
  return values.map(value => `${JSON.stringify(value)}\n`).join('')
}

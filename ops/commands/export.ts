import { open } from 'node:fs/promises'
import * as z from 'zod'
import { type PersonalData, readPersonalData } from '../../src/domain/personal-data.ts'
import { booksOf, findListener } from '../books.ts'
import { defineCommand } from '../command.ts'
import { counted } from '../print.ts'
import { OpsProblem } from '../problem.ts'
import { speechOf } from '../transcripts.ts'

export const registerExport = defineCommand({
  usage: 'export <who>',
  description:
    'All that is kept about a listener, as the law lets them ask for it: JSON to a file, or printed.',
  options: [['--out <file>', 'a new file, which you alone may read']],
  examples: ['export ann@example.com --out ann.json', 'export ann@example.com --stage prod --out ann.json'],
  input: z.object({ who: z.string().min(1), out: z.string().min(1).optional() }),
  run: async (operation, { who, out }) => {
    const books = booksOf(operation)
    const { userId } = await findListener(books, who)
    const personal = await readPersonalData({ ...books, speech: await speechOf(operation.target) }, userId)
    if (out === undefined) return { ok: true, text: JSON.stringify(personal, undefined, 2), data: personal }
    await writeNew(out, personal)
    const operations = personal.operations.length
    const text = `${out} has ${counted(operations, 'operation')} and ${counted(personal.transactions.length, 'movement')}. Hand it over safely, then delete it.`
    return { ok: true, text, data: { file: out, user_id: userId, operations } }
  },
})

/** @throws {OpsProblem} where there is such a file: it may be somebody else's data */
const writeNew = async (path: string, personal: PersonalData): Promise<void> => {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new OpsProblem(`${path} is there already, and is not overwritten.`)
    throw new OpsProblem(`${path} can't be written (${error.code}).`)
  })
  try {
    await file.writeFile(`${JSON.stringify(personal, undefined, 2)}\n`)
  } finally {
    await file.close()
  }
}

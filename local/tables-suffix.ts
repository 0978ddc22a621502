import { readFile, writeFile } from 'node:fs/promises'
import { StartProblem } from './start-problem.ts'

/** What DynamoDB takes in a table's name. */
const suffixPattern = /^(?:-[\w.-]{1,40})?$/

/**
 * What the names of the ledger's tables end in: nothing, until a restore has switched to others.
 *
 * @throws {StartProblem} when the file holds anything else
 */
export async function readTablesSuffix(file: string): Promise<string> {
  const content = await readFile(file, 'utf8').catch(() => '')
  const suffix = content.trim()
  if (suffixPattern.test(suffix)) return suffix
  throw new StartProblem(
    `${file} holds "${suffix}", which no table's name can end in. Delete the file to use the first tables.`,
  )
}

export async function writeTablesSuffix(file: string, suffix: string): Promise<void> {
  await writeFile(file, `${suffix}\n`)
}

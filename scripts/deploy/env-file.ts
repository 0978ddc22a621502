import { readFile, stat } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { DeployProblem } from './problem.ts'

export interface EnvFile {
  /** The variables that have a value. */
  readonly variables: Readonly<Record<string, string>>
  /** Whether others of this machine may read it. */
  readonly isOpen: boolean
}

/**
 * Reads `.env.<stage>`.
 * @returns undefined when there is no such file
 * @throws {DeployProblem} when it can't be read, or a line of it says nothing
 */
export const readEnvFile = async (file: string, name: string): Promise<EnvFile | undefined> => {
  try {
    const [content, { mode }] = await Promise.all([readFile(file, 'utf8'), stat(file)])
    const broken = brokenLine(content)
    if (broken !== undefined) {
      throw new DeployProblem(`Line ${broken} of ${name} is not NAME=value. Correct it, or put # before it.`)
    }
    return { variables: readVariables(content), isOpen: (mode & 0o077) !== 0 }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    if (error.code === 'ENOENT') return undefined
    throw new DeployProblem(`${name} can't be read (${String(error.code)}). Mend its rights.`)
  }
}

const readVariables = (content: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(parseEnv(content)).flatMap(([name, value]) => (value ? [[name, value] as const] : [])),
  )

/** The number of the first line that the parser would pass over in silence. */
const brokenLine = (content: string): number | undefined => {
  const index = content
    .split(/\r?\n/)
    .findIndex(line => !/^\s*(#.*)?$/.test(line) && !/^\s*(export\s+)?[A-Za-z_]\w*\s*=/.test(line))
  return index === -1 ? undefined : index + 1
}

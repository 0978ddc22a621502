import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Session } from './session.ts'

/**
 * The version of what is in the project's directory: what the shell says, or the stage's settings, or git.
 * @param set VERSION of the stage's settings
 */
export const versionOf = async ({ projectDir, version }: Session, set: string | undefined): Promise<string> =>
  version ?? set ?? (await gitVersion(projectDir)) ?? 'development'

const gitVersion = async (projectDir: string): Promise<string | undefined> => {
  try {
    const { stdout } = await promisify(execFile)('git', ['describe', '--tags', '--always', '--dirty'], {
      cwd: projectDir,
    })
    return stdout.trim()
  } catch {
    return undefined
  }
}

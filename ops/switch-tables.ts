import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OpsProblem } from './problem.ts'
import type { Target } from './target.ts'

const projectDir = fileURLToPath(new URL('..', import.meta.url))

/**
 * Makes a stage use the tables with this suffix.
 * @returns what is left to do, for the operator
 * @throws {OpsProblem} where the deployment fails: the old tables then serve on
 */
export const switchTables = (target: Target, suffix: string): Promise<string> =>
  target.stateDir === undefined ? deploy(target, suffix) : noteForNextStart(target.stateDir, suffix)

const noteForNextStart = async (stateDir: string, suffix: string): Promise<string> => {
  await writeFile(join(stateDir, 'tables-suffix'), `${suffix}\n`)
  return 'The next npm start uses them: end the one that runs with Ctrl-C and start it again.'
}

/** What it prints goes to stderr: stdout has the report alone. */
const deploy = async ({ stage, region }: Target, suffix: string): Promise<string> => {
  const args = [stage, 'switch-tables', suffix, '--region', region]
  const child = spawn('./deploy.sh', args, { cwd: projectDir, stdio: ['inherit', process.stderr, 'inherit'] })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  if (code !== 0) {
    throw new OpsProblem(
      `Switching failed, and the old tables serve on. The restored ones are ready. Again: ./deploy.sh ${args.join(' ')}`,
    )
  }
  return 'They serve now. The old tables stay: delete them once nobody needs them.'
}

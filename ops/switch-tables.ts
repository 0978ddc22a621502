import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Operation } from './command.ts'
import { OpsProblem } from './problem.ts'
import type { Target } from './target.ts'

const projectDir = fileURLToPath(new URL('..', import.meta.url))
/** The backend of this machine starts anew. */
const restartTimeoutMs = 200_000

/**
 * Makes a stage use the tables with this suffix.
 * @throws {OpsProblem} where that fails: the former tables then serve on
 */
export const switchTables = async (
  { target, yes }: Pick<Operation, 'target' | 'yes'>,
  suffix: string,
): Promise<void> => {
  const problem =
    target.stateDir === undefined ? await deploy(target, suffix, yes) : await restart(target, suffix)
  if (problem === undefined) return
  throw new OpsProblem(
    `Switching failed, and the former tables serve on. The restored ones are ready.\n${problem}`,
  )
}

/** Has the running `npm start` use them. */
const restart = async ({ environment }: Target, suffix: string): Promise<string | undefined> => {
  const response = await fetch(`${environment.AWS_ENDPOINT_URL}/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tables_suffix: suffix }),
    signal: AbortSignal.timeout(restartTimeoutMs),
  })
  return response.ok ? undefined : await response.text()
}

/** What `./deploy.sh` is called with. */
export const deployArguments = (
  { stage, region }: Pick<Target, 'stage' | 'region'>,
  suffix: string,
  yes: boolean,
): string[] => [stage, 'switch-tables', suffix, '--region', region, ...(yes ? ['--yes'] : [])]

/** What it prints goes to stderr: stdout has the report alone. */
const deploy = async (target: Target, suffix: string, yes: boolean): Promise<string | undefined> => {
  const args = deployArguments(target, suffix, yes)
  const child = spawn(join(projectDir, 'deploy.sh'), args, {
    cwd: projectDir,
    stdio: ['inherit', process.stderr, 'inherit'],
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  return code === 0 ? undefined : `To try again: ./deploy.sh ${args.join(' ')}`
}

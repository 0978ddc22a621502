import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OpsProblem } from './problem.ts'
import { readStack, type Stack } from './stack.ts'
import type { Target } from './target.ts'

const projectDir = fileURLToPath(new URL('..', import.meta.url))
/** The backend of this machine starts anew. */
const restartTimeoutMs = 200_000

type Switching = Pick<Target, 'stage' | 'region' | 'stateDir' | 'environment' | 'clientOptions' | 'stack'>

/**
 * Makes a stage use the tables with this suffix.
 * @returns what went wrong though they serve by now; undefined where nothing did
 * @throws {OpsProblem} where they don't serve, or nobody can tell
 */
export const switchTables = async (
  { target, yes }: { readonly target: Switching; readonly yes: boolean },
  suffix: string,
): Promise<string | undefined> => {
  const problem =
    target.stateDir === undefined ? await deploy(target, suffix, yes) : await restart(target, suffix)
  if (problem === undefined) return undefined
  const { status, outputs } = await stackNow(target, problem)
  if (outputs.TablesSuffix === suffix) return problem
  throw new OpsProblem(
    `Switching failed, and ${serveOn(status)}. The restored ones are ready: give the same command again.\n${problem}`,
  )
}

const serveOn = (status: string): string =>
  status.endsWith('_IN_PROGRESS')
    ? `the stack is still being changed (${status}): which tables serve shows once that has ended`
    : 'the former tables serve on'

/** The stack as it is after the attempt: a deployment can fail once all is in service. */
const stackNow = async (target: Switching, problem: string): Promise<Stack> => {
  try {
    const { name } = await target.stack()
    return await readStack(target.clientOptions('cloudformation'), name)
  } catch (error) {
    throw new OpsProblem(
      `Switching failed, and which tables serve can't be read (${messageOf(error)}). ` +
        `Give the same command again: it goes on from there.\n${problem}`,
    )
  }
}

/** Has the running `npm start` use them. */
const restart = async ({ environment }: Switching, suffix: string): Promise<string | undefined> => {
  try {
    const response = await fetch(`${environment.AWS_ENDPOINT_URL}/control`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tables_suffix: suffix }),
      signal: AbortSignal.timeout(restartTimeoutMs),
    })
    return response.ok ? undefined : await response.text()
  } catch (error) {
    return messageOf(error)
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What `./deploy.sh` is called with. */
export const deployArguments = (
  { stage, region }: Pick<Target, 'stage' | 'region'>,
  suffix: string,
  yes: boolean,
): string[] => [stage, 'switch-tables', suffix, '--region', region, ...(yes ? ['--yes'] : [])]

/** What it prints goes to stderr: stdout has the report alone. */
const deploy = async (target: Switching, suffix: string, yes: boolean): Promise<string | undefined> => {
  const args = deployArguments(target, suffix, yes)
  const child = spawn(join(projectDir, 'deploy.sh'), args, {
    cwd: projectDir,
    stdio: ['inherit', process.stderr, 'inherit'],
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  return code === 0 ? undefined : `This did not end well: ./deploy.sh ${args.join(' ')}`
}

import { createWriteStream } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { healthResponseSchema } from '../src/contracts/health.ts'
import { startTiedChild } from './child-process.ts'
import { projectDir } from './paths.ts'
import { findFreePort } from './ports.ts'
import { StartProblem } from './start-problem.ts'

/** The running backend: every handler under serverless-offline. */
export interface Backend {
  /** Resolves with how its process ended. */
  ended: Promise<string>
  /** Ends the process and whatever it started. */
  close(): Promise<void>
}

/** Loaded before serverless-offline. */
const requestIds = new URL('lambda-request-ids.ts', import.meta.url).href

const logLevelSchema = z.object({ level: z.union([z.string(), z.number()]) })

/** Ports that serverless-offline opens beside the API's: of those, the handlers use the one for functions. */
export async function chooseBackendPorts(): Promise<{ lambda: number; alb: number; websocket: number }> {
  return { lambda: await findFreePort(), alb: await findFreePort(), websocket: await findFreePort() }
}

/**
 * Starts the backend with exactly the environment given. What it writes goes to a file.
 *
 * @param options.onError is told each line that reports an error
 */
export function startBackend(options: {
  apiPort: number
  ports: { lambda: number; alb: number; websocket: number }
  env: Record<string, string>
  logFile: string
  /** Whether what the file holds already stays. */
  keepLog?: boolean
  onError: (line: string) => void
}): Backend {
  const cli = createRequire(import.meta.url).resolve('serverless/bin/serverless.js')
  const args = [
    ['offline', 'start', '--stage', 'local', '--host', '127.0.0.1'],
    ['--httpPort', String(options.apiPort)],
    ['--lambdaPort', String(options.ports.lambda)],
    ['--albPort', String(options.ports.alb)],
    ['--websocketPort', String(options.ports.websocket)],
    ['--noPrependStageInUrl', '--useInProcess', '--noSponsor'],
  ].flat()
  const child = startTiedChild(process.execPath, ['--import', requestIds, cli, ...args], {
    cwd: projectDir,
    env: options.env,
  })

  const log = createWriteStream(options.logFile, { mode: 0o600, flags: options.keepLog ? 'a' : 'w' })
  for (const output of [child.process.stdout, child.process.stderr]) {
    if (output === null) continue
    createInterface({ input: output }).on('line', line => {
      log.write(`${line}\n`)
      if (reportsAnError(line)) options.onError(line)
    })
  }
  void child.ended.then(() => log.end())
  return { ended: child.ended, close: child.stop }
}

/**
 * Waits until `GET /health` answers 200.
 *
 * @throws {StartProblem} when the backend ends before, says that its environment is wrong, or takes too long
 */
export async function untilHealthy(
  backend: Backend,
  options: { url: string; logFile: string; timeoutMs: number },
): Promise<void> {
  let ending: string | undefined
  void backend.ended.then(how => {
    ending = how
  })
  let health: Health = { state: 'starting', problems: [] }
  const deadline = Date.now() + options.timeoutMs
  while (Date.now() < deadline && health.state === 'starting' && ending === undefined) {
    await sleep(200)
    health = await readHealth(options.url)
  }
  if (health.state === 'healthy') return
  const what = ending === undefined ? 'does not come up' : `ended while it started (${ending})`
  const lines = [
    `The backend ${what}. Its log is ${options.logFile}`,
    ...health.problems.map(line => `  ${line}`),
  ]
  throw new StartProblem(lines.join('\n'))
}

/** What `GET /health` says: `misconfigured` is not going to change by itself. */
export interface Health {
  state: 'healthy' | 'starting' | 'misconfigured'
  problems: string[]
}

/**
 * Asks the API at `url` for its health; never rejects. serverless-offline answers 200 for a handler that threw, so
 * it is the body that counts.
 */
export async function readHealth(url: string): Promise<Health> {
  const starting = (problem: string): Health => ({ state: 'starting', problems: [problem] })
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) })
    const answer = await response.json()
    const health = healthResponseSchema.safeParse(answer)
    if (!health.success) return starting(`GET /health answers ${response.status} ${JSON.stringify(answer)}`)
    const { status, environment, problems = [] } = health.data
    if (status === 'healthy') return { state: 'healthy', problems: [] }
    return { state: environment === 'configured' ? 'starting' : 'misconfigured', problems }
  } catch {
    return starting('GET /health does not answer.')
  }
}

/** Structured logs say so in `level`; serverless-offline marks its own errors with a cross. */
function reportsAnError(line: string): boolean {
  if (!line.startsWith('{')) return /^\s*[×✖]/.test(line)
  try {
    const { level } = logLevelSchema.parse(JSON.parse(line))
    return typeof level === 'number'
      ? level >= 50
      : ['ERROR', 'FATAL', 'CRITICAL'].includes(level.toUpperCase())
  } catch {
    return false
  }
}

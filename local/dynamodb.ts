import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTiedChild, type TiedChild } from './child-process.ts'
import { cacheDir } from './paths.ts'
import { findFreePort } from './ports.ts'
import { StartProblem } from './start-problem.ts'

/** A running DynamoDB Local. */
export interface DynamoDbLocal {
  /** `http://127.0.0.1:<port>`, for the SDK's `endpoint`. */
  endpoint: string
  /** Resolves with how the process ended, when it did so without `close`, or by it. */
  ended: Promise<string>
  /** Ends the process and resolves once it is gone. */
  close(): Promise<void>
}

const emulatorDir = join(
  dirname(createRequire(import.meta.url).resolve('amplify-dynamodb-simulator/package.json')),
  'emulator',
)
const startTimeoutMs = 30_000
const pollIntervalMs = 50

const javaMissing =
  'Java 17 or later is needed to run DynamoDB Local, and no `java` was found. ' +
  '`node scripts/setup.mjs` installs it, or names the command that does.'

/**
 * Starts AWS's DynamoDB Local from the jar that the package `amplify-dynamodb-simulator` carries, and waits until
 * it answers. With `dir` the tables are kept there; without it they live in memory. It ends with this process.
 * One database serves every region and key (`-sharedDb`).
 *
 * @throws {StartProblem} when Java is missing or the engine doesn't come up.
 */
export async function startDynamoDbLocal(
  options: { dir?: string; port?: number } = {},
): Promise<DynamoDbLocal> {
  const port = options.port ?? (await findFreePort())
  const endpoint = `http://127.0.0.1:${port}`
  // The engine leaves a file of its own in its working directory, so it gets one where that is in nobody's way.
  const workDir = resolve(options.dir ?? join(cacheDir, 'dynamodb'))
  await mkdir(workDir, { recursive: true })
  const storage = options.dir === undefined ? ['-inMemory'] : ['-dbPath', workDir]
  const args = [
    // Compiled once and lightly: it starts sooner and, on few cores, answers no slower.
    '-XX:TieredStopAtLevel=1',
    `-Djava.library.path=${join(emulatorDir, 'DynamoDBLocal_lib')}`,
    '-jar',
    join(emulatorDir, 'DynamoDBLocal.jar'),
    '-port',
    String(port),
    '-sharedDb',
    '-disableTelemetry',
    ...storage,
  ]
  const engine = startTiedChild('java', args, { cwd: workDir })
  try {
    await untilItAnswers(engine, endpoint)
  } catch (error) {
    await engine.stop()
    throw error
  }
  return { endpoint, ended: engine.ended, close: engine.stop }
}

async function untilItAnswers(engine: TiedChild, endpoint: string): Promise<void> {
  let output = ''
  engine.process.stdout?.on('data', chunk => (output += chunk))
  engine.process.stderr?.on('data', chunk => (output += chunk))
  let ending: string | undefined
  void engine.ended.then(how => (ending = how))

  const deadline = Date.now() + startTimeoutMs
  while (Date.now() < deadline) {
    if (ending === 'exit code 127') throw new StartProblem(javaMissing)
    if (ending !== undefined)
      throw new StartProblem(`DynamoDB Local ended at once (${ending}).\n${output.trim()}`)
    if (await answers(endpoint)) return
    await sleep(pollIntervalMs)
  }
  throw new StartProblem(`DynamoDB Local did not answer within ${startTimeoutMs / 1000} s.\n${output.trim()}`)
}

/** An unsigned request is refused with a 400 as soon as the engine is up. */
async function answers(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(endpoint, { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return true
  } catch {
    return false
  }
}

import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTiedChild, type TiedChild } from './child-process.ts'
import { findFreePort } from './ports.ts'

/** A running DynamoDB Local. */
export interface DynamoDbLocal {
  /** `http://127.0.0.1:<port>`, for the SDK's `endpoint`. */
  endpoint: string
  /** Resolves with how the process ended, when it did so without `close`, or by it. */
  ended: Promise<string>
  /** Ends the process and resolves once it is gone. */
  close(): Promise<void>
}

const startTimeoutMs = 30_000
const pollIntervalMs = 50

const javaMissing = [
  'Java 17 or later is needed to run DynamoDB Local, and no `java` was found. Install it and try again:',
  '  Debian, Ubuntu: sudo apt-get install openjdk-17-jre-headless',
  '  macOS:          brew install --cask temurin@17',
  '  Fedora:         sudo dnf install java-17-openjdk-headless',
].join('\n')

/**
 * Starts AWS's DynamoDB Local from the jar that the package `amplify-dynamodb-simulator` carries, and waits until
 * it answers. With `dir` the tables are kept there; without it they live in memory. It ends with this process.
 * One database serves every region and key (`-sharedDb`).
 *
 * @throws {Error} with a message for people when Java is missing or the engine doesn't come up.
 */
export async function startDynamoDbLocal(
  options: { dir?: string; port?: number } = {},
): Promise<DynamoDbLocal> {
  const port = options.port ?? (await findFreePort())
  const endpoint = `http://127.0.0.1:${port}`
  if (options.dir !== undefined) await mkdir(options.dir, { recursive: true })

  const emulatorDir = join(
    dirname(createRequire(import.meta.url).resolve('amplify-dynamodb-simulator/package.json')),
    'emulator',
  )
  const storage = options.dir === undefined ? ['-inMemory'] : ['-dbPath', options.dir]
  const engine = startTiedChild('java', [
    `-Djava.library.path=${join(emulatorDir, 'DynamoDBLocal_lib')}`,
    '-jar',
    join(emulatorDir, 'DynamoDBLocal.jar'),
    '-port',
    String(port),
    '-sharedDb',
    '-disableTelemetry',
    ...storage,
  ])
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
    if (ending === 'exit code 127') throw new Error(javaMissing)
    if (ending !== undefined) throw new Error(`DynamoDB Local ended at once (${ending}).\n${output.trim()}`)
    if (await answers(endpoint)) return
    await sleep(pollIntervalMs)
  }
  throw new Error(`DynamoDB Local did not answer within ${startTimeoutMs / 1000} s.\n${output.trim()}`)
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

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findFreePort } from '../../local/ports.ts'

const readyTimeoutMs = 150_000
const endTimeoutMs = 20_000

/** `npm start`, as somebody runs it in a terminal. */
export interface Running {
  readonly apiUrl: string
  readonly localUrl: string
  /** Everything that it has printed. */
  output(): string
  /** Presses Ctrl-C and answers the exit code. */
  interrupt(): Promise<number | null>
}

export interface Place {
  readonly apiPort: number
  readonly localPort: number
  readonly stateDir: string
  /** The variables of its .env. */
  readonly dotenv: Readonly<Record<string, string>>
}

/** Free ports and an empty place for the state. */
export const newPlace = async (dotenv: Place['dotenv'] = {}): Promise<Place> => ({
  apiPort: await findFreePort(),
  localPort: await findFreePort(),
  stateDir: await mkdtemp(join(tmpdir(), 'live-transcription-e2e-')),
  dotenv,
})

const groups: ChildProcess[] = []

/** Runs `npm start` and waits for its `ready` line. */
export const npmStart = async (place: Place, ...options: string[]): Promise<Running> => {
  // A developer's own .env would have real vendors called.
  const envFile = join(place.stateDir, 'e2e.env')
  const lines = Object.entries(place.dotenv).map(([name, value]) => `${name}=${value}\n`)
  await writeFile(envFile, lines.join(''))
  const child = spawn('npm', ['start', '--', ...options], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PORT: String(place.apiPort),
      LOCAL_PORT: String(place.localPort),
      LOCAL_STATE_DIR: place.stateDir,
      ENV_FILE: envFile,
    },
  })
  groups.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const exited = new Promise<number | null>(resolve => child.once('exit', resolve))
  await untilReady(child, () => output)
  return {
    apiUrl: `http://127.0.0.1:${place.apiPort}`,
    localUrl: `http://127.0.0.1:${place.localPort}`,
    output: () => output,
    interrupt: async () => {
      signalGroup(child, 'SIGINT')
      return Promise.race([
        exited,
        sleep(endTimeoutMs, undefined, { ref: false }).then(() => failToEnd(output)),
      ])
    },
  }
}

const failToEnd = (output: string): never => {
  throw new Error(`npm start did not end:\n${output}`)
}

const untilReady = async (child: ChildProcess, output: () => string): Promise<void> => {
  const deadline = Date.now() + readyTimeoutMs
  while (Date.now() < deadline && child.exitCode === null) {
    if (/^ready/m.test(output())) return
    await sleep(100)
  }
  throw new Error(`npm start did not get ready:\n${output()}`)
}

/** A terminal's Ctrl-C reaches every process of the group. */
const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.pid === undefined || child.exitCode !== null) return
  process.kill(-child.pid, signal)
}

/** Ends what a failed test left running. */
export const endAll = (): void => {
  for (const child of groups) signalGroup(child, 'SIGKILL')
}

const run = promisify(execFile)

/** Processes whose command line names `text`. */
export const processesNaming = async (text: string): Promise<string[]> => {
  const { stdout } = await run('ps', ['-eo', 'pid,args'])
  return stdout.split('\n').filter(line => line.includes(text) && !line.includes('ps -eo'))
}

/** Runs lines in one bash, as somebody who pastes them. */
export const bash = async (lines: readonly string[]): Promise<string> => {
  const { stdout } = await run('bash', ['-c', lines.join('\n')], { timeout: 60_000 })
  return stdout.trim()
}

/** The commands that `npm start` printed to be copied, in order. */
export const printedCommands = (output: string): string[] =>
  output
    .slice(output.indexOf('Try it'))
    .split('\n')
    .map(line => line.trim())
    .filter(line => /^(curl |TOKEN=|ID=)/.test(line))

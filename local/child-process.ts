import { type ChildProcess, spawn } from 'node:child_process'

/** What a tied child needs to be started. */
export interface TiedChildOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** How long `stop` waits after SIGTERM before it sends SIGKILL, in milliseconds. */
  stopTimeoutMs?: number
}

/** A child process that ends when this process ends, whatever ends this process. */
export interface TiedChild {
  process: ChildProcess
  /** Resolves with a short account of how it ended ("exit code 1", "SIGKILL"); never rejects. */
  ended: Promise<string>
  /** Ends it: SIGTERM, then SIGKILL. Resolves once it is gone; may be called more than once. */
  stop(): Promise<void>
}

/**
 * The shell turns itself into the wanted program; beside it a reader waits on our end of the pipe. The kernel
 * closes that pipe when this process dies, also by SIGKILL, and then the reader ends the program's group.
 */
const tieScript = `
exec 3<&0 </dev/null
(
  trap "" INT TERM HUP
  exec >/dev/null 2>&1
  cat <&3
  kill -s TERM -- -$$
  sleep 2
  kill -s KILL -- -$$
) &
exec 3<&-
exec "$@"`

/** The children that an orderly end of this process takes along at once; the reader sees to every other end. */
const running = new Set<ChildProcess>()
process.once('exit', () => running.forEach(killGroup))

/**
 * Starts a program in a process group of its own, so that a Ctrl-C in the terminal reaches only us and we end it
 * in order. Its output is piped: `process.stdout` and `process.stderr`. A program that is missing ends with
 * "exit code 127".
 */
export function startTiedChild(command: string, args: string[], options: TiedChildOptions = {}): TiedChild {
  const child = spawn('/bin/sh', ['-c', tieScript, 'sh', command, ...args], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => undefined)
  running.add(child)
  const ended = new Promise<string>(resolve => {
    const end = (how: string): void => {
      running.delete(child)
      killGroup(child)
      resolve(how)
    }
    child.once('error', error => end(error.message))
    child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`))
  })

  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    const killTimer = setTimeout(() => killGroup(child), options.stopTimeoutMs ?? 5_000)
    await ended
    clearTimeout(killTimer)
  }
  return { process: child, ended, stop }
}

/** Ends what is left of the child's group at once. The reader keeps the group's number from being used anew. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nothing of it is left.
  }
}

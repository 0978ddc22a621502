import { describe, expect, it } from 'vitest'
import type { Backend } from '../../../../local/backend.ts'
import { createBackendRunner } from '../../../../local/backend-runner.ts'

interface Process extends Backend {
  readonly env: Record<string, string>
  readonly again: boolean
  /** Ends by itself. */
  crash(): void
}

/** Runs processes that note how they are started and ended. */
const run = () => {
  const processes: Process[] = []
  const log: string[] = []
  const start = (env: Record<string, string>, again: boolean): Backend => {
    const { promise: ended, resolve } = Promise.withResolvers<string>()
    const name = env.NAME ?? ''
    log.push(`start ${name}`)
    const close = async (): Promise<void> => {
      log.push(`end ${name}`)
      resolve('SIGTERM')
    }
    const started: Process = { env, again, ended, close, crash: () => resolve('exit code 1') }
    processes.push(started)
    return started
  }
  const untilUp = async (): Promise<void> => void log.push('up')
  const runner = createBackendRunner({ start, untilUp }, { NAME: 'one' })
  let ended: string | undefined
  void runner.ended.then(how => {
    ended = how
  })
  return { runner, processes, log, ended: () => ended }
}

describe('a backend that is started anew', () => {
  it('has ended before the next one starts, and the next one is waited for', async () => {
    const { runner, processes, log } = run()
    await runner.up
    await runner.restart({ NAME: 'two' })
    expect(log).toEqual(['start one', 'up', 'end one', 'start two', 'up'])
    expect(processes.map(({ again }) => again)).toEqual([false, true])
  })

  it('has not ended by itself', async () => {
    const { runner, ended } = run()
    await runner.restart({ NAME: 'two' })
    await runner.close()
    await runner.restart({ NAME: 'three' })
    expect(ended()).not.toBe('exit code 1')
  })

  it('tells when it ends by itself, first or later', async () => {
    const first = run()
    first.processes[0]?.crash()
    expect(await first.runner.ended).toBe('exit code 1')
    const second = run()
    await second.runner.restart({ NAME: 'two' })
    second.processes[1]?.crash()
    expect(await second.runner.ended).toBe('exit code 1')
  })

  it('is not started any more once it was closed', async () => {
    const { runner, log } = run()
    await runner.close()
    await runner.restart({ NAME: 'two' })
    expect(log).not.toContain('start two')
  })
})

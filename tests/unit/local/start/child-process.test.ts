import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startTiedChild } from '../../../../local/child-process.ts'

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(20)
}

/** Writes its process id and then does nothing for long; with `stubborn` it takes no SIGTERM. */
const sleeper = (stubborn = false): string[] => [
  '-e',
  `${stubborn ? 'process.on("SIGTERM", () => undefined);' : ''} setInterval(() => undefined, 60_000); console.log(process.pid)`,
]

describe('a tied child', () => {
  it('says how it ended', async () => {
    const child = startTiedChild(process.execPath, ['-e', 'console.log("hello"); process.exitCode = 4'])
    const output = child.process.stdout
    expect(output && (await text(output))).toBe('hello\n')
    expect(await child.ended).toBe('exit code 4')
  })

  it('says that a program is missing', async () => {
    expect(await startTiedChild('no-such-program-here', []).ended).toBe('exit code 127')
  })

  it('gets exactly the environment given', async () => {
    const child = startTiedChild(process.execPath, ['-p', 'process.env.ONLY + process.env.HOME'], {
      env: { ONLY: 'this' },
    })
    const output = child.process.stdout
    expect(output && (await text(output))).toBe('thisundefined\n')
  })

  it('ends on SIGTERM when it is stopped', async () => {
    const child = startTiedChild(process.execPath, sleeper())
    await once(child.process.stdout ?? child.process, 'data')
    await child.stop()
    expect(await child.ended).toBe('SIGTERM')
  })

  it('is killed when it doesn’t end on SIGTERM', async () => {
    const child = startTiedChild(process.execPath, sleeper(true), { stopTimeoutMs: 100 })
    await once(child.process.stdout ?? child.process, 'data')
    await child.stop()
    expect(await child.ended).toBe('SIGKILL')
  })

  it('takes what it started along', async () => {
    const child = startTiedChild(process.execPath, [
      '-e',
      `require('node:child_process').spawn(process.execPath, ${JSON.stringify(sleeper(true))}, { stdio: 'inherit' })`,
    ])
    const [line] = await once(child.process.stdout ?? child.process, 'data')
    const grandchild = Number(String(line))
    expect(isAlive(grandchild)).toBe(true)
    await child.stop()
    await untilGone(grandchild)
  })

  it.each(['SIGKILL', 'exit'] as const)('goes when its parent goes by %s', async how => {
    const module = new URL('../../../../local/child-process.ts', import.meta.url).href
    const parent = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `const { startTiedChild } = await import(${JSON.stringify(module)})
       const child = startTiedChild(process.execPath, ${JSON.stringify(sleeper())})
       child.process.stdout.once('data', line => {
         process.stdout.write(line, () => ${how === 'exit' ? 'process.exit()' : `process.kill(process.pid, '${how}')`})
       })`,
    ])
    const child = Number(await text(parent.stdout))
    expect(child).toBeGreaterThan(0)
    await untilGone(child)
  })
})

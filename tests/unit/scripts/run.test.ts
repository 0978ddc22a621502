import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const runner = fileURLToPath(new URL('../../../scripts/run.mjs', import.meta.url))

describe('scripts/run.mjs', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'run-'))
  })
  afterEach(() => rm(dir, { recursive: true }))

  async function script(source: string): Promise<string> {
    const path = join(dir, 'script.ts')
    await writeFile(path, source)
    return path
  }

  it('runs TypeScript on Node 24, hands the arguments on, and the exit code back', async () => {
    const path = await script(`
      const words: string[] = process.argv.slice(2)
      console.log(process.versions.node.split('.')[0], words.join(' '))
      process.exitCode = 7`)
    const child = spawn(process.execPath, [runner, path, '--fresh', 'x'])
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
    expect(output).toBe('24 --fresh x\n')
    expect(code).toBe(7)
  })

  it('runs the program of a package', async () => {
    const child = spawn(process.execPath, [runner, 'node', '-p', 'process.versions.node.split(".")[0]'])
    expect(await text(child.stdout)).toBe('24\n')
  })

  it('hands SIGTERM on and ends as the script does', async () => {
    const path = await script(`
      process.on('SIGTERM', () => { console.log('ended in order'); process.exit(5) })
      setInterval(() => undefined, 1000)
      console.log('up')`)
    const child = spawn(process.execPath, [runner, path])
    child.stdout.once('data', () => child.kill('SIGTERM'))
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
    expect(output).toBe('up\nended in order\n')
    expect(code).toBe(5)
  })

  it('ends with 128 and the signal’s number when a signal ended the script', async () => {
    const path = await script(`process.kill(process.pid, 'SIGKILL')`)
    const [code] = await once(spawn(process.execPath, [runner, path]), 'exit')
    expect(code).toBe(137)
  })

  it('lets the script notice that it died itself', async () => {
    const path = await script(`
      process.once('disconnect', () => { console.log('alone'); process.exit() })
      console.log('up')`)
    const child = spawn(process.execPath, [runner, path])
    child.stdout.once('data', () => child.kill('SIGKILL'))
    expect(await text(child.stdout)).toBe('up\nalone\n')
  })

  it('says what to do when a program is not installed', async () => {
    const child = spawn(process.execPath, [runner, 'no-such-program'])
    const [output, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect(output).toContain('Install the dependencies first: node scripts/setup.mjs')
    expect(code).toBe(1)
  })
})

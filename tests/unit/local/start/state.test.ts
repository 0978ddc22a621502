import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTiedChild } from '../../../../local/child-process.ts'
import { findFreePort, requireFreePort } from '../../../../local/ports.ts'
import { openSecrets } from '../../../../local/secrets.ts'
import { forgetState, makeStateDir, statePaths } from '../../../../local/state-dir.ts'
import { lockStateDir } from '../../../../local/state-lock.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'state-'))
})
afterEach(() => rm(dir, { recursive: true }))

describe('a state directory', () => {
  it('is refused to a second copy, with a sentence that names the first and what to do', async () => {
    const unlock = await lockStateDir(dir, 'http://127.0.0.1:4000/')
    const second = lockStateDir(dir, 'http://127.0.0.1:4100/')
    await expect(second).rejects.toThrow(
      `Another copy is running with the state in ${dir} (http://127.0.0.1:4000/)`,
    )
    await expect(lockStateDir(dir, '')).rejects.toThrow('LOCAL_STATE_DIR=')
    await unlock()
  })

  it('can be had again once the first copy let it go', async () => {
    const unlock = await lockStateDir(dir, 'first')
    await unlock()
    const unlockAgain = await lockStateDir(dir, 'second')
    await unlockAgain()
  })

  it('can be had again after a copy that crashed', async () => {
    const lockModule = new URL('../../../../local/state-lock.ts', import.meta.url).href
    const crashing = startTiedChild(process.execPath, [
      '--input-type=module',
      '-e',
      `const { lockStateDir } = await import(${JSON.stringify(lockModule)})
       await lockStateDir(${JSON.stringify(dir)}, 'crashed')
       process.kill(process.pid, 'SIGKILL')`,
    ])
    expect(await crashing.ended).toBe('SIGKILL')
    const unlock = await lockStateDir(dir, 'second')
    await unlock()
  })

  it('doesn’t keep a copy with another directory away', async () => {
    const other = join(dir, 'other')
    await makeStateDir(other)
    const unlock = await lockStateDir(dir, 'first')
    const unlockOther = await lockStateDir(other, 'second')
    await unlock()
    await unlockOther()
  })

  it('is forgotten without what else is in it', async () => {
    const { database, secrets } = statePaths(dir)
    await makeStateDir(database)
    await openSecrets(secrets)
    await writeFile(join(dir, 'notes.txt'), 'mine')
    await forgetState(dir)
    expect(await readdir(dir)).toEqual(['notes.txt'])
  })
})

describe('the secrets of this machine', () => {
  it('are made up once, are long enough to sign with, and only their owner reads them', async () => {
    const { secrets: file } = statePaths(dir)
    const first = await openSecrets(file)
    const second = await openSecrets(file)
    expect(second.data).toEqual(first.data)
    expect(Buffer.byteLength(first.data.jwtSecret)).toBeGreaterThanOrEqual(32)
    expect(first.data.jwtSecret).not.toBe(first.data.assemblyAiWebhookSecret)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })
})

describe('a port', () => {
  it('that another program uses is refused with a sentence that names another', async () => {
    const port = await findFreePort()
    const other = createServer()
    await new Promise<void>(resolve => other.listen(port, '127.0.0.1', resolve))
    await expect(requireFreePort(port, 'PORT', 0)).rejects.toThrow(
      `Port ${port} is in use by another program. Stop that one, or choose another port: PORT=${port + 100} npm start`,
    )
    await new Promise(resolve => other.close(resolve))
    await requireFreePort(port, 'PORT', 0)
  })

  it('that a former copy is just letting go is waited for', async () => {
    const port = await findFreePort()
    const other = createServer()
    await new Promise<void>(resolve => other.listen(port, '127.0.0.1', resolve))
    const free = requireFreePort(port, 'PORT', 10_000)
    other.close()
    await expect(free).resolves.toBeUndefined()
  })
})

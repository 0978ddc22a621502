import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSettings } from '../../../../local/settings.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'settings-'))
})
afterEach(() => rm(dir, { recursive: true }))

const read = (env: NodeJS.ProcessEnv = {}, args: string[] = []) => readSettings(args, env, dir)
const writeDotenv = (content: string) => writeFile(join(dir, '.env'), content)

describe('what npm start is asked for', () => {
  it('has a default for everything, and no real vendor', async () => {
    expect(await read()).toEqual({
      apiPort: 3000,
      localPort: 4000,
      stateDir: join(dir, '.local'),
      fresh: false,
      dotenv: {},
      realVendors: [],
    })
  })

  it('is read from .env, and from the environment first', async () => {
    await writeDotenv('PORT=3100\nLOCAL_PORT=4100\nLOCAL_STATE_DIR=elsewhere\n')
    const settings = await read({ PORT: '3200' })
    expect(settings).toMatchObject({ apiPort: 3200, localPort: 4100, stateDir: join(dir, 'elsewhere') })
  })

  it('forgets the state with --fresh', async () => {
    expect(await read({}, ['--fresh'])).toMatchObject({ fresh: true })
  })

  it('takes another file for .env when ENV_FILE names it', async () => {
    await writeDotenv('OPENAI_API_KEY=sk-mine\n')
    await writeFile(join(dir, 'empty.env'), '')
    expect(await read({ ENV_FILE: 'empty.env' })).toMatchObject({ realVendors: [], dotenv: {} })
  })

  it.each([
    ['ASSEMBLYAI_API_KEY=key', 'assemblyai'],
    ['OPENAI_API_KEY=sk-key', 'openai'],
    ['STRIPE_SECRET_KEY=sk_test_key\nSTRIPE_WEBHOOK_SECRET=whsec_key', 'stripe'],
  ])('makes a vendor real, and only that one, when .env has %j', async (content, vendor) => {
    await writeDotenv(content)
    expect((await read()).realVendors).toEqual([vendor])
  })

  it('makes no vendor real for a key that is empty, or that the shell exports for something else', async () => {
    await writeDotenv('OPENAI_API_KEY=\nASSEMBLYAI_API_KEY=""\n')
    expect((await read({ OPENAI_API_KEY: 'sk-from-the-shell' })).realVendors).toEqual([])
  })
})

describe('what can’t be used is refused with a sentence that says what to do', () => {
  it('real Stripe without the secret of its webhooks', async () => {
    await writeDotenv('STRIPE_SECRET_KEY=sk_test_key\n')
    await expect(read({ PORT: '3456' })).rejects.toThrow(
      'stripe listen --forward-to http://127.0.0.1:3456/webhooks/stripe',
    )
  })

  it.each(['0', '65536', 'abc', '3000.5'])('the port %j', async port => {
    await expect(read({ PORT: port })).rejects.toThrow(`PORT is "${port}". Give it a number from 1 to 65535.`)
  })

  it('one port for both servers', async () => {
    await expect(read({ PORT: '4000' })).rejects.toThrow('PORT and LOCAL_PORT are both 4000')
  })

  it('an unknown option', async () => {
    await expect(read({}, ['--frehs'])).rejects.toThrow('Unknown option: --frehs')
  })

  it('a line of .env that sets nothing, by its number', async () => {
    await writeDotenv('# comment\n\nPORT=3100\nOPENAI_API_KEY sk-key\n')
    await expect(read()).rejects.toThrow(`Line 4 of ${join(dir, '.env')} is not of the form NAME=value`)
  })
})

describe('.env may have', () => {
  it.each([
    ['comments and empty lines', '# a\n\n   # b\nPORT=3100\n'],
    ['export', 'export PORT=3100\n'],
    ['spaces around the sign', '  PORT = 3100\n'],
    ['a comment after the value', 'PORT=3100 # the API\n'],
    ['lines that end as on Windows', 'PORT=3100\r\nLOCAL_PORT=4100\r\n'],
    ['a value over several lines', 'PORT=3100\nKEY="first\nsecond line\nthird"\n'],
  ])('%s', async (_what, content) => {
    await writeDotenv(content)
    expect((await read()).apiPort).toBe(3100)
  })
})

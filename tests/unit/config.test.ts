import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  allSections,
  ConfigError,
  type Environment,
  offersChannels,
  readConfig,
  readWholeConfig,
  type SecretReader,
} from '../../src/config.ts'

const secret = (name: string): string => `${name} is a secret of more than 32 bytes`

const secrets = {
  JWT_SECRET: secret('jwt'),
  STRIPE_SECRET_KEY: 'sk_test_0123',
  STRIPE_WEBHOOK_SECRET: 'whsec_0123',
  ASSEMBLYAI_API_KEY: 'assemblyai-0123',
  ASSEMBLYAI_WEBHOOK_SECRET: secret('webhook'),
  OPENAI_API_KEY: 'sk-0123',
  TWITCH_CLIENT_SECRET: 'twitch-0123',
}

const settings = {
  STAGE: 'test',
  AWS_REGION: 'us-east-1',
  PUBLIC_API_URL: 'https://api.example.com',
  EXTENSION_ID: 'abcdefghijklmnopabcdefghijklmnop',
  USERS_TABLE: 'users',
  USAGE_TABLE: 'usage',
  TRANSACTIONS_TABLE: 'transactions',
  EPHEMERA_TABLE: 'ephemera',
  CATCHUP_FETCH_FUNCTION: 'catchup-fetch',
  CATCHUP_WORKER_FUNCTION: 'catchup-worker',
  ASSEMBLYAI_SPEECH_MODELS: 'universal-3-6-pro, universal-2',
  OPENAI_MODEL: 'gpt-6-luna',
  LIVE_MODELS: 'en=universal-streaming-english, multi=universal-streaming-multilingual',
  TWITCH_CLIENT_ID: 'client-0123',
  TWITCH_PLAYBACK_CLIENT_ID: 'player-0123',
}

const complete: Environment = { ...settings, ...secrets }

const noSecrets: SecretReader = () => Promise.reject(new Error('No secret was to be read.'))

/** What is wrong with an environment, for every section. */
const problemsOf = async (environment: Environment, readSecrets = noSecrets): Promise<readonly string[]> => {
  const error = await readConfig(allSections, readSecrets, environment).catch((thrown: unknown) => thrown)
  if (error instanceof ConfigError) return error.problems
  throw new Error('The environment was accepted.', { cause: error })
}

describe('a complete environment', () => {
  test('is read into sections, with numbers, lists and defaults', async () => {
    const config = await readConfig(allSections, noSecrets, complete)
    expect(config.base).toMatchObject({ STAGE: 'test', VERSION: 'development', THROTTLE_SCALE: 1 })
    expect(config.openai).toEqual({
      OPENAI_API_KEY: secrets.OPENAI_API_KEY,
      OPENAI_MODEL: settings.OPENAI_MODEL,
    })
    expect(config.live).toEqual({
      LIVE_LEASE_SECONDS: 300,
      LIVE_SHORTEST_LEASE_SECONDS: 60,
      LIVE_RENEW_WINDOW_SECONDS: 30,
      LIVE_REDEEM_SECONDS: 60,
      LIVE_SHORTEST_SESSION_SECONDS: 60,
      LIVE_DANGLING_SECONDS: 3_600,
      LIVE_ALLOWANCE_PER_HOUR: 6,
      LIVE_ALLOWANCE_PER_DAY: 20,
    })
    expect(config.liveSessions.LIVE_MODELS).toEqual([
      { language: 'en', model: 'universal-streaming-english' },
      { language: 'multi', model: 'universal-streaming-multilingual' },
    ])
    expect(config.twitch.TWITCH_MEDIA_HOSTS).toBeUndefined()
    expect(config.assemblyai).toMatchObject({
      ASSEMBLYAI_SPEECH_MODELS: ['universal-3-6-pro', 'universal-2'],
      CLIP_WAIT_SECONDS: 20,
      CLIP_HOLD_SECONDS: 1_800,
    })
    expect(config.auth).toEqual({ JWT_SECRET: secrets.JWT_SECRET })
  })

  test('may leave optional variables empty, as .env.example does', async () => {
    const config = await readConfig(allSections, noSecrets, {
      ...complete,
      JWT_SECRET_PREVIOUS: '',
      DYNAMODB_ENDPOINT: '',
      STRIPE_API_URL: '',
      THROTTLE_SCALE: '',
      CLIP_WAIT_SECONDS: '',
    })
    expect(config.auth.JWT_SECRET_PREVIOUS).toBeUndefined()
    expect(config.base.DYNAMODB_ENDPOINT).toBeUndefined()
    expect(config.stripe.STRIPE_API_URL).toBeUndefined()
    expect(config.base.THROTTLE_SCALE).toBe(1)
    expect(config.assemblyai.CLIP_WAIT_SECONDS).toBe(20)
  })

  test('needs nothing of Twitch where no channels are offered, and all of it where they are', async () => {
    const { TWITCH_CLIENT_ID, TWITCH_PLAYBACK_CLIENT_ID, TWITCH_CLIENT_SECRET, ...without } = complete
    const config = await readWholeConfig(noSecrets, { ...without, TWITCH_CLIENT_ID: '' })
    expect(offersChannels(config.channels)).toBe(false)
    const half = await readWholeConfig(noSecrets, { ...without, TWITCH_CLIENT_ID }).catch(
      (thrown: unknown) => thrown,
    )
    expect(half).toMatchObject({
      problems: ['TWITCH_CLIENT_SECRET is missing', 'TWITCH_PLAYBACK_CLIENT_ID is missing'],
    })
    const whole = await readWholeConfig(noSecrets, complete)
    expect(offersChannels(whole.channels)).toBe(true)
  })

  test('is read from the process where none is given', async () => {
    for (const [name, value] of Object.entries(complete)) vi.stubEnv(name, value)
    onTestFinished(() => void vi.unstubAllEnvs())
    await expect(readConfig(['base'], noSecrets)).resolves.toMatchObject({ base: { STAGE: 'test' } })
  })
})

describe('a bad environment', () => {
  test('is refused with everything that is missing, at once', async () => {
    expect([...(await problemsOf({}))].sort()).toEqual(
      [...Object.keys(settings), ...Object.keys(secrets)]
        .map(name => (name === 'PUBLIC_API_URL' ? `${name} is not a URL` : `${name} is missing`))
        .sort(),
    )
  })

  test.each([
    ['STAGE', '', 'is empty'],
    ['PUBLIC_API_URL', 'api.example.com', 'is not a URL'],
    ['EXTENSION_ID', 'my-extension', 'is not a Chrome extension id'],
    ['EXTENSION_ID', 'abcdefghijklmnopabcdefghijklmnoz', 'is not a Chrome extension id'],
    ['DYNAMODB_ENDPOINT', 'localhost', 'is not a URL'],
    ['STRIPE_API_URL', 'stripe', 'is not a URL'],
    ['ASSEMBLYAI_API_URL', 'assemblyai', 'is not a URL'],
    ['OPENAI_API_URL', 'openai', 'is not a URL'],
    ['THROTTLE_SCALE', 'many', 'is not a number'],
    ['THROTTLE_SCALE', '0', 'must be above 0'],
    ['CLIP_WAIT_SECONDS', '1.5', 'is not a whole number'],
    ['CLIP_HOLD_SECONDS', '-1', 'must be above 0'],
    ['OPENAI_MODEL', '', 'is empty'],
    ['ASSEMBLYAI_SPEECH_MODELS', '', 'is empty'],
    ['LIVE_MODELS', 'en', 'must be language=model pairs with commas between'],
    ['LIVE_MODELS', 'en=,es=model', 'must be language=model pairs with commas between'],
    ['LIVE_LEASE_SECONDS', '59', 'must be at least LIVE_SHORTEST_LEASE_SECONDS'],
    ['LIVE_RENEW_WINDOW_SECONDS', '60', 'must be below LIVE_SHORTEST_LEASE_SECONDS'],
    [
      'LIVE_RENEW_WINDOW_SECONDS',
      '4',
      'must be as large a part of LIVE_LEASE_SECONDS as leaves the shortest lease a second to renew',
    ],
    ['LIVE_REDEEM_SECONDS', '61', 'must be at most 60'],
    ['LIVE_DANGLING_SECONDS', '86401', 'must be at most 86400'],
    ['LIVE_ALLOWANCE_PER_HOUR', '21', 'must be at most 20'],
    ['LIVE_ALLOWANCE_PER_DAY', '-1', 'must be at least 0'],
    ['LIVE_INACTIVITY_SECONDS', '4', 'must be at least 5'],
  ])('where %s is "%s": %s', async (name, value, problem) => {
    expect(await problemsOf({ ...complete, [name]: value })).toEqual([`${name} ${problem}`])
  })

  test('where a renewal would ask for a longer session than the vendor gives', async () => {
    const long = { ...complete, LIVE_SHORTEST_LEASE_SECONDS: '600' }
    const longest = readConfig(['live'], noSecrets, { ...long, LIVE_LEASE_SECONDS: '10770' })
    await expect(longest).resolves.toHaveProperty('live')
    expect(await problemsOf({ ...long, LIVE_LEASE_SECONDS: '10771' })).toEqual([
      'LIVE_LEASE_SECONDS and LIVE_RENEW_WINDOW_SECONDS together must be at most 10800',
    ])
  })

  test('where the vendor caps no session to the shortest lease', async () => {
    expect(await problemsOf({ ...complete, LIVE_SHORTEST_SESSION_SECONDS: '61' })).toEqual([
      'LIVE_SHORTEST_LEASE_SECONDS must be at least LIVE_SHORTEST_SESSION_SECONDS',
    ])
  })

  test('is told by names alone: no value is in the error', async () => {
    const values = {
      JWT_SECRET: 'a-short-secret',
      PUBLIC_API_URL: 'not-quite-a-url',
      THROTTLE_SCALE: 'not-quite-a-number',
      EXTENSION_ID: 'not-quite-an-id',
    }
    const error = await readConfig(allSections, noSecrets, { ...complete, ...values }).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(ConfigError)
    const told = error instanceof Error ? `${error.message}\n${error.stack}\n${JSON.stringify(error)}` : ''
    for (const name of Object.keys(values)) expect(told).toContain(name)
    for (const value of Object.values(values)) expect(told).not.toContain(value)
  })

  test('counts only as far as a function needs it', async () => {
    const { OPENAI_API_KEY: _openai, STRIPE_SECRET_KEY: _stripe, ...rest } = complete
    await expect(readConfig(['base', 'auth'], noSecrets, rest)).resolves.toHaveProperty('auth')
    await expect(readConfig(['base', 'openai'], noSecrets, rest)).rejects.toThrow('OPENAI_API_KEY is missing')
  })
})

describe('a signing secret', () => {
  test.each(['JWT_SECRET', 'JWT_SECRET_PREVIOUS', 'ASSEMBLYAI_WEBHOOK_SECRET'])(
    '%s of 31 bytes is refused, one of 32 taken',
    async name => {
      expect(await problemsOf({ ...complete, [name]: 'x'.repeat(31) })).toEqual([
        `${name} must have at least 32 bytes`,
      ])
      await expect(
        readConfig(allSections, noSecrets, { ...complete, [name]: 'x'.repeat(32) }),
      ).resolves.toBeDefined()
    },
  )

  test('is measured in bytes, not in characters', async () => {
    await expect(
      readConfig(['auth'], noSecrets, { ...complete, JWT_SECRET: 'é'.repeat(16) }),
    ).resolves.toEqual({ auth: { JWT_SECRET: 'é'.repeat(16) } })
  })
})

describe('with SECRETS_PATH set', () => {
  const cloud: Environment = { ...settings, SECRETS_PATH: '/live-transcription/prod' }

  /** A store of secrets that notes what it was asked for. */
  const store = (values: Environment) => {
    const asked: { region: string; path: string; names: readonly string[] }[] = []
    const read: SecretReader = (region, path, names) => {
      asked.push({ region, path, names })
      return Promise.resolve(Object.fromEntries(names.map(name => [name, values[name]])))
    }
    return { asked, read }
  }

  test('the secrets of the sections asked for, and no others, are read from there in one go', async () => {
    const { asked, read } = store(secrets)
    const config = await readConfig(['base', 'auth', 'openai'], read, cloud)
    expect(config.auth.JWT_SECRET).toBe(secrets.JWT_SECRET)
    expect(config.openai.OPENAI_API_KEY).toBe(secrets.OPENAI_API_KEY)
    expect(asked).toEqual([
      {
        region: 'us-east-1',
        path: '/live-transcription/prod',
        names: ['JWT_SECRET', 'JWT_SECRET_PREVIOUS', 'OPENAI_API_KEY'],
      },
    ])
  })

  test('one that the environment has is not read', async () => {
    const { asked, read } = store(secrets)
    await readConfig(['base', 'stripe', 'openai'], read, { ...cloud, STRIPE_SECRET_KEY: 'sk_test_mine' })
    expect(asked.map(({ names }) => names)).toEqual([['OPENAI_API_KEY']])
  })

  test('nothing is read for a function without secrets', async () => {
    await expect(readConfig(['base'], noSecrets, cloud)).resolves.toHaveProperty('base')
  })

  test('one that is not there is missing, and one that is too short is refused', async () => {
    const { OPENAI_API_KEY: _missing, ...rest } = secrets
    const { read } = store({ ...rest, JWT_SECRET: 'short' })
    expect([...(await problemsOf(cloud, read))].sort()).toEqual([
      'JWT_SECRET must have at least 32 bytes',
      'OPENAI_API_KEY is missing',
    ])
  })

  test('a failure to read is not taken for an empty store', async () => {
    const failing: SecretReader = () => Promise.reject(new Error('AccessDenied'))
    await expect(readConfig(['base', 'auth'], failing, cloud)).rejects.toThrow('AccessDenied')
  })
})

test('without SECRETS_PATH no secret is looked for elsewhere', async () => {
  expect(await problemsOf(settings)).toEqual(Object.keys(secrets).map(name => `${name} is missing`))
})

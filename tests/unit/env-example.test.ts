import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { backendEnvironment } from '../../local/backend-environment.ts'
import { projectDir } from '../../local/paths.ts'
import { readSettings } from '../../local/settings.ts'
import { findChromium } from '../../scripts/setup/chromium.mjs'
import { allSections, ConfigError, readConfig } from '../../src/config.ts'

/** Set by serverless.yml, from the stage. */
const setByServerless = [
  'STAGE',
  'USERS_TABLE',
  'USAGE_TABLE',
  'TRANSACTIONS_TABLE',
  'EPHEMERA_TABLE',
  'CATCHUP_FETCH_FUNCTION',
  'CATCHUP_WORKER_FUNCTION',
  'SECRETS_PATH',
  'SECRETS_VERSION',
]
/** Kept by ./deploy.sh and by `npm start`, from what runs. */
const setByDeployment = ['TABLES_SUFFIX']
/** Set by Lambda itself. */
const setByLambda = ['AWS_REGION', 'AWS_LAMBDA_FUNCTION_NAME']
/** Where `npm start` sends what goes elsewhere in the cloud. */
const setByNpmStart = [
  'DYNAMODB_ENDPOINT',
  'LAMBDA_ENDPOINT',
  'STRIPE_API_URL',
  'ASSEMBLYAI_API_URL',
  'ASSEMBLYAI_STREAMING_URL',
  'OPENAI_API_URL',
  'TWITCH_AUTH_URL',
  'TWITCH_API_URL',
  'TWITCH_GQL_URL',
  'TWITCH_USHER_URL',
]
/** Read from the shell: one says which file takes the place of .env, the other is needed before it is read. */
const readFromShellOnly = ['CHROMIUM_PATH', 'ENV_FILE']
/** Where the functions are built: no setting. */
const builtWith = ['ESBUILD_WORK_DIR']

const notOffered = [
  ...setByServerless,
  ...setByDeployment,
  ...setByLambda,
  ...setByNpmStart,
  ...readFromShellOnly,
]

const example = await readFile(join(projectDir, '.env.example'), 'utf8')
const lines = example.split('\n')
const offered = Object.keys(parseEnv(example))

/** An empty environment that notes which variables are looked for (and not the `then` that `await` looks for). */
const observed = () => {
  const names = new Set<string>()
  const environment: Record<string, string | undefined> = new Proxy(
    {},
    {
      get: (_target, name) => {
        if (typeof name === 'string' && /^[A-Z_]+$/.test(name)) names.add(name)
        return undefined
      },
    },
  )
  return { names, environment }
}

const readByConfig = async (): Promise<string[]> => {
  const { names, environment } = observed()
  const reading = readConfig(allSections, () => Promise.resolve({}), environment)
  await expect(reading).rejects.toBeInstanceOf(ConfigError)
  return [...names]
}

const readByNpmStart = async (): Promise<string[]> => {
  const { names, environment } = observed()
  await readSettings([], environment, join(projectDir, 'tests'))
  return [...names]
}

/** serverless.yml and what it includes name a variable as `${env:NAME}`, scripts among them as `env('NAME')`. */
const readByServerless = async (): Promise<string[]> => {
  const included = (await readdir(join(projectDir, 'infra'))).map(name => join('infra', name))
  const texts = await Promise.all(
    ['serverless.yml', ...included].map(name => readFile(join(projectDir, name), 'utf8')),
  )
  return texts.flatMap(text => [...text.matchAll(/\benv(?::|\(')([A-Z_]+)/g)].map(match => match[1] ?? ''))
}

test('.env.example names what the service, config.ts and npm start read, but for what is set for them', async () => {
  const read = new Set([
    ...(await readByServerless()),
    ...(await readByConfig()),
    ...(await readByNpmStart()),
  ])
  const open = [...read].filter(name => ![...notOffered, ...builtWith].includes(name))
  expect([...offered].sort()).toEqual(open.sort())
})

test('each variable has one comment of its own above it, and no value', () => {
  const assignments = lines.flatMap((line, index) => (/^\w+=/.test(line) ? [{ line, index }] : []))
  expect(assignments.map(({ line }) => line).sort()).toEqual(offered.map(name => `${name}=`).sort())
  const uncommented = assignments.filter(({ index }) => {
    const [before = '', above = ''] = [lines[index - 2], lines[index - 1]]
    return !/^# [^-]/.test(above) || /^# [^-]/.test(before)
  })
  expect(uncommented).toEqual([])
})

test('what is set by the project, or read from the shell, is mentioned and not offered', () => {
  for (const name of notOffered) {
    expect(offered).not.toContain(name)
    expect(example).toMatch(new RegExp(`^# .*\\b${name}\\b`, 'm'))
  }
})

test('serverless.yml sets what it is said to set', async () => {
  const serviceSchema = z.object({ provider: z.object({ environment: z.record(z.string(), z.unknown()) }) })
  const file = await readFile(join(projectDir, 'serverless.yml'), 'utf8')
  const { environment } = serviceSchema.parse(parse(file)).provider
  expect(Object.keys(environment)).toEqual(expect.arrayContaining(setByServerless))
})

test('npm start sets what it is said to set', async () => {
  const settings = await readSettings([], {}, join(projectDir, 'tests'))
  const environment = backendEnvironment(
    settings,
    {
      dynamoDbEndpoint: 'http://127.0.0.1:8000',
      tablesSuffix: '',
      jwtSecret: 'jwt',
      assemblyAiWebhookSecret: 'assemblyai',
      stripeWebhookSecret: 'stripe',
    },
    {},
  )
  expect(Object.keys(environment)).toEqual(expect.arrayContaining([...setByNpmStart, 'AWS_REGION']))
})

test('the set-up looks for Chromium where the shell says', () => {
  const { names, environment } = observed()
  findChromium(environment)
  expect([...names]).toContain('CHROMIUM_PATH')
})

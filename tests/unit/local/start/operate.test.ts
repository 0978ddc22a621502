import { access, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backendEnvironment } from '../../../../local/backend-environment.ts'
import { operateFileOf, removeOperateFile, writeOperateFile } from '../../../../local/operate-file.ts'
import type { ServiceDefinition } from '../../../../local/service-definition.ts'
import { serviceFactsOf } from '../../../../local/service-facts.ts'
import type { Settings } from '../../../../local/settings.ts'
import { readTablesSuffix, writeTablesSuffix } from '../../../../local/tables-suffix.ts'

const settings: Settings = {
  apiPort: 3000,
  localPort: 4000,
  stateDir: '/state',
  fresh: false,
  dotenv: {},
  realVendors: [],
}
const service: ServiceDefinition = {
  provider: {
    environment: {
      STAGE: 'local',
      USERS_TABLE: 'users-r1',
      USAGE_TABLE: 'usage-r1',
      TRANSACTIONS_TABLE: 'transactions-r1',
      EPHEMERA_TABLE: 'ephemera',
      VERSION: 'v1',
      THROTTLE_SCALE: '1',
      ONLY_IN_THE_CLOUD: { Ref: 'Something' },
    },
  },
  functions: {
    worker: { name: 'the-worker', maximumRetryAttempts: 1, maximumEventAge: 60 },
    sweep: { name: 'the-sweep' },
  },
  resources: {
    Resources: {
      Users: { Type: 'AWS::DynamoDB::Table', Properties: {} },
      Plain: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: 'plain', Threshold: 1 } },
      Computed: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: { 'Fn::Sub': 'x' } } },
    },
  },
}
const environment = backendEnvironment(
  settings,
  {
    dynamoDbEndpoint: 'http://127.0.0.1:8000',
    tablesSuffix: '-r1',
    jwtSecret: 'made-up',
    assemblyAiWebhookSecret: 'made-up-too',
    stripeWebhookSecret: 'whsec_made_up',
  },
  { PATH: '/bin', HOME: '/home/me' },
)

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'operate-'))
})
afterEach(() => rm(dir, { recursive: true }))

describe('what a running start tells the operator’s commands', () => {
  it('is what serverless.yml gives a function, and over it what this start gives the backend', () => {
    const content = operateFileOf(settings, 'local', service, environment)
    expect(content.stage).toBe('local')
    expect(content.environment).toMatchObject({
      STAGE: 'local',
      USERS_TABLE: 'users-r1',
      TABLES_SUFFIX: '-r1',
      THROTTLE_SCALE: '100',
      DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000',
      LAMBDA_ENDPOINT: 'http://127.0.0.1:4000/aws/lambda',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4000/aws',
      JWT_SECRET: 'made-up',
    })
    for (const name of ['PATH', 'HOME', 'ESBUILD_WORK_DIR', 'ONLY_IN_THE_CLOUD']) {
      expect(content.environment).not.toHaveProperty(name)
    }
  })

  it('is only for its owner, also where a file of that name was there, and goes at the end', async () => {
    const file = join(dir, 'operate.json')
    await writeFile(file, '', { mode: 0o644 })
    const content = operateFileOf(settings, 'local', service, environment)
    await writeOperateFile(file, content)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(content)
    await removeOperateFile(file)
    await removeOperateFile(file)
    await expect(access(file)).rejects.toThrow('ENOENT')
  })
})

describe('what the AWS stand-in is told', () => {
  it('has the functions as Lambda treats them, by its defaults where nothing is said', () => {
    expect(serviceFactsOf(settings, service, '').functions).toEqual([
      { name: 'the-worker', maximumRetryAttempts: 1, maximumEventAgeMs: 60_000 },
      { name: 'the-sweep', maximumRetryAttempts: 2, maximumEventAgeMs: 6 * 3_600_000 },
    ])
  })

  it('has the alarms that have a name', () => {
    expect(serviceFactsOf(settings, service, '').alarms).toMatchObject([{ AlarmName: 'plain' }])
  })

  it('has the stack’s outputs, the tables’ suffix only after a restore', () => {
    const { outputs } = serviceFactsOf(settings, service, '-r1').stack
    expect(outputs).toEqual({
      ApiUrl: 'http://127.0.0.1:3000',
      DeadLettersUrl: 'http://127.0.0.1:4000/aws/sqs/000000000000/live-transcription-local-dead-letters',
      UsersTableName: 'users-r1',
      UsageTableName: 'usage-r1',
      TransactionsTableName: 'transactions-r1',
      EphemeraTableName: 'ephemera',
      Version: 'v1',
      TablesSuffix: '-r1',
    })
    expect(serviceFactsOf(settings, service, '').stack.outputs).not.toHaveProperty('TablesSuffix')
  })
})

describe('what the names of the ledger’s tables end in', () => {
  it('is nothing at first, and then what was last written', async () => {
    const file = join(dir, 'tables-suffix')
    expect(await readTablesSuffix(file)).toBe('')
    await writeTablesSuffix(file, '-r20261129120000')
    expect(await readTablesSuffix(file)).toBe('-r20261129120000')
    await writeTablesSuffix(file, '')
    expect(await readTablesSuffix(file)).toBe('')
  })

  it('is refused when no table’s name can end in it', async () => {
    const file = join(dir, 'tables-suffix')
    await writeFile(file, 'r 1\n')
    await expect(readTablesSuffix(file)).rejects.toThrow(`${file} holds "r 1"`)
  })
})

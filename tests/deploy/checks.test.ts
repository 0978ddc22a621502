import { chmod, copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { goodSettings, newDeployment } from '../support/deployment.ts'

const without = (...names: string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(goodSettings).filter(([name]) => !names.includes(name)))

test('all that is wrong is told at once, and nothing is changed', async () => {
  const dev = await newDeployment()
  await dev.writeSettings({
    ...without('OPENAI_API_KEY'),
    OPENAI_API_KEYS: 'misspelt',
    SOMETHING_ELSE: 'x',
    CLIP_WAIT_SECONDS: '21',
    EXTENSION_ID: 'short',
    JWT_SECRET: 'short',
    STRIPE_SECRET_KEY: 'pk_test_public',
    ALARM_EMAIL: 'nobody',
    XRAY: 'yes',
    LOG_RETENTION_DAYS: '31',
    DOMAIN_NAME: 'api.example.com',
    VPC_SUBNET_IDS: 'subnet-0a1b',
  })
  await chmod(join(dev.directory, '.env.dev'), 0o644)
  dev.aws.isSignedIn = false
  dev.aws.version = '1.45.11'
  const failure = await dev.run()
  for (const text of [
    'chmod 600 .env.dev',
    '1.45.11 is too old: version 2 is needed',
    'OPENAI_API_KEYS is not a setting. Did you mean OPENAI_API_KEY?',
    'SOMETHING_ELSE is not a setting. .env.example has all of them.',
    'CLIP_WAIT_SECONDS must be at most 20',
    'EXTENSION_ID is not a Chrome extension id',
    'JWT_SECRET must have at least 32 bytes',
    'STRIPE_SECRET_KEY is not a secret key',
    'ALARM_EMAIL is not an e-mail address',
    'XRAY must be on or off',
    'LOG_RETENTION_DAYS must be one of 1, 3',
    'DOMAIN_NAME needs DOMAIN_CERTIFICATE_ARN',
    'VPC_SUBNET_IDS and VPC_SECURITY_GROUP_IDS go together',
  ]) {
    expect(failure).toContain(text)
  }
  expect(dev.aws.calls).toEqual([])
})

test('a secret that is neither given nor kept is missed', async () => {
  const dev = await newDeployment()
  await dev.writeSettings(without('OPENAI_API_KEY', 'TWITCH_CLIENT_SECRET'))
  const failure = await dev.run()
  expect(failure).toMatch(/OPENAI_API_KEY is missing/)
  expect(failure).toMatch(/TWITCH_CLIENT_SECRET is missing/)
  expect(failure).not.toMatch(/JWT_SECRET|WEBHOOK/)
  expect(dev.changed()).toEqual([])
})

test('settings without secrets may be read by others', async () => {
  const dev = await newDeployment()
  await dev.run()
  await dev.writeSettings(
    without('STRIPE_SECRET_KEY', 'ASSEMBLYAI_API_KEY', 'OPENAI_API_KEY', 'TWITCH_CLIENT_SECRET'),
  )
  await chmod(join(dev.directory, '.env.dev'), 0o644)
  expect(await dev.run()).toBeUndefined()
})

test('a stage without settings is told how to have them', async () => {
  const dev = await newDeployment()
  await rm(join(dev.directory, '.env.dev'))
  expect(await dev.run()).toContain('cp .env.example .env.dev && chmod 600 .env.dev')
})

test('the example itself is no set of settings, but names none that is unknown', async () => {
  const dev = await newDeployment()
  await copyFile(join(dev.directory, '.env.example'), join(dev.directory, '.env.dev'))
  const failure = await dev.run()
  expect(failure).toContain('STRIPE_SECRET_KEY is missing')
  expect(failure).not.toContain('is not a setting')
})

test('every setting that is for deploy.sh alone is checked', async () => {
  const dev = await newDeployment()
  const example = await readFile(join(dev.directory, '.env.example'), 'utf8')
  const section = example.split('\n# --- ').find(part => part.startsWith('Only for ./deploy.sh')) ?? ''
  const names = [...section.matchAll(/^(\w+)=/gm)].map(([, name = '']) => name)
  expect(names).toContain('ALARM_EMAIL')
  await dev.writeSettings({ ...goodSettings, ...Object.fromEntries(names.map(name => [name, '?'])) })
  const failure = await dev.run()
  for (const name of names) expect(failure).toMatch(new RegExp(`- ${name} (is|must)`))
})

test('a line that says nothing is named', async () => {
  const dev = await newDeployment()
  await writeFile(join(dev.directory, '.env.dev'), '# fine\nOPENAI_API_KEY=a\nOPENAI MODEL b\n')
  expect(await dev.run()).toMatch(/^Line 3 of \.env\.dev is not NAME=value/)
})

test.for([
  ['--region', 'mars'],
  ['--region', 'us-east'],
  ['--regoin', 'us-east-1'],
  ['deploy-all'],
  ['logs'],
  ['rollback', 'v1'],
])('what can not be meant is refused before anything is called: %j', async args => {
  const dev = await newDeployment()
  expect(await dev.run(...args)).toBeDefined()
  expect(dev.aws.calls).toEqual([])
})

test.for(['local', 'Prod', '1dev', 'de_v', 'dev-', 'a-stage-with-a-long-name', 'dev-artifacts'])(
  'no stage is called %s',
  async stage => {
    const dev = await newDeployment(stage)
    expect(await dev.run()).toMatch(/stage/)
    expect(dev.aws.calls).toEqual([])
  },
)

test('production wants a live key of Stripe, and others are warned of one', async () => {
  const prod = await newDeployment('prod')
  await prod.writeSettings(goodSettings)
  expect(await prod.run()).toMatch(/STRIPE_SECRET_KEY is a test key/)

  const dev = await newDeployment()
  await dev.writeSettings({ ...goodSettings, STRIPE_SECRET_KEY: 'sk_live_0123456789' })
  const failure = await dev.run()
  // The stand-in knows another key.
  expect(failure).toMatch(/Stripe refuses STRIPE_SECRET_KEY/)
  expect(failure).not.toMatch(/live/)
})

test('production is deployed with a live key, and told of a missing address for alarms', async () => {
  const prod = await newDeployment('prod')
  expect(await prod.run()).toBeUndefined()
  expect(prod.output()).toMatch(/ALARM_EMAIL is not set/)
})

test.for([
  ['UPDATE_IN_PROGRESS', /being changed/],
  ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', /being changed/],
  [
    'UPDATE_ROLLBACK_FAILED',
    /continue-update-rollback --stack-name live-transcription-dev --region us-east-1/,
  ],
  ['CREATE_FAILED', /delete-stack --stack-name live-transcription-dev/],
  ['ROLLBACK_FAILED', /delete-stack --stack-name live-transcription-dev/],
  ['DELETE_FAILED', /delete-stack --stack-name live-transcription-dev/],
  ['UPDATE_FAILED', /rollback-stack --stack-name live-transcription-dev --region us-east-1/],
  ['IMPORT_ROLLBACK_FAILED', /Don't delete it.*describe-stack-events --stack-name live-transcription-dev/],
] as const)('a stack in %s is left alone', async ([state, failure]) => {
  const dev = await newDeployment()
  await dev.run()
  const stack = dev.stack()
  if (stack) stack.status = state
  dev.aws.calls = []
  expect(await dev.run()).toMatch(failure)
  expect(dev.changed()).toEqual([])
})

test('a change set that was never carried out is no deployment', async () => {
  const dev = await newDeployment()
  dev.answers.push(false)
  expect(await dev.run()).toMatch(/Nothing was changed/)
  expect(dev.stack()?.status).toBe('REVIEW_IN_PROGRESS')
  expect(await dev.run()).toBeUndefined()
})

test('a stage that is in another region already is not deployed twice', async () => {
  const dev = await newDeployment()
  await dev.run()
  expect(await dev.run('--region', 'eu-central-1')).toMatch(/Deploy with --region us-east-1/)
})

test('a stage that is in another account is not deployed into this one', async () => {
  const dev = await newDeployment()
  await dev.run()
  const [endpoint] = (await dev.stripe.webhookEndpoints.list()).data
  await dev.stripe.webhookEndpoints.update(endpoint?.id ?? '', { metadata: { account: '999999999999' } })
  dev.aws.calls = []
  expect(await dev.run()).toMatch(
    /dev is in the AWS account 999999999999, and you are signed in to 123456789012/,
  )
  expect(dev.changed()).toEqual([])
})

test('a certificate must be in the region of the stage', async () => {
  const dev = await newDeployment()
  await dev.writeSettings({
    ...goodSettings,
    DOMAIN_NAME: 'api.example.com',
    DOMAIN_CERTIFICATE_ARN: 'arn:aws:acm:eu-central-1:123456789012:certificate/0a1b',
  })
  expect(await dev.run()).toMatch(/certificate is in eu-central-1 and the stage in us-east-1/)
})

test.for([
  { limit: 1_000, denied: [], failure: undefined },
  {
    limit: 10,
    denied: [],
    failure: /RESERVED_CONCURRENCY=on reserves \d+ concurrent executions, and this account may run 10/,
  },
  { limit: 10, denied: ['lambda get-account-settings'], failure: undefined },
])('concurrency is reserved only where the account has it: %j', async ({ limit, denied, failure }) => {
  const dev = await newDeployment()
  dev.reserveConcurrency()
  dev.aws.concurrentExecutions = limit
  dev.aws.denied = denied
  const said = await dev.run()
  if (failure) expect(said).toMatch(failure)
  else expect(said).toBeUndefined()
  expect(dev.stack() === undefined).toBe(failure !== undefined)
})

test.for([
  { hasCostExplorer: true, denied: [], failure: undefined },
  { hasCostExplorer: false, denied: [], failure: /Open it once in the console.*COST_ANOMALIES=off/ },
  { hasCostExplorer: false, denied: ['ce get-anomaly-monitors'], failure: undefined },
])('prod begins only where AWS can look for anomalies: %j', async ({ hasCostExplorer, denied, failure }) => {
  const prod = await newDeployment('prod')
  Object.assign(prod.aws, { hasCostExplorer, denied })
  const said = await prod.run('--yes')
  if (failure) expect(said).toMatch(failure)
  else expect(said).toBeUndefined()
  expect(prod.changed().length === 0).toBe(failure !== undefined)
  if (failure) expect(await prod.run('--dry-run')).toMatch(failure)
})

test('what is paid for is looked at once: a stage that serves asks Cost Explorer nothing, nor one without alarms', async () => {
  const prod = await newDeployment('prod')
  const dev = await newDeployment()
  expect([await prod.run('--yes'), await prod.run('--yes'), await dev.run('--yes')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect(prod.called().filter(call => call.startsWith('ce '))).toEqual(['ce get-anomaly-monitors'])
  expect(dev.called().filter(call => call.startsWith('ce '))).toEqual([])
})

test('rights that are missing are named', async () => {
  const dev = await newDeployment()
  dev.aws.denied = ['ssm get-parameters']
  expect(await dev.run()).toMatch(/not authorized to perform: ssm get-parameters.*docs\/deploying.md/s)
})

test('who is not signed in is told how', async () => {
  const dev = await newDeployment()
  dev.aws.isSignedIn = false
  expect(await dev.run()).toMatch(/AWS does not know who you are.*aws sts get-caller-identity/)
})

test('an extension without an id of the store gets the development build in, and the next steps say so', async () => {
  const dev = await newDeployment()
  await dev.writeSettings(without('EXTENSION_ID'))
  expect(await dev.run()).toBeUndefined()
  expect(dev.output()).toMatch(/EXTENSION_ID is not set/)
  expect(dev.output()).toMatch(/put the id into \.env\.dev as EXTENSION_ID/)
})

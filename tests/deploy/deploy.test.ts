import Stripe from 'stripe'
import { expect, test } from 'vitest'
import { developmentId } from '../../extension/build/development-id.ts'
import { handledEvents } from '../../scripts/deploy/stripe-endpoint.ts'
import { type Deployment, goodSettings, newDeployment, secretValues } from '../support/deployment.ts'

const endpointsOf = async ({ stripe }: Deployment) =>
  (await stripe.webhookEndpoints.list({ limit: 100 })).data

/** Calls in a row of one subcommand count once. */
const inOrder = (calls: readonly string[]): string[] =>
  calls.filter((call, index) => call !== calls[index - 1])

test('a first deployment does everything in its order', async () => {
  const dev = await newDeployment()
  dev.aws.lagPolls = 2
  expect(await dev.run()).toBeUndefined()
  expect(inOrder(dev.called())).toEqual([
    // Checks.
    'sts get-caller-identity',
    'cloudformation describe-stacks',
    'ssm get-parameters',
    // The bucket, the code and the template.
    'cloudformation describe-stacks',
    'cloudformation deploy',
    'cloudformation describe-stacks',
    's3api list-objects-v2',
    's3api put-object',
    // What is there already, and what would change.
    'dynamodb describe-table',
    's3api put-object',
    'cloudformation create-change-set',
    'cloudformation describe-change-set',
    // Secrets before what reads them.
    'ssm put-parameter',
    'cloudformation execute-change-set',
    'cloudformation describe-stack-events',
    'cloudformation describe-stacks',
    // The release.
    's3api list-objects-v2',
    's3api put-object',
    // Stripe's secret, and the functions that start anew with it.
    'ssm get-parameters',
    'ssm put-parameter',
    'ssm get-parameters',
    'cloudformation create-change-set',
    'cloudformation describe-change-set',
    'cloudformation execute-change-set',
    'cloudformation describe-stack-events',
  ])
  expect(dev.stack()).toMatchObject({
    status: 'UPDATE_COMPLETE',
    outputs: { Version: 'v1', UsersTableName: 'live-transcription-dev-users' },
  })
  expect(Object.keys(dev.aws.tables)).toContain('live-transcription-dev-users')
  for (const text of [
    dev.api.url,
    'dist/live-transcription-dev.zip',
    './deploy.sh dev rollback',
    './deploy.sh dev status',
  ]) {
    expect(dev.output()).toContain(text)
  }
})

test('the extension is built for the address of the stage', async () => {
  const dev = await newDeployment()
  await dev.run()
  expect(dev.extensions).toEqual([{ stage: 'dev', apiUrl: dev.api.url }])
})

test('Stripe is told exactly the events that are handled, in the version of the SDK', async () => {
  const dev = await newDeployment()
  await dev.run()
  const [endpoint, ...others] = await endpointsOf(dev)
  expect(others).toEqual([])
  expect(endpoint).toMatchObject({
    url: `${dev.api.url}/webhooks/stripe`,
    enabled_events: handledEvents,
    api_version: Stripe.API_VERSION,
    status: 'enabled',
    metadata: { service: 'live-transcription', stage: 'dev', region: 'us-east-1', account: '123456789012' },
  })
  expect(dev.secret('STRIPE_WEBHOOK_SECRET')).toMatch(/^whsec_/)
})

test('the same again does nothing', async () => {
  const dev = await newDeployment()
  await dev.run()
  const [before, endpoints] = [structuredClone(dev.aws), await endpointsOf(dev)]
  dev.aws.calls = []
  expect(await dev.run()).toBeUndefined()
  expect(dev.changed()).toEqual([])
  expect({ ...dev.aws, calls: [] }).toEqual({ ...before, calls: [] })
  expect(await endpointsOf(dev)).toEqual(endpoints)
  expect(dev.output()).toContain('nothing to change')
})

test('secrets reach AWS on stdin alone, and nobody reads them', async () => {
  const dev = await newDeployment()
  await dev.run()
  const secrets = [
    ...Object.values(secretValues),
    ...['JWT_SECRET', 'ASSEMBLYAI_WEBHOOK_SECRET', 'STRIPE_WEBHOOK_SECRET'].map(
      name => dev.secret(name) ?? '',
    ),
  ]
  const seen = [dev.output(), dev.uploaded(), ...dev.aws.calls.map(({ args }) => args.join(' '))].join('\n')
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(10)
    expect(seen.includes(secret)).toBe(false)
  }
  const handed = dev.aws.calls.flatMap(({ stdin }) => stdin ?? [])
  expect(handed.sort()).toEqual([...secrets].sort())
})

test('a secret that AWS refuses is not in the message', async () => {
  const dev = await newDeployment()
  dev.aws.denied = ['ssm put-parameter']
  const failure = await dev.run()
  expect(failure).toMatch(/AccessDenied.*put-parameter/s)
  for (const secret of Object.values(secretValues)) expect(failure).not.toContain(secret)
})

test('a changed secret alone is written, and the functions start anew', async () => {
  const dev = await newDeployment()
  await dev.run()
  const version = dev.stack()?.parameters.SecretsVersion
  dev.aws.calls = []
  await dev.writeSettings({ ...goodSettings, OPENAI_API_KEY: 'another-key-of-openai' })
  expect(await dev.run()).toBeUndefined()
  const written = dev.aws.calls.filter(({ args }) => args[1] === 'put-parameter')
  expect(written.map(({ args }) => args[args.indexOf('--name') + 1])).toEqual([
    '/live-transcription/dev/OPENAI_API_KEY',
  ])
  expect(dev.stack()?.parameters.SecretsVersion).not.toBe(version)
  expect(dev.stack()?.resources.AskLambdaFunction?.definition).toContain(
    dev.stack()?.parameters.SecretsVersion,
  )
})

test('secrets that nobody gives are made up once and kept', async () => {
  const dev = await newDeployment()
  await dev.run()
  const [jwt, webhook] = [dev.secret('JWT_SECRET'), dev.secret('ASSEMBLYAI_WEBHOOK_SECRET')]
  expect(Buffer.byteLength(jwt ?? '')).toBeGreaterThanOrEqual(32)
  expect(jwt).not.toBe(webhook)
  dev.setVersion('v2')
  await dev.run()
  expect([dev.secret('JWT_SECRET'), dev.secret('ASSEMBLYAI_WEBHOOK_SECRET')]).toEqual([jwt, webhook])
})

test('a new JWT_SECRET leaves the old one for the tokens that it signed', async () => {
  const dev = await newDeployment()
  await dev.run()
  const former = dev.secret('JWT_SECRET')
  const next = 'a signing secret of more than thirty-two bytes'
  await dev.writeSettings({ ...goodSettings, JWT_SECRET: next })
  expect(await dev.run()).toBeUndefined()
  expect([dev.secret('JWT_SECRET'), dev.secret('JWT_SECRET_PREVIOUS')]).toEqual([next, former])
  dev.aws.calls = []
  await dev.run()
  expect(dev.changed()).toEqual([])
})

test('secrets may be in SSM alone, as for a machine that deploys', async () => {
  const dev = await newDeployment()
  await dev.run()
  const plain = Object.entries(goodSettings).filter(([name]) => !(name in secretValues))
  await dev.writeSettings(Object.fromEntries(plain))
  dev.setVersion('v2')
  expect(await dev.run()).toBeUndefined()
  expect(dev.stack()?.outputs.Version).toBe('v2')
})

test('a new version is shown and asked about, and a no changes nothing', async () => {
  const dev = await newDeployment()
  await dev.run()
  dev.setVersion('v2')
  dev.answers.push(false)
  expect(await dev.run()).toMatch(/Not deployed. Nothing was changed/)
  expect(dev.output()).toMatch(/change .*Lambda::Function/)
  expect(dev.stack()?.outputs.Version).toBe('v1')
  dev.answers.push(true)
  expect(await dev.run()).toBeUndefined()
  expect(dev.stack()?.outputs.Version).toBe('v2')
})

/** The deployed table as an older template had it: what is deployed now would replace it. */
const withOtherKey = async (): Promise<Deployment> => {
  const dev = await newDeployment()
  await dev.run()
  const table = dev.stack()?.resources.UsersTable
  if (table)
    table.definition = table.definition.replace(
      '"KeySchema":[{"AttributeName":"user_id"',
      '"KeySchema":[{"AttributeName":"id"',
    )
  dev.setVersion('v2')
  return dev
}

test.for([
  { name: 'nobody is there', args: [], answers: [], failure: /--allow-data-loss/ },
  { name: 'yes is said to everything', args: ['--yes'], answers: [], failure: /--allow-data-loss/ },
  { name: 'another name is typed', args: ['--yes'], answers: ['prod'], failure: /stage was not typed/ },
])('a table is not replaced when $name', async ({ args, answers, failure }) => {
  const dev = await withOtherKey()
  dev.answers.push(...answers)
  expect(await dev.run(...args)).toMatch(failure)
  expect(dev.output()).toMatch(/REPLACE.*UsersTable.*data/)
  expect(dev.stack()).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { Version: 'v1' }, changeSets: {} })
})

test.for([
  { name: 'its stage is typed', args: [], answers: ['dev'] },
  { name: 'it is allowed beforehand', args: ['--allow-data-loss'], answers: [] },
])('a table is replaced when $name', async ({ args, answers }) => {
  const dev = await withOtherKey()
  dev.answers.push(...answers)
  expect(await dev.run(...args)).toBeUndefined()
  expect(dev.stack()?.outputs.Version).toBe('v2')
})

test('an update that fails says why, leaves the old version serving, and can be run again', async () => {
  const dev = await newDeployment()
  await dev.run()
  dev.setVersion('v2')
  dev.aws.failingResource = 'AskLambdaFunction'
  const failure = await dev.run()
  expect(failure).toMatch(/AskLambdaFunction \(AWS::Lambda::Function\): .*Told to fail/)
  expect(failure).toMatch(/version from before serves/)
  expect(failure).not.toMatch(/cancelled/)
  expect(dev.stack()).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', outputs: { Version: 'v1' } })
  expect(await dev.run()).toBeUndefined()
  expect(dev.stack()?.outputs.Version).toBe('v2')
})

/** A deployment that CloudFormation refuses for what it finds there before it does anything. */
const foundEarly = async (): Promise<Deployment> => {
  const dev = await newDeployment()
  dev.aws.foundEarly = 'DeadLetters'
  return dev
}

test('a change set that is refused before anything is done says for which resource, and why', async () => {
  const dev = await foundEarly()
  expect(await dev.run()).toMatch(
    /ResourceExistenceCheck[\s\S]*DeadLetters \(AWS::SQS::Queue\): .*already exists/,
  )
  expect(dev.stack()?.changeSets).toEqual({})
})

test.for(['denied', 'unknown'] as const)(
  'a change set that is refused says as much as it can where asking for more is %s',
  async way => {
    const dev = await foundEarly()
    dev.aws[way] = ['cloudformation describe-events']
    expect(await dev.run()).toMatch(/can't make this of live-transcription-dev.*ResourceExistenceCheck/)
    expect(dev.stack()?.changeSets).toEqual({})
  },
)

test('a first deployment that fails is cleared away by the next, which takes its tables in', async () => {
  const dev = await newDeployment()
  dev.aws.failingResource = 'AskLambdaFunction'
  expect(await dev.run()).toMatch(/Told to fail[\s\S]*Nothing served before/)
  expect(dev.stack()?.status).toBe('ROLLBACK_COMPLETE')
  dev.aws.tables['live-transcription-dev-users']?.items.push({ user_id: { S: 'kept' } })
  expect(await dev.run()).toBeUndefined()
  expect(dev.stack()?.outputs.Version).toBe('v1')
  expect(dev.aws.tables['live-transcription-dev-users']?.items).toEqual([{ user_id: { S: 'kept' } }])
})

test.for([
  ['ROLLBACK_FAILED', /Nothing served before[\s\S]*delete-stack/],
  ['UPDATE_ROLLBACK_FAILED', /^(?!.*Nothing served).*continue-update-rollback/s],
  ['IMPORT_ROLLBACK_FAILED', /^(?!.*Nothing served).*Don't delete it/s],
] as const)('an operation that ends in %s says what to do with what there is', async ([state, advice]) => {
  const dev = await newDeployment()
  await dev.run()
  dev.setVersion('v2')
  dev.aws.failingResource = 'AskLambdaFunction'
  dev.aws.failedStatus = state
  const failure = await dev.run()
  expect(failure).toMatch(/Told to fail/)
  expect(failure).toMatch(advice)
})

test('a table that lost its stack between two steps of an import is taken in all the same', async () => {
  const dev = await newDeployment()
  await dev.run()
  const before = dev.aws.tables
  dev.answers.push('dev')
  expect(await dev.run('remove')).toBeUndefined()
  expect(dev.stack()).toBeUndefined()
  dev.aws.failingResource = 'AskLambdaFunction'
  expect(await dev.run()).toMatch(/Told to fail/)
  expect(dev.stack()?.resources).toHaveProperty('UsersTable')
  expect(await dev.run()).toBeUndefined()
  expect(dev.aws.tables).toEqual(before)
  expect(dev.stack()?.resources).toHaveProperty('AskLambdaFunction')
})

test.for([
  [
    '/health',
    { status: 'unhealthy', version: 'v1', problems: ['OPENAI_API_KEY is missing'] },
    503,
    /OPENAI_API_KEY/,
  ],
  ['/health', { status: 'healthy', version: 'v0' }, 200, /version v0, not v1/],
  ['/auth/register', { code: 'internal_error' }, 500, /register answered 500 \(internal_error\)/],
  ['/webhooks/stripe', { received: true }, 200, /webhooks\/stripe answered 200, not 400/],
] as const)('what fails the smoke test is told: %s %j', async ([path, body, statusCode, failure]) => {
  const dev = await newDeployment()
  dev.api.routes[path] = (_request, response) => {
    response.writeHead(statusCode).end(JSON.stringify(body))
  }
  const text = await dev.run()
  expect(text).toMatch(failure)
  expect(text).toContain('./deploy.sh dev rollback')
  expect(dev.output().match(/FAILED/g)).toHaveLength(1)
})

test.for([
  ['*', /elsewhere\.example in/],
  ['https://elsewhere.example', /elsewhere\.example in/],
  ['chrome-extension://anotherextension', new RegExp(`not chrome-extension://${developmentId}`)],
] as const)('an API that lets %s in fails the smoke test', async ([origin, failure]) => {
  const dev = await newDeployment()
  dev.api.routes['/credits/balance'] = (_request, response) => {
    response.writeHead(204, { 'access-control-allow-origin': origin }).end()
  }
  expect(await dev.run()).toMatch(failure)
})

test('an API that nobody reaches fails the smoke test', async () => {
  const dev = await newDeployment()
  dev.aws.apiUrl = 'http://127.0.0.1:1'
  expect(await dev.run()).toMatch(/does not work as it should[\s\S]*fetch failed/)
})

test('the smoke test opens one account, however often it runs', async () => {
  const dev = await newDeployment()
  await dev.run()
  await dev.run()
  const emails = dev.api.received
    .filter(({ url }) => url.pathname === '/auth/register')
    .map(({ body }) => JSON.parse(body).email)
  expect(emails).toEqual(['smoke-test@example.com', 'smoke-test@example.com'])
})

import { expect, test } from 'vitest'
import { type Deployment, newDeployment } from '../support/deployment.ts'

const deployed = async (stage = 'dev'): Promise<Deployment> => {
  const deployment = await newDeployment(stage)
  expect(await deployment.run()).toBeUndefined()
  return deployment
}

test('a stage is removed once its name is typed, and its tables, secrets and releases stay', async () => {
  const dev = await deployed()
  dev.answers.push('dev')
  expect(await dev.run('remove')).toBeUndefined()
  expect(dev.stack()).toBeUndefined()
  expect(Object.keys(dev.aws.tables).sort()).toEqual([
    'live-transcription-dev-transactions',
    'live-transcription-dev-usage',
    'live-transcription-dev-users',
  ])
  expect(dev.secret('JWT_SECRET')).toBeDefined()
  expect((await dev.stripe.webhookEndpoints.list()).data).toEqual([])
  for (const text of ['live-transcription-dev-users', '/live-transcription/dev/', 'a GB and month']) {
    expect(dev.output()).toContain(text)
  }
})

test.for([
  { args: ['--yes'], answers: [] },
  { args: ['--yes'], answers: ['prod'] },
  { args: ['--confirm', 'prod'], answers: [] },
])('a stage is not removed without its name: %j', async ({ args, answers }) => {
  const dev = await deployed()
  dev.answers.push(...answers)
  expect(await dev.run('remove', ...args)).toMatch(/Nothing was changed/)
  expect(dev.stack()).toBeDefined()
})

test('a stage is removed by a machine that names it', async () => {
  const dev = await deployed()
  expect(await dev.run('remove', '--confirm', 'dev')).toBeUndefined()
  expect(dev.stack()).toBeUndefined()
  expect(await dev.run('remove')).toBeUndefined()
  expect(dev.output()).toContain('is not deployed')
})

test('a removed stage comes back with the data that it had', async () => {
  const dev = await deployed()
  dev.aws.tables['live-transcription-dev-users']?.items.push({ user_id: { S: 'kept' } })
  await dev.run('remove', '--confirm', 'dev')
  expect(await dev.run()).toBeUndefined()
  expect(dev.output()).toMatch(/tables already, which are taken in/)
  expect(dev.aws.tables['live-transcription-dev-users']?.items).toEqual([{ user_id: { S: 'kept' } }])
  expect((await dev.stripe.webhookEndpoints.list()).data).toHaveLength(1)
})

const smokeAccount = [
  { user_id: { S: 'email#smoke-test@example.com' } },
  { user_id: { S: '1' }, email: { S: 'smoke-test@example.com' } },
]

test.for([
  ['live-transcription-prod-users', [...smokeAccount, { user_id: { S: '2' }, email: { S: 'a@b.c' } }]],
  ['live-transcription-prod-usage', [{ user_id: { S: '2' } }]],
  ['live-transcription-prod-transactions', [{ user_id: { S: '2' } }]],
] as const)('production is not removed while %s holds data', async ([table, items]) => {
  const prod = await deployed('prod')
  prod.aws.tables[table] = { items: [...items] }
  expect(await prod.run('remove', '--confirm', 'prod')).toMatch(/holds data of listeners/)
  expect(prod.stack()).toBeDefined()
})

test('production that holds nothing but the account of the smoke test can be removed', async () => {
  const prod = await deployed('prod')
  prod.aws.tables['live-transcription-prod-users'] = { items: smokeAccount }
  prod.aws.tables['live-transcription-prod-transactions'] = { items: [{ user_id: { S: '1' } }] }
  expect(await prod.run('remove', '--confirm', 'prod')).toBeUndefined()
})

test('a removal that is broken off is finished by the next', async () => {
  const dev = await deployed()
  for (let number = 1; dev.stack() !== undefined; number += 1) {
    dev.aws.calls = []
    dev.aws.failingCall = { number, isDone: false }
    await dev.run('remove', '--confirm', 'dev')
  }
  dev.aws.failingCall = undefined
  expect(await dev.run('remove', '--confirm', 'dev')).toBeUndefined()
  expect(await dev.run()).toBeUndefined()
})

const endpointsOf = async ({ stripe }: Deployment) => (await stripe.webhookEndpoints.list()).data

test('a stage that can not be removed goes on getting what Stripe sends', async () => {
  const dev = await deployed()
  dev.aws.denied = ['cloudformation delete-stack']
  expect(await dev.run('remove', '--confirm', 'dev')).toMatch(/not authorized/)
  expect(await endpointsOf(dev)).toMatchObject([{ status: 'enabled' }])
})

test("what a removal that was broken off left at Stripe is cleared away by the next, but for another region's", async () => {
  const dev = await deployed()
  const [here] = await endpointsOf(dev)
  if (here === undefined) throw new Error('There is no endpoint.')
  const { id: elsewhere } = await dev.stripe.webhookEndpoints.create({
    url: 'https://elsewhere.example/webhooks/stripe',
    enabled_events: ['checkout.session.completed'],
    metadata: { ...here.metadata, region: 'eu-west-1' },
  })
  await dev.run('remove', '--confirm', 'dev')
  expect(await endpointsOf(dev)).toMatchObject([{ id: elsewhere }])
  const { id } = await dev.stripe.webhookEndpoints.create({
    url: here.url,
    enabled_events: ['checkout.session.completed'],
    metadata: here.metadata,
  })
  expect(await dev.run('remove', '--dry-run')).toBeUndefined()
  expect((await endpointsOf(dev)).map(endpoint => endpoint.id).sort()).toEqual([id, elsewhere].sort())
  expect(await dev.run('remove')).toBeUndefined()
  expect(await endpointsOf(dev)).toMatchObject([{ id: elsewhere }])
})

test.for([0, 2])(
  'a stack that can not be deleted is said to be so, however often: seen %i times',
  async seen => {
    const dev = await deployed()
    Object.assign(dev.aws, { keepsStacks: true, lagPolls: seen })
    for (const _time of ['the first', 'the second']) {
      expect(await dev.run('remove', '--confirm', 'dev')).toMatch(
        /could not be deleted \(DELETE_FAILED\).*describe-stack-events/,
      )
    }
    dev.aws.keepsStacks = false
    expect(await dev.run('remove', '--confirm', 'dev')).toBeUndefined()
    expect(dev.stack()).toBeUndefined()
  },
)

import { expect, test } from 'vitest'
import { goodSettings, newDeployment } from '../support/deployment.ts'

test('a dry run of a first deployment changes nothing and tells what it would make', async () => {
  const dev = await newDeployment()
  expect(await dev.run('--dry-run')).toBeUndefined()
  expect(dev.changed()).toEqual([])
  expect(dev.output()).toMatch(/add .*DynamoDB::Table/)
  expect(dev.output()).toMatch(/Secrets that would be written: .*OPENAI_API_KEY/)
  expect((await dev.stripe.webhookEndpoints.list()).data).toEqual([])
  expect(dev.api.received).toEqual([])
})

test('a dry run tells what differs from what serves, and nothing when nothing does', async () => {
  const dev = await newDeployment()
  await dev.run()
  dev.aws.calls = []
  await dev.run('--dry-run')
  expect(dev.output()).toContain('nothing would change')
  dev.setVersion('v2')
  await dev.writeSettings({ ...goodSettings, OPENAI_API_KEY: 'another-key-of-openai' })
  expect(await dev.run('--dry-run')).toBeUndefined()
  expect(dev.output()).toMatch(/AskLambdaFunction|resources.*Lambda::Function/)
  expect(dev.output()).toContain('Secrets that would be written: OPENAI_API_KEY')
  expect(dev.changed()).toEqual([])
})

test('a dry run needs no account and no network, and says what it could not check', async () => {
  const dev = await newDeployment()
  dev.aws.isSignedIn = false
  await dev.stopStripe()
  expect(await dev.run('--dry-run')).toBeUndefined()
  expect(dev.output()).toMatch(/not checked: AWS does not know who you are/)
  expect(dev.output()).toMatch(/not checked: Stripe can't be reached/)
  expect(dev.output()).toMatch(/add .*Lambda::Function/)
  expect(dev.changed()).toEqual([])
})

test('a dry run without the command line of AWS goes on all the same', async () => {
  const dev = await newDeployment()
  dev.aws.version = '1.45.11'
  expect(await dev.run('--dry-run')).toBeUndefined()
  expect(dev.output()).toMatch(/not checked: The AWS command line 1\.45\.11 is too old/)
  expect(dev.aws.calls).toEqual([])
})

test('a dry run without an account names the secrets that the file lacks, beside what is wrong', async () => {
  const dev = await newDeployment()
  dev.aws.isSignedIn = false
  const { OPENAI_API_KEY, TWITCH_CLIENT_ID, TWITCH_CLIENT_SECRET, ...settings } = goodSettings
  await dev.writeSettings({ ...settings, XRAY: 'perhaps' })
  const problem = await dev.run('--dry-run')
  expect(problem).toMatch(/XRAY must be on or off/)
  expect(problem).toContain('not checked: SSM must have OPENAI_API_KEY, or .env.dev does.')
})

test('a stage goes into service without Twitch', async () => {
  const dev = await newDeployment()
  const { TWITCH_CLIENT_ID, TWITCH_CLIENT_SECRET, TWITCH_PLAYBACK_CLIENT_ID, ...settings } = goodSettings
  await dev.writeSettings(settings)
  expect(await dev.run()).toBeUndefined()
  expect(dev.output()).toContain('dev is in service.')
})

test('a dry run finds wrong settings', async () => {
  const dev = await newDeployment()
  await dev.writeSettings({ ...goodSettings, XRAY: 'perhaps' })
  expect(await dev.run('--dry-run')).toMatch(/XRAY must be on or off/)
})

test.for([['rollback'], ['remove'], ['switch-tables', 'original']])(
  'a dry run of %j changes nothing that serves',
  async args => {
    const dev = await newDeployment()
    await dev.run()
    dev.setVersion('v2')
    await dev.run()
    const before = structuredClone(dev.stack())
    const endpoints = (await dev.stripe.webhookEndpoints.list()).data
    expect(await dev.run(...args, '--dry-run')).toBeUndefined()
    expect(dev.stack()).toEqual(before)
    expect((await dev.stripe.webhookEndpoints.list()).data).toEqual(endpoints)
  },
)

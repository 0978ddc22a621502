import { expect, test } from 'vitest'
import { type Deployment, newDeployment } from '../support/deployment.ts'
import { answer as respond } from '../support/route-server.ts'

const deployed = async (): Promise<Deployment> => {
  const dev = await newDeployment()
  expect(await dev.run()).toBeUndefined()
  dev.aws.calls = []
  return dev
}

test('status tells what is deployed and that it is well, and changes nothing', async () => {
  const dev = await deployed()
  expect(await dev.run('status')).toBeUndefined()
  for (const text of [
    'UPDATE_COMPLETE',
    'v1',
    dev.api.url,
    'healthy',
    'alarms         none',
    'dead letters   0',
  ]) {
    expect(dev.output()).toContain(text)
  }
  expect(dev.output()).toMatch(/release +2026-11-29T12:\S+ +v1 +[0-9a-f]{20}/)
  expect(dev.changed()).toEqual([])
})

test('status tells everything that is wrong', async () => {
  const dev = await deployed()
  dev.aws.alarms = ['live-transcription-dev-api-5xx', 'live-transcription-prod-api-5xx']
  dev.aws.deadLetters = 3
  dev.api.routes['/health'] = respond({ status: 'unhealthy', problems: ['JWT_SECRET is missing'] }, 503)
  expect(await dev.run('status')).toMatch(/Not well: health, alarms, dead letters/)
  expect(dev.output()).toContain('unhealthy; JWT_SECRET is missing')
  expect(dev.output()).toMatch(/alarms +live-transcription-dev-api-5xx$/m)
  expect(dev.output()).toMatch(/dead letters +3/)
})

test.each([
  { mails: ['confirmed'], says: /alarm mail +confirmed$/m, isWell: true },
  {
    mails: ['confirmed', 'pending'],
    says: /alarm mail +not confirmed: .*expired.* aws sns subscribe .*--notification-endpoint mail-1@example\.com/,
    isWell: false,
  },
  { mails: [], says: /alarm mail +to nobody: ALARM_EMAIL is not set/, isWell: true },
] as const)('status tells whether alarms reach anybody: $says', async ({ mails, says, isWell }) => {
  const dev = await deployed()
  dev.aws.alarmMails = [...mails]
  expect(await dev.run('status')).toEqual(
    isWell ? undefined : expect.stringContaining('Not well: alarm mail'),
  )
  expect(dev.output()).toMatch(says)
})

test.for([{ mails: [] }, { mails: ['deleted' as const] }])(
  'status tells that the mail of alarms is gone that the stack had: $mails',
  async ({ mails }) => {
    const dev = await deployed()
    const stack = dev.stack()
    if (!stack) throw new Error('There is no stack.')
    stack.template.Conditions = { ...stack.template.Conditions, HasAlarmEmail: { 'Fn::Equals': ['', ''] } }
    const { Properties: mail } = stack.template.Resources.AlarmMail ?? {}
    if (mail) mail.Endpoint = 'operator@example.com'
    dev.aws.alarmMails = mails
    expect(await dev.run('status')).toMatch(/Not well: alarm mail/)
    expect(dev.output()).toMatch(
      /alarm mail +gone: .*not confirmed in time.*unsubscribed.* aws sns subscribe --topic-arn \S+ --protocol email --notification-endpoint operator@example\.com --region us-east-1/,
    )
  },
)

test('in prod alarms that reach nobody are a trouble', async () => {
  const prod = await newDeployment('prod')
  expect(await prod.run('--yes')).toBeUndefined()
  expect(await prod.run('status')).toMatch(/Not well: alarm mail/)
})

test('status tells a stack that is being changed, and one that answers nobody', async () => {
  const dev = await deployed()
  const stack = dev.stack()
  if (!stack) throw new Error('There is no stack.')
  stack.status = 'UPDATE_IN_PROGRESS'
  stack.outputs.ApiUrl = 'http://127.0.0.1:1'
  expect(await dev.run('status')).toMatch(/Not well: stack, health/)
  expect(dev.output()).toContain('no answer')
})

test('a stage that is not deployed has no status', async () => {
  const dev = await newDeployment()
  expect(await dev.run('status')).toMatch(/dev is not deployed in us-east-1/)
})

test('logs shows what a function has logged, or follows it', async () => {
  const dev = await deployed()
  expect(await dev.run('logs', 'auth-login', '--since', '2h')).toBeUndefined()
  expect(dev.output()).toContain('a line of /aws/lambda/live-transcription-dev-auth-login')
  expect(dev.aws.calls.at(-1)?.args).toEqual(expect.arrayContaining(['--since', '2h']))
  expect(await dev.run('logs', 'auth-login', '--follow')).toBeUndefined()
  expect(dev.aws.calls.at(-1)?.args).toContain('--follow')
})

test('a function that is not there is answered with those that are', async () => {
  const dev = await deployed()
  expect(await dev.run('logs', 'auth-lgoin')).toMatch(/no function "auth-lgoin".*auth-login.*webhook-stripe/)
})

import { expect, test } from 'vitest'
import { restoredSuffix } from '../support/deployable-project.ts'
import { type Deployment, newDeployment } from '../support/deployment.ts'
import { isChange } from '../support/fake-aws/answer.ts'

const kinds = ['users', 'usage', 'transactions']
const named = (suffix = ''): string[] => kinds.map(kind => `live-transcription-dev-${kind}${suffix}`)

/** A stage that serves, with tables beside its own that a restore has made. */
const restored = async (): Promise<Deployment> => {
  const dev = await newDeployment()
  expect(await dev.run()).toBeUndefined()
  for (const name of named()) dev.aws.tables[name]?.items.push({ user_id: { S: 'spoilt' } })
  for (const name of named(restoredSuffix)) dev.aws.tables[name] = { items: [{ user_id: { S: 'good' } }] }
  dev.aws.calls = []
  return dev
}

const expectSwitched = (dev: Deployment, where = ''): void => {
  const resources = dev.stack()?.resources
  const physical = ['UsersTable', 'UsageTable', 'TransactionsTable'].map(id => resources?.[id]?.physicalId)
  expect(physical, where).toEqual(named(restoredSuffix))
  expect(dev.stack()?.outputs, where).toMatchObject({
    TablesSuffix: restoredSuffix,
    UsersTableName: `live-transcription-dev-users${restoredSuffix}`,
  })
  const users = `"USERS_TABLE":"live-transcription-dev-users${restoredSuffix}"`
  expect(resources?.AuthDashloginLambdaFunction?.definition, where).toContain(users)
  for (const name of named(restoredSuffix))
    expect(dev.aws.tables[name]?.items, where).toEqual([{ user_id: { S: 'good' } }])
  for (const name of named())
    expect(dev.aws.tables[name]?.items, where).toEqual([{ user_id: { S: 'spoilt' } }])
}

test('restored tables take the place of those that serve, which stay', async () => {
  const dev = await restored()
  dev.answers.push('dev', true, true)
  expect(await dev.run('switch-tables', restoredSuffix)).toBeUndefined()
  expectSwitched(dev)
  expect(dev.output()).toMatch(/leave out \(kept\).*UsersTable/)
  expect(dev.output()).toMatch(/take in .*DynamoDB::Table/)
  expect(dev.aws.calls.filter(({ args }) => args[1] === 'execute-change-set')).toHaveLength(3)
})

test('a switch by hand tells what takes out of the tables who was erased since', async () => {
  const dev = await restored()
  await dev.run('switch-tables', restoredSuffix, '--allow-data-loss')
  const told = 'npm run ops -- restore --at 2026-11-29T12:00:00Z --apply --stage dev --region us-east-1'
  expect(dev.output()).toContain(told)
  await dev.run('switch-tables', 'original', '--allow-data-loss')
  expect(dev.output()).not.toContain('npm run ops -- restore')
})

test('restored tables are taken in as what they are, and nothing else is done to them', async () => {
  const dev = await restored()
  const definition = dev.stack()?.resources.UsersTable?.definition ?? ''
  await dev.run('switch-tables', restoredSuffix, '--allow-data-loss')
  const name = (suffix: string): string => `"TableName":"live-transcription-dev-users${suffix}"`
  expect(JSON.parse(dev.stack()?.resources.UsersTable?.definition ?? '')).toEqual(
    JSON.parse(definition.replace(name(''), name(restoredSuffix))),
  )
  expect(dev.output()).not.toMatch(/change.*DynamoDB::Table/)
})

test('whoever has answered already is not asked: ops restore has', async () => {
  const dev = await restored()
  expect(await dev.run('switch-tables', restoredSuffix, '--yes')).toBeUndefined()
  expectSwitched(dev)
})

test('later deployments keep to the tables', async () => {
  const dev = await restored()
  await dev.run('switch-tables', restoredSuffix, '--allow-data-loss')
  dev.aws.calls = []
  expect(await dev.run()).toBeUndefined()
  expect(dev.changed()).toEqual([])
  dev.setVersion('v2')
  expect(await dev.run()).toBeUndefined()
  expectSwitched(dev)
})

test('the tables stay in service after the stack was removed and made again', async () => {
  const dev = await restored()
  await dev.run('switch-tables', restoredSuffix, '--allow-data-loss')
  await dev.run('remove', '--confirm', 'dev')
  expect(await dev.run()).toBeUndefined()
  expectSwitched(dev)
})

test('the first tables can be switched back to', async () => {
  const dev = await restored()
  await dev.run('switch-tables', restoredSuffix, '--allow-data-loss')
  expect(await dev.run('switch-tables', 'original', '--allow-data-loss')).toBeUndefined()
  expect(dev.stack()?.resources.UsersTable?.physicalId).toBe('live-transcription-dev-users')
  expect(dev.stack()?.outputs.TablesSuffix).toBeUndefined()
})

test('a release from before the switch is not rolled back to', async () => {
  const dev = await restored()
  await dev.run('switch-tables', restoredSuffix, '--allow-data-loss')
  expect(await dev.run('rollback')).toMatch(/would replace or delete/)
  expectSwitched(dev)
})

test('tables that are not all there are not switched to', async () => {
  const dev = await restored()
  delete dev.aws.tables[`live-transcription-dev-usage${restoredSuffix}`]
  expect(await dev.run('switch-tables', restoredSuffix, '--allow-data-loss')).toMatch(
    /Nothing was changed.*live-transcription-dev-usage-r\d+ \(not there\)/,
  )
  expect(dev.changed()).toEqual([])
})

test.for(['r2026', '-rx', 'users'])('%s is no suffix', async suffix => {
  const dev = await restored()
  expect(await dev.run('switch-tables', '--', suffix)).toMatch(/no suffix/)
  expect(dev.changed()).toEqual([])
})

test('the switch is refused where nobody types the stage', async () => {
  const dev = await restored()
  expect(await dev.run('switch-tables', restoredSuffix)).toMatch(/--allow-data-loss/)
  expect(dev.stack()?.resources.UsersTable?.physicalId).toBe('live-transcription-dev-users')
})

test('a switch that is broken off at any call that changes something is finished by the same command', async () => {
  const whole = await restored()
  expect(await whole.run('switch-tables', restoredSuffix, '--allow-data-loss')).toBeUndefined()
  const failures = whole.aws.calls.flatMap(({ args }, index) =>
    isChange(args) ? [false, true].map(isDone => ({ number: index + 1, isDone })) : [],
  )
  expect(failures.length).toBeGreaterThan(10)
  for (const failingCall of failures) {
    const dev = await restored()
    dev.aws.failingCall = failingCall
    const where = `call ${failingCall.number}, ${failingCall.isDone ? 'done' : 'not done'}`
    expect(await dev.run('switch-tables', restoredSuffix, '--allow-data-loss'), where).toBeDefined()
    dev.aws.failingCall = undefined
    expect(await dev.run('switch-tables', restoredSuffix, '--allow-data-loss'), where).toBeUndefined()
    expectSwitched(dev, where)
  }
})

/** A switch whose `number`th change set was not carried out. */
const brokenOffAt = async (number: number): Promise<Deployment> => {
  const whole = await restored()
  await whole.run('switch-tables', restoredSuffix, '--allow-data-loss')
  const executions = whole.aws.calls.flatMap(({ args }, index) =>
    args[1] === 'execute-change-set' ? [index + 1] : [],
  )
  const dev = await restored()
  dev.aws.failingCall = { number: executions[number - 1] ?? 0, isDone: false }
  expect(await dev.run('switch-tables', restoredSuffix, '--allow-data-loss')).toBeDefined()
  dev.aws.failingCall = undefined
  return dev
}

test('a switch that is broken off once the tables have left is undone by a deployment', async () => {
  const dev = await brokenOffAt(2)
  expect(dev.stack()?.resources).not.toHaveProperty('UsersTable')
  expect(await dev.run()).toBeUndefined()
  expect(dev.stack()?.resources.UsersTable?.physicalId).toBe('live-transcription-dev-users')
  expect(dev.aws.tables['live-transcription-dev-users']?.items).toEqual([{ user_id: { S: 'spoilt' } }])
})

test('a switch that is broken off once the others are in is finished by a deployment', async () => {
  const dev = await brokenOffAt(3)
  expect(dev.stack()?.outputs.TablesSuffix).toBeUndefined()
  expect(await dev.run()).toBeUndefined()
  expectSwitched(dev)
})

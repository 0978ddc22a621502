import { expect, test } from 'vitest'
import { type Deployment, newDeployment } from '../support/deployment.ts'

const releases = async (...versions: string[]): Promise<Deployment> => {
  const dev = await newDeployment()
  for (const version of versions) {
    dev.setVersion(version)
    expect(await dev.run()).toBeUndefined()
  }
  dev.aws.calls = []
  return dev
}

test('a rollback puts the release before back into service, without building anything', async () => {
  const dev = await releases('v1', 'v2')
  expect(await dev.run('rollback')).toBeUndefined()
  expect(dev.stack()?.outputs.Version).toBe('v1')
  expect(dev.output()).toMatch(/Back to version v1/)
  expect(dev.output()).toMatch(/ok +healthy/)
})

test('a rollback can itself be undone', async () => {
  const dev = await releases('v1', 'v2')
  await dev.run('rollback')
  expect(await dev.run('rollback')).toBeUndefined()
  expect(dev.stack()?.outputs.Version).toBe('v2')
})

test('a release further back is named by its version', async () => {
  const dev = await releases('v1', 'v2', 'v3')
  expect(await dev.run('rollback', '--to', 'v1')).toBeUndefined()
  expect(dev.stack()?.outputs.Version).toBe('v1')
  expect(await dev.run('rollback', '--to', 'v9')).toMatch(/no release v9/)
})

test('what was never deployed twice can not go back', async () => {
  const dev = await releases('v1')
  expect(await dev.run('rollback')).toMatch(/no release before this one/)
  const none = await newDeployment()
  expect(await none.run('rollback')).toMatch(/not deployed in us-east-1/)
})

test('a rollback keeps the secrets as they are', async () => {
  const dev = await releases('v1', 'v2')
  const version = dev.stack()?.parameters.SecretsVersion
  await dev.run('rollback')
  expect(dev.stack()?.parameters.SecretsVersion).toBe(version)
  dev.aws.calls = []
  expect(dev.called()).not.toContain('ssm put-parameter')
})

test('a rollback that would replace a table is refused, whatever is allowed', async () => {
  const dev = await releases('v1', 'v2')
  const table = dev.stack()?.resources.UsersTable
  if (table) table.definition = table.definition.replace('-users"', '-users-of-v2"')
  expect(await dev.run('rollback', '--yes', '--allow-data-loss')).toMatch(/would replace or delete/)
  expect(dev.output()).toMatch(/REPLACE.*UsersTable/)
  expect(dev.stack()).toMatchObject({ changeSets: {}, outputs: { Version: 'v2' } })
})

test('a no leaves the release that serves', async () => {
  const dev = await releases('v1', 'v2')
  dev.answers.push(false)
  expect(await dev.run('rollback')).toMatch(/Nothing was changed/)
  expect(dev.stack()?.outputs.Version).toBe('v2')
})

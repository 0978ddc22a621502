import { expect, test } from 'vitest'
import { type Deployment, newDeployment } from '../support/deployment.ts'
import { isChange } from '../support/fake-aws/answer.ts'

interface Failure {
  readonly number: number
  readonly isDone: boolean
}

/** Every way in which a run can be broken off: at each call, and for those that change something also after it. */
const failuresOf = async (
  prepare: (dev: Deployment) => Promise<void>,
  args: readonly string[],
): Promise<Failure[]> => {
  const dev = await newDeployment()
  await prepare(dev)
  dev.aws.calls = []
  expect(await dev.run(...args)).toBeUndefined()
  return dev.aws.calls.flatMap((call, index) => {
    const number = index + 1
    const before = { number, isDone: false }
    return isChange(call.args) ? [before, { number, isDone: true }] : [before]
  })
}

const firstTime = () => Promise.resolve()
const anotherVersion = async (dev: Deployment): Promise<void> => {
  await dev.run()
  dev.setVersion('v2')
}
const twoReleases = async (dev: Deployment): Promise<void> => {
  await anotherVersion(dev)
  await dev.run()
}

interface Case {
  readonly name: string
  readonly prepare: (dev: Deployment) => Promise<void>
  readonly args: string[]
  readonly version: string
}

const cases: Case[] = [
  { name: 'a first deployment', prepare: firstTime, args: [], version: 'v1' },
  { name: 'another version', prepare: anotherVersion, args: [], version: 'v2' },
  { name: 'a rollback', prepare: twoReleases, args: ['rollback'], version: 'v1' },
]

test.for(cases)(
  '$name that is broken off at any call of AWS is finished by the next run',
  async ({ prepare, args, version }) => {
    const failures = await failuresOf(prepare, args)
    expect(failures.length).toBeGreaterThan(10)
    for (const failingCall of failures) {
      const dev = await newDeployment()
      await prepare(dev)
      dev.aws.calls = []
      dev.aws.failingCall = failingCall
      const where = `call ${failingCall.number}, ${failingCall.isDone ? 'done' : 'not done'}`
      expect(`${where}: ${await dev.run(...args)}`).toMatch(/run the same command again|Nothing was changed/i)
      dev.aws.failingCall = undefined
      // A rollback that was carried out before it was broken off would be undone by another.
      const isBack = args.length > 0 && dev.stack()?.outputs.Version === version
      if (!isBack) expect(await dev.run(...args), where).toBeUndefined()
      expect(dev.stack()?.outputs.Version, where).toBe(version)
      expect((await dev.stripe.webhookEndpoints.list()).data.length, where).toBe(1)
    }
  },
)

import { expect, test } from 'vitest'
import { newDeployment } from '../support/deployment.ts'

test('a change set that is never ready is not waited for without end', async () => {
  const dev = await newDeployment()
  await dev.run()
  dev.setVersion('v2')
  dev.aws.lagPolls = Number.POSITIVE_INFINITY
  expect(await dev.run()).toMatch(/change set .* has not ended for two hours/)
})

test('an operation that never ends is not waited for without end, and goes on', async () => {
  const dev = await newDeployment()
  await dev.run()
  dev.setVersion('v2')
  // Of the change set's own making nothing is to be waited for.
  Object.defineProperty(dev.aws, 'lagPolls', {
    get: () => (dev.called().at(-1) === 'cloudformation execute-change-set' ? Number.POSITIVE_INFINITY : 0),
  })
  expect(await dev.run()).toMatch(/has not ended for two hours.*\.\/deploy\.sh dev status/)
})

import { expect, test } from 'vitest'
import { newDeployment } from '../support/deployment.ts'

test('a first deployment makes everything, in order', async () => {
  const dev = await newDeployment()
  expect(await dev.run()).toBeUndefined()
  expect(dev.changed()).toEqual([])
})

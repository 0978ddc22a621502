import { expect, inject, it } from 'vitest'
import { readMeasured } from '../../bench/cost/measured.ts'
import { standingOf } from '../../bench/cost/standing.ts'
import { readTemplate } from '../support/cloudformation.ts'

it('reckons with the alarms, dashboards, keys and access log of prod: `npm run bench -- cost --recorded --write`', async () => {
  const template = await readTemplate(inject('packagedStages').prod)
  const { standing } = await readMeasured()
  expect(standingOf(template)).toEqual(standing)
})

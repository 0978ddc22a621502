import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

type Resolve = (variable: string) => Promise<unknown>
const switchesSchema = z.custom<(context: { resolveVariable: Resolve }) => Promise<unknown>>(
  value => typeof value === 'function',
)
const readSwitches = switchesSchema.parse(createRequire(import.meta.url)('../../infra/switches.cjs'))

/** What a stage is built with by these settings; osls resolves what is not set to the fallback that is named. */
const switchesOf = async (settings: Record<string, string>, stage = 'dev') =>
  z.record(z.string(), z.unknown()).parse(
    await readSwitches({
      resolveVariable: variable => {
        const [, name = ''] = /^env:(\w+), ''$/.exec(variable) ?? []
        return Promise.resolve(variable === 'sls:stage' ? stage : (settings[name] ?? ''))
      },
    }),
  )

test('a setting that is empty is as one that is not set', async () => {
  const empty = {
    ALARMS: '',
    LOG_RETENTION_DAYS: '',
    MONTHLY_BUDGET_DOLLARS: '',
    XRAY: '',
    VPC_SUBNET_IDS: '',
  }
  expect(await switchesOf(empty)).toEqual(await switchesOf({}))
})

test('alarms are on in prod, and where they are switched on', async () => {
  expect(await switchesOf({})).toMatchObject({ alarms: 'off', backups: 'off' })
  expect(await switchesOf({}, 'prod')).toMatchObject({ alarms: 'on', backups: 'on' })
  expect(await switchesOf({ ALARMS: 'on' })).toMatchObject({ alarms: 'on', backups: 'off' })
  expect(await switchesOf({ ALARMS: 'on' })).toMatchObject({ costAnomalies: 'on' })
  expect(await switchesOf({ COST_ANOMALIES: 'off' }, 'prod')).toMatchObject({
    alarms: 'on',
    costAnomalies: 'off',
  })
  expect(await switchesOf({ ALARMS: 'off' }, 'prod')).toMatchObject({ alarms: 'off', backups: 'on' })
})

describe('a setting that can not be is refused', () => {
  test.each<[string, Record<string, string>, string]>([
    ['neither on nor off', { XRAY: 'yes' }, 'XRAY is "yes": it must be on or off.'],
    [
      'a bound neither on nor off',
      { RESERVED_CONCURRENCY: '5' },
      'RESERVED_CONCURRENCY is "5": it must be on or off.',
    ],
    [
      'no number',
      { MONTHLY_BUDGET_DOLLARS: '$20' },
      'MONTHLY_BUDGET_DOLLARS is "$20": it must be a whole number above 0.',
    ],
    [
      'days that CloudWatch does not know',
      { LOG_RETENTION_DAYS: '31' },
      'LOG_RETENTION_DAYS is "31": CloudWatch knows 1, 3,',
    ],
    ['half a VPC', { VPC_SUBNET_IDS: 'subnet-1' }, 'VPC_SUBNET_IDS and VPC_SECURITY_GROUP_IDS go together'],
    [
      'a name without its certificate',
      { DOMAIN_NAME: 'a.example' },
      'DOMAIN_NAME needs DOMAIN_CERTIFICATE_ARN.',
    ],
    ['a zone without a name', { DOMAIN_HOSTED_ZONE_ID: 'Z1' }, 'are of no use without DOMAIN_NAME.'],
  ])('%s', async (_what, settings, message) => {
    await expect(switchesOf(settings)).rejects.toThrow(message)
  })
})

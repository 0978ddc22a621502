import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { projectDir } from '../../../local/paths.ts'
import { DomainError, UpstreamError } from '../../../src/domain/errors.ts'
import { createLog } from '../../../src/http/console-log.ts'
import { embeddedMetrics, metricCodes } from '../../../src/http/log-metrics.ts'

/** As CloudWatch's specification of the embedded metric format has it, as far as we use it. */
const embeddedSchema = z.object({
  _aws: z.object({
    Timestamp: z.int().positive(),
    CloudWatchMetrics: z.tuple([
      z.object({
        Namespace: z.string().min(1).max(255),
        Dimensions: z.tuple([z.array(z.string().min(1).max(250)).max(30)]),
        Metrics: z.array(z.object({ Name: z.string().min(1), Unit: z.literal('Count') })).min(1),
      }),
    ]),
  }),
})

const log = createLog({ stage: 'test', functionName: 'live-transcription-test-ask' })
let lines: string[]

beforeEach(() => {
  lines = []
  vi.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    lines.push(String(chunk))
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** What CloudWatch would read out of the last line: each metric's value, and its dimension's. */
const readLast = () => {
  const line: Record<string, unknown> = JSON.parse(lines.at(-1) ?? '')
  const [{ Namespace, Dimensions, Metrics }] = embeddedSchema.parse(line)._aws.CloudWatchMetrics
  return {
    namespace: Namespace,
    metrics: Object.fromEntries(Metrics.map(({ Name }) => [Name, line[Name]])),
    dimensions: Object.fromEntries(Dimensions[0].map(name => [name, line[name]])),
  }
}

const counted = (metrics: Record<string, number>, dimensions: Record<string, string> = {}) => ({
  namespace: 'live-transcription/test',
  metrics,
  dimensions,
})

test.each([
  [
    'operation_settled',
    { service: 'ask_agent', credits_used: 5 },
    counted({ CreditsUsed: 5 }, { Service: 'ask_agent' }),
  ],
  [
    'purchase_credited',
    { credits: 500, price_cents: 299 },
    counted({ CreditsSold: 500, PriceCentsSold: 299 }),
  ],
  ['checkout_opened', { package_id: 'starter' }, counted({ CheckoutsOpened: 1 })],
  ['account_opened', { user_id: 'u1' }, counted({ AccountsOpened: 1 })],
  ['hold_expired', { service: 'catchup' }, counted({ ExpiredHolds: 1 })],
  ['ledger_mismatch', { imbalance_credits: -3 }, counted({ LedgerMismatches: 1 })],
  ['stripe_mismatch', { kind: 'paid_not_credited' }, counted({ StripeMismatches: 1 })],
])('a line of %s counts', (code, fields, expected) => {
  log.info(code, fields)
  expect(readLast()).toEqual(expected)
})

test('a refused signature counts', () => {
  log.error('stripe_signature_refused')
  expect(readLast()).toEqual(counted({ SignaturesRefused: 1 }))
})

test('an unexpected error counts for the function that it happened in', () => {
  log.error('internal_error', { error_id: 'e1' }, new Error('A purchase without its amount.'))
  expect(readLast()).toEqual(counted({ RequestsFailed: 1 }, { Function: 'live-transcription-test-ask' }))
})

describe("a vendor's failure", () => {
  const failure = new UpstreamError('openai', 'failed', 429)

  test.each([
    ['the error itself', failure],
    ['the cause of one of ours', new DomainError('upstream_failed', 'It failed.', {}, failure)],
  ])('counts for the vendor, where it is %s', (_where, error) => {
    log.error('upstream_failed', {}, error)
    expect(readLast()).toEqual(counted({ VendorFailures: 1 }, { Vendor: 'openai' }))
  })

  test('counts whatever the line is called, so that a job of which nobody sees an answer counts too', () => {
    log.error('catchup_failed', { operation_id: 'o1' }, failure)
    expect(readLast()).toEqual(counted({ VendorFailures: 1 }, { Vendor: 'openai' }))
  })
})

test.each([
  ['information', () => log.info('catchup_completed', { operation_id: 'o1' })],
  ['an error without a vendor', () => log.error('sweep_account_failed', {}, new Error('No such item.'))],
])('%s counts towards nothing', (_what, write) => {
  write()
  expect(JSON.parse(lines.at(-1) ?? '')).not.toHaveProperty('_aws')
})

test('the time of a metric is that of its line', () => {
  log.info('account_opened')
  const { time, _aws } = JSON.parse(lines.at(-1) ?? '')
  expect(new Date(_aws.Timestamp).toISOString()).toBe(time)
})

test('every code that counts is logged somewhere', async () => {
  const sources: string[] = []
  for await (const file of glob('src/**/*.ts', { cwd: projectDir })) {
    if (!file.endsWith('log-metrics.ts')) sources.push(await readFile(join(projectDir, file), 'utf8'))
  }
  const unsaid = metricCodes.filter(code => !sources.some(source => source.includes(`'${code}'`)))
  expect(unsaid).toEqual([])
})

test('a stage has a namespace of its own', () => {
  const line = { namespace: 'live-transcription/dev', timeMs: 1, vendor: undefined }
  expect(embeddedMetrics('account_opened', {}, line)).toMatchObject({
    _aws: { CloudWatchMetrics: [{ Namespace: 'live-transcription/dev' }] },
  })
})

test('docs/metrics.md names every metric and the code that counts towards it', async () => {
  const table = (await readFile(join(projectDir, 'docs/metrics.md'), 'utf8'))
    .split('\n')
    .filter(line => line.startsWith('| `'))
  for (const code of metricCodes) {
    log.error(code, { service: 's', credits_used: 1, credits: 1, price_cents: 1 }, new Error('Any.'))
    const row = table.find(line => line.includes(`\`${code}\``)) ?? ''
    const { metrics, dimensions } = readLast()
    const names = [...Object.keys(metrics), ...Object.keys(dimensions)]
    expect(names.filter(name => !row.includes(`\`${name}\``))).toEqual([])
  }
  expect(table).toHaveLength(metricCodes.length + 1)
})

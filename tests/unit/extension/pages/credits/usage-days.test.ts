import { afterEach, expect, test, vi } from 'vitest'
import {
  scaleTop,
  spanStartMs,
  usageByDay,
  usageByService,
} from '../../../../../extension/pages/credits/usage-days.ts'
import type { UsageEntry } from '../../../../../src/contracts/analytics.ts'
import type { ServiceType } from '../../../../../src/contracts/credits.ts'

const inZone = (zone: string) => vi.stubEnv('TZ', zone)
afterEach(() => vi.unstubAllEnvs())

const used = (
  timestamp: string,
  credits: number,
  service: ServiceType = 'live_transcription',
): UsageEntry => ({
  operation_id: timestamp,
  timestamp,
  service_type: service,
  credits_used: credits,
  balance_after: 0,
  metadata: {},
})

const at = (time: string): number => Date.parse(time)
const starts = (days: readonly { startMs: number }[]): string[] =>
  days.map(({ startMs }) => new Date(startMs).toISOString())

test('a span of days ends with today, by the clock of the listener', () => {
  inZone('America/New_York')
  const days = usageByDay([], 3, at('2026-11-22T02:00:00Z'))
  expect(starts(days)).toEqual([
    '2026-11-19T05:00:00.000Z',
    '2026-11-20T05:00:00.000Z',
    '2026-11-21T05:00:00.000Z',
  ])
})

test('a day is a day where the clocks are put back and forward', () => {
  inZone('Europe/Berlin')
  const autumn = usageByDay([used('2026-10-25T22:30:00Z', 5)], 2, at('2026-10-26T12:00:00Z'))
  expect(starts(autumn)).toEqual(['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'])
  expect(autumn.map(({ credits }) => credits)).toEqual([5, 0])
  expect(new Date(spanStartMs(2, at('2026-03-30T12:00:00Z'))).toISOString()).toBe('2026-03-28T23:00:00.000Z')
})

test('credits are counted on their day and for their service, and none is lost', () => {
  inZone('UTC')
  const entries = [
    used('2026-11-22T23:59:59Z', 7),
    used('2026-11-22T00:00:00Z', 2, 'ask_agent'),
    used('2026-11-21T12:00:00Z', 20, 'catchup'),
    used('2026-11-21T13:00:00Z', 3),
  ]
  const days = usageByDay(entries, 2, at('2026-11-22T12:00:00Z'))
  expect(days.map(({ credits }) => credits)).toEqual([23, 9])
  expect(days[1]?.byService).toEqual({
    live_transcription: 7,
    ask_agent: 2,
    catchup: 0,
    clip_transcription: 0,
  })
})

test('what is outside the span is left out', () => {
  inZone('UTC')
  const days = usageByDay([used('2026-11-20T23:59:59Z', 9)], 2, at('2026-11-22T12:00:00Z'))
  expect(days.map(({ credits }) => credits)).toEqual([0, 0])
})

test('services are listed by what was spent on them, without those that were not used', () => {
  inZone('UTC')
  const entries = [
    used('2026-11-21T01:00:00Z', 3),
    used('2026-11-22T01:00:00Z', 20, 'catchup'),
    used('2026-11-22T02:00:00Z', 4),
  ]
  expect(usageByService(usageByDay(entries, 7, at('2026-11-22T12:00:00Z')))).toEqual([
    { service: 'catchup', credits: 20 },
    { service: 'live_transcription', credits: 7 },
  ])
})

test.each([
  [0, 10],
  [10, 10],
  [11, 20],
  [21, 50],
  [51, 100],
  [200, 200],
  [12_345, 20_000],
])('a highest bar of %d has a scale up to %d', (highest, top) => {
  expect(scaleTop(highest)).toBe(top)
})

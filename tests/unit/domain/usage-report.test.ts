import * as fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { usageQuerySchema, usageResponseSchema } from '../../../src/contracts/analytics.ts'
import type { UsageRow } from '../../../src/domain/journal.ts'
import { usageFile, usageReport } from '../../../src/domain/usage-report.ts'
import { createBackend, type TestBackend } from '../support/test-backend.ts'

const dayMs = 24 * 3_600_000

let backend: TestBackend
let userId: string

beforeEach(() => {
  backend = createBackend()
  userId = backend.openAccount()
})

const addRow = async (ageMs: number, fields: Partial<UsageRow> = {}): Promise<UsageRow> =>
  backend.store.putRow({
    userId,
    operationId: backend.clock.id(ageMs),
    service: 'ask_agent',
    creditsUsed: 5,
    balanceAfter: 195,
    requestHash: 'hash',
    priceListVersion: '2026-11-01',
    metadata: {},
    ...fields,
  })

const report = (query: Record<string, string> = {}) =>
  usageReport(backend.usageHistory, backend.clock.now, userId, usageQuerySchema.parse(query))

test('an account without usage has an empty report', async () => {
  expect(await report()).toEqual({
    usage: [],
    summary: { credits_used: 0, by_service: {}, by_day: {} },
    next_cursor: undefined,
  })
})

test('an entry tells the operation, its time, cost and price list, and keeps our own ids back', async () => {
  const row = await addRow(60_000, {
    service: 'clip_transcription',
    creditsUsed: 2,
    metadata: { audio_ms: 7_100, transcript_id: 'ours' },
    result: { text: 'secret' },
  })
  const { usage } = await report()
  expect(usage).toEqual([
    {
      operation_id: row.operationId,
      timestamp: new Date(backend.clock.nowMs - 60_000).toISOString(),
      service_type: 'clip_transcription',
      credits_used: 2,
      balance_after: 195,
      metadata: { audio_ms: 7_100, price_list_version: '2026-11-01' },
    },
  ])
})

test('totals are by service and by UTC day', async () => {
  await addRow(0)
  await addRow(dayMs, { service: 'catchup', creditsUsed: 20 })
  await addRow(dayMs, { creditsUsed: 0 })
  expect((await report()).summary).toEqual({
    credits_used: 25,
    by_service: { ask_agent: 5, catchup: 20 },
    by_day: { '2026-11-21': 5, '2026-11-20': 20 },
  })
})

test("somebody else's usage is not in it", async () => {
  await addRow(0, { userId: backend.openAccount() })
  expect((await report()).usage).toEqual([])
})

describe('the time span', () => {
  test('is the last 30 days and what clocks that run ahead have written', async () => {
    const rows = [await addRow(-dayMs), await addRow(30 * dayMs)]
    await addRow(30 * dayMs + 1)
    const { usage } = await report()
    expect(usage.map(entry => entry.operation_id)).toEqual(rows.map(row => row.operationId))
  })

  test('is what the query says, both ends included', async () => {
    const at = (ageMs: number) => new Date(backend.clock.nowMs - ageMs).toISOString()
    await addRow(3_000)
    const rows = [await addRow(1_000), await addRow(2_000)]
    await addRow(0)
    const { usage } = await report({ from: at(2_000), to: at(1_000) })
    expect(usage.map(entry => entry.operation_id)).toEqual(rows.map(row => row.operationId))
  })

  test('may name a zone', async () => {
    await addRow(0)
    expect((await report({ from: '2026-11-21T12:00:00+00:00' })).usage).toHaveLength(1)
    expect((await report({ from: '2026-11-21T12:00:00-01:00' })).usage).toHaveLength(0)
  })

  test('reaches back 30 days from an end that is long past', async () => {
    await addRow(100 * dayMs)
    expect((await report({ to: '2026-08-20T00:00:00Z' })).usage).toHaveLength(1)
  })

  test('may be one moment, or 366 days', async () => {
    const at = '2026-11-21T12:00:00Z'
    await addRow(0)
    expect((await report({ from: at, to: at })).usage).toHaveLength(1)
    expect((await report({ from: '2025-11-20T12:00:00Z', to: at })).usage).toHaveLength(1)
  })

  test.each([
    ['ends before it begins', { from: '2026-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' }],
    ['is over a year long', { from: '2025-01-01T00:00:00Z', to: '2026-11-01T00:00:00Z' }],
  ])('that %s is refused', async (_what, query) => {
    await expect(report(query)).rejects.toMatchObject({
      code: 'validation_failed',
      details: { errors: [{ path: 'from' }] },
    })
  })
})

describe('pages', () => {
  test('joined are the whole time span, whatever their size, and each has the totals of all of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 7 }),
        async (agesMs, limit) => {
          backend.store.usage.clear()
          for (const ageMs of agesMs) await addRow(ageMs)
          const whole = await report({ limit: '1000' })
          const joined: string[] = []
          let cursor: string | undefined
          do {
            const page = usageResponseSchema.parse(
              await report({ limit: String(limit), ...(cursor === undefined ? {} : { cursor }) }),
            )
            expect(page.usage.length).toBeLessThanOrEqual(limit)
            expect(page.summary).toEqual(whole.summary)
            joined.push(...page.usage.map(entry => entry.operation_id))
            cursor = page.next_cursor
          } while (cursor !== undefined)
          expect(joined).toEqual(whole.usage.map(entry => entry.operation_id))
        },
      ),
      { numRuns: 40 },
    )
  })

  test('do not shift when something new is written between them', async () => {
    for (let ageMs = 1; ageMs <= 4; ageMs++) await addRow(ageMs)
    const first = await report({ limit: '2' })
    await addRow(0)
    const second = await report({ limit: '2', cursor: first.next_cursor ?? '' })
    const ids = [...first.usage, ...second.usage].map(entry => entry.operation_id)
    expect(new Set(ids).size).toBe(4)
    expect(second.next_cursor).toBeUndefined()
  })

  test('of a file that would be too long to be answered are refused', async () => {
    const row = await addRow(0)
    const query = usageQuerySchema.parse({})
    const between = vi.spyOn(backend.usageHistory, 'between')
    const file = () => usageFile(backend.usageHistory, backend.clock.now, userId, query)
    between.mockResolvedValue(Array(20_000).fill(row))
    expect(await file()).toHaveLength(20_000)
    between.mockResolvedValue(Array(20_001).fill(row))
    await expect(file()).rejects.toMatchObject({
      code: 'validation_failed',
      details: { errors: [{ path: 'from' }] },
    })
  })

  test('are no matter to the list for a file: it is whole', async () => {
    for (let ageMs = 1; ageMs <= 4; ageMs++) await addRow(ageMs)
    const query = usageQuerySchema.parse({ limit: '2' })
    expect(await usageFile(backend.usageHistory, backend.clock.now, userId, query)).toHaveLength(4)
  })
})

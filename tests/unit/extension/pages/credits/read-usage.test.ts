import { afterEach, expect, test, vi } from 'vitest'
import { readUsage } from '../../../../../extension/pages/credits/read-usage.ts'
import { usageEntrySchema } from '../../../../../src/contracts/analytics.ts'

afterEach(() => vi.unstubAllEnvs())

const entry = (id: string) =>
  usageEntrySchema.parse({
    operation_id: id,
    timestamp: '2026-11-22T00:00:00Z',
    service_type: 'ask_agent',
    credits_used: 5,
    balance_after: 0,
    metadata: {},
  })

test('usage is read from the first day’s midnight on, page after page, to the last', async () => {
  vi.stubEnv('TZ', 'UTC')
  const asked: unknown[] = []
  const pages = [
    { usage: [entry('3'), entry('2')], next_cursor: '2' },
    { usage: [entry('1')], next_cursor: undefined },
  ]
  const api = {
    usage: (query: unknown) => {
      asked.push(query)
      const { usage = [], next_cursor } = pages.shift() ?? {}
      const summary = { credits_used: 0, by_service: {}, by_day: {} }
      return Promise.resolve({ usage, summary, ...(next_cursor === undefined ? {} : { next_cursor }) })
    },
  }
  const read = await readUsage(api, 7, Date.parse('2026-11-22T12:00:00Z'))
  expect(read.entries.map(({ operation_id }) => operation_id)).toEqual(['3', '2', '1'])
  expect(asked).toEqual([
    { from: '2026-11-16T00:00:00.000Z', limit: 1_000 },
    { from: '2026-11-16T00:00:00.000Z', limit: 1_000, cursor: '2' },
  ])
})

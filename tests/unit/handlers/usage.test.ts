import { beforeEach, describe, expect, test } from 'vitest'
import { usageResponseSchema } from '../../../src/contracts/analytics.ts'
import { createHandler } from '../../../src/handlers/usage.ts'
import { answerOf, headerOf, problemOf } from '../support/answers.ts'
import { call } from '../support/api-event.ts'
import { createApi, type TestApi } from '../support/test-api.ts'

let api: TestApi
let headers: Record<string, string>
let operationIds: string[]

beforeEach(async () => {
  api = createApi()
  const { userId, authorization } = await api.signIn()
  headers = { authorization }
  operationIds = []
  for (const [ageMs, service] of [
    [1_000, 'ask_agent'],
    [2_000, 'catchup'],
  ] as const) {
    const operationId = api.clock.id(ageMs)
    operationIds.push(operationId)
    await api.store.putUsageIfAbsent({
      userId,
      operationId,
      service,
      creditsUsed: 5,
      balanceAfter: 195,
      requestHash: 'hash',
      priceListVersion: '2026-11-01',
      metadata: { segments: 2 },
    })
  }
})

const get = (query?: Record<string, string>, accept?: string) =>
  call(createHandler({ ...api, history: api.usageHistory }), {
    headers: { ...headers, ...(accept === undefined ? {} : { Accept: accept }) },
    ...(query === undefined ? {} : { query }),
  })

describe('GET /analytics/usage', () => {
  test('answers the newest first with the totals', async () => {
    const report = answerOf(await get(), 200, usageResponseSchema)
    expect(report.usage.map(entry => entry.operation_id)).toEqual(operationIds)
    expect(report.summary).toMatchObject({ credits_used: 10, by_service: { ask_agent: 5, catchup: 5 } })
  })

  test('answers it in pages', async () => {
    const first = answerOf(await get({ limit: '1' }), 200, usageResponseSchema)
    expect(first.next_cursor).toBe(operationIds[0])
    const rest = answerOf(
      await get({ limit: '1', cursor: first.next_cursor ?? '' }),
      200,
      usageResponseSchema,
    )
    expect(rest.usage.map(entry => entry.operation_id)).toEqual([operationIds[1]])
    expect(rest.next_cursor).toBeUndefined()
  })

  test('answers a file to who asks for CSV', async () => {
    const response = await get(undefined, 'text/csv, */*;q=0.1')
    expect(headerOf(response, 'content-type')).toBe('text/csv; charset=utf-8')
    expect(headerOf(response, 'content-disposition')).toContain('usage.csv')
    expect(response.body?.trimEnd().split('\n')).toEqual([
      'timestamp,operation_id,service_type,credits_used,balance_after,metadata',
      `${new Date(api.clock.nowMs - 1_000).toISOString()},${operationIds[0]},ask_agent,5,195,"{""segments"":2,""price_list_version"":""2026-11-01""}"`,
      `${new Date(api.clock.nowMs - 2_000).toISOString()},${operationIds[1]},catchup,5,195,"{""segments"":2,""price_list_version"":""2026-11-01""}"`,
    ])
  })

  test.each([
    { from: 'yesterday' },
    { from: '2026-11-21' },
    { limit: '0' },
    { limit: '1001' },
    { cursor: 'next' },
    { from: '2026-11-21T00:00:00Z', to: '2026-11-20T00:00:00Z' },
  ])('refuses %o', async query => {
    expect(problemOf(await get(query)).code).toBe('validation_failed')
    expect(problemOf(await get(query, 'text/csv')).code).toBe('validation_failed')
  })

  test('is for who is signed in', async () => {
    headers = {}
    expect(problemOf(await get()).code).toBe('unauthenticated')
  })
})

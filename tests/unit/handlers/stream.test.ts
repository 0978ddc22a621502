import { beforeEach, describe, expect, test } from 'vitest'
import { leaseResponseSchema, stopResponseSchema } from '../../../src/contracts/live-captions.ts'
import { createHandler as createRenew } from '../../../src/handlers/stream-renew.ts'
import { createHandler as createStart } from '../../../src/handlers/stream-start.ts'
import { createHandler as createStop } from '../../../src/handlers/stream-stop.ts'
import { answerOf, problemOf } from '../support/answers.ts'
import { call } from '../support/api-event.ts'
import { vendorFails, vendorTimesOut } from '../support/fake-vendors.ts'
import { createApi, type TestApi } from '../support/test-api.ts'

let api: TestApi
let userId: string
let headers: Record<string, string>
let key: string

beforeEach(async () => {
  api = createApi()
  const signedIn = await api.signIn({ creditsBalance: 1_000 })
  userId = signedIn.userId
  key = api.clock.id()
  headers = { authorization: signedIn.authorization, 'idempotency-key': key }
})

type Body = object | string | undefined

const start = (body: Body = {}) => call(createStart(api), { method: 'POST', headers, body })
const renew = (body: Body = { lease: 2 }, id = key) =>
  call(createRenew(api), { method: 'POST', headers, path: { id }, body })
const stop = (body: Body = {}, id = key) =>
  call(createStop(api), { method: 'POST', headers, path: { id }, body })

/** Lets time pass, and signs in again where the access token does not last as long. */
const advance = async (seconds: number): Promise<void> => {
  api.clock.advance(seconds * 1_000)
  headers.authorization = `Bearer ${await api.accessTokens.issue(userId, api.clock.nowMs)}`
}

/** Uses a throttle up, whatever it has counted already. */
const useUp = async (rule: 'spendByUser' | 'stopByUser'): Promise<void> => {
  const calls = Array.from({ length: api.rules[rule].limit }, () =>
    api.throttle.count(api.rules[rule], userId),
  )
  await Promise.allSettled(calls)
}

const isoIn = (seconds: number): string => new Date(api.clock.nowMs + seconds * 1_000).toISOString()

describe('POST /transcription/stream', () => {
  test('answers 201 with the lease and where to open the socket', async () => {
    expect(answerOf(await start(), 201, leaseResponseSchema)).toEqual({
      operation_id: key,
      lease: 1,
      websocket_url: 'wss://streaming.example.com/v3/ws?language=en',
      token: 'token-1',
      lease_seconds: 300,
      lease_expires_at: isoIn(300),
      renew_from: isoIn(270),
      credits_held: 50,
      credits_available: 950,
    })
  })

  test.each([
    ['no body', {}],
    ['an empty one', { body: '' }],
  ])('takes %s for the default language', async (_what, request) => {
    const send = call(createStart(api), { method: 'POST', headers, ...request })
    const { websocket_url } = answerOf(await send, 201, leaseResponseSchema)
    expect(websocket_url).toContain('language=en')
  })

  test('takes a language, whatever its case', async () => {
    const { websocket_url } = answerOf(await start({ language: ' ES ' }), 201, leaseResponseSchema)
    expect(websocket_url).toContain('language=es')
  })

  test.each([
    ['no JSON', '{"language":', 'body'],
    ['no object', '"en"', 'body'],
    ['a language that is a word', { language: 'english' }, 'language'],
    ['a language that is none of ours', { language: 'xx' }, 'language'],
  ])('refuses %s, and holds nothing', async (_what, body, path) => {
    const send = call(createStart(api), { method: 'POST', headers, body })
    expect(problemOf(await send)).toMatchObject({ code: 'validation_failed', errors: [{ path }] })
    expect(api.account(userId)).toMatchObject({ creditsBalance: 1_000, holds: {} })
    expect(api.liveSessions.minted).toEqual([])
  })

  test('hands the lease out again for the same key, also in upper case, and charges nothing', async () => {
    await start()
    headers['idempotency-key'] = key.toUpperCase()
    expect(answerOf(await start(), 201, leaseResponseSchema)).toMatchObject({
      operation_id: key,
      lease: 1,
      token: 'token-2',
      credits_available: 950,
    })
    expect(api.account(userId).allowanceUses).toHaveLength(1)
  })

  test('refuses another language under the same key', async () => {
    await start()
    expect(problemOf(await start({ language: 'es' }))).toMatchObject({
      status: 422,
      code: 'idempotency_mismatch',
    })
  })

  test('makes a key where none was sent', async () => {
    headers = { authorization: headers.authorization ?? '' }
    const { operation_id } = answerOf(await start(), 201, leaseResponseSchema)
    expect(Object.keys(api.account(userId).holds)).toEqual([operation_id])
  })

  test.each([
    ['is no UUIDv7', () => '11111111-1111-4111-8111-111111111111'],
    ['is of another time', () => api.clock.id(8 * 24 * 3_600_000)],
  ])('refuses a key that %s', async (_what, otherKey) => {
    headers['idempotency-key'] = otherKey()
    expect(problemOf(await start())).toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'Idempotency-Key' }],
    })
    expect(api.liveSessions.minted).toEqual([])
  })

  test('answers 402 with what is needed and what there is', async () => {
    api.store.change(userId, account => ({ ...account, creditsBalance: 9 }))
    expect(problemOf(await start())).toMatchObject({
      status: 402,
      code: 'insufficient_credits',
      required: 10,
      available: 9,
    })
    api.store.change(userId, account => ({ ...account, creditsBalance: -1 }))
    expect(problemOf(await start())).toMatchObject({ status: 402, code: 'account_in_debt', available: 0 })
  })

  test('answers 409 with the captions that are open, and how long they last', async () => {
    await start()
    headers['idempotency-key'] = api.clock.id()
    expect(problemOf(await start())).toMatchObject({
      status: 409,
      code: 'live_already_open',
      operation_id: key,
      retry_after_seconds: 300,
    })
  })

  test('answers 409 once the allowance is spent', async () => {
    await start()
    for (let i = 0; i < 6; i++) answerOf(await start(), 201, leaseResponseSchema)
    expect(problemOf(await start())).toMatchObject({
      status: 409,
      code: 'allowance_spent',
      operation_id: key,
    })
  })

  test.each([
    [502, 'upstream_failed', vendorFails],
    [504, 'upstream_timeout', vendorTimesOut],
  ])('answers %i %s, and holds nothing', async (status, code, failure) => {
    api.liveSessions.failure = failure()
    expect(problemOf(await start())).toMatchObject({ status, code })
    expect(api.account(userId)).toMatchObject({ creditsBalance: 1_000, holds: {} })
  })

  test('is for who is signed in, and not too often', async () => {
    await useUp('spendByUser')
    expect(problemOf(await start())).toMatchObject({ status: 429, code: 'too_many_requests' })
    headers = { 'idempotency-key': key }
    expect(problemOf(await start()).code).toBe('unauthenticated')
    expect(api.liveSessions.minted).toEqual([])
  })

  test('is refused for a while to who let too much of our work come to nothing', async () => {
    const meter = api.throttle.meter(api.rules.failedByUser)
    for (let i = 0; i < api.rules.failedByUser.limit; i++) await meter.note(userId)
    expect(problemOf(await start()).code).toBe('too_many_requests')
  })
})

describe('POST /transcription/stream/{id}/renew', () => {
  test('answers 200 with the next lease', async () => {
    await start()
    await advance(270)
    expect(answerOf(await renew(), 200, leaseResponseSchema)).toMatchObject({
      operation_id: key,
      lease: 2,
      token: 'token-2',
      lease_expires_at: isoIn(330),
      renew_from: isoIn(300),
      credits_held: 100,
      credits_available: 900,
    })
  })

  test('takes the id in upper case', async () => {
    await start()
    await advance(270)
    answerOf(await renew({ lease: 2 }, key.toUpperCase()), 200, leaseResponseSchema)
    expect(Object.keys(api.account(userId).holds)).toEqual([key])
  })

  test.each([
    ['renew_too_early', 100, 2, { retry_after_seconds: 170 }],
    ['lease_over', 300, 2, {}],
    ['wrong_lease', 280, 3, { lease: 1 }],
  ])('answers 409 %s', async (code, seconds, lease, details) => {
    await start()
    await advance(seconds)
    expect(problemOf(await renew({ lease }))).toMatchObject({
      status: 409,
      code,
      operation_id: key,
      ...details,
    })
    expect(api.account(userId).creditsBalance).toBe(950)
  })

  test.each([
    ['no body', '', 'body'],
    ['no lease', {}, 'lease'],
    ['a lease that is no whole number', { lease: 1.5 }, 'lease'],
    ['a lease before the first', { lease: 0 }, 'lease'],
    ['a lease in words', { lease: '2' }, 'lease'],
  ])('refuses %s', async (_what, body, path) => {
    await start()
    await advance(280)
    expect(problemOf(await renew(body))).toMatchObject({ code: 'validation_failed', errors: [{ path }] })
  })

  test.each([
    ['an id that is none', () => 'latest', 'validation_failed'],
    ['an id of nobody', () => api.clock.id(), 'not_found'],
  ])('refuses %s', async (_what, id, code) => {
    expect(problemOf(await renew({ lease: 2 }, id())).code).toBe(code)
  })

  test("finds no captions of another's account", async () => {
    await start()
    await advance(280)
    headers.authorization = (await api.signIn()).authorization
    expect(problemOf(await renew()).code).toBe('not_found')
  })

  test('answers 401 where the account was closed meanwhile', async () => {
    await start()
    api.store.change(userId, account => ({ ...account, isActive: false }))
    await advance(280)
    expect(problemOf(await renew())).toMatchObject({ status: 401, code: 'unauthenticated' })
    expect(api.account(userId)).toMatchObject({ creditsBalance: 950 })
  })

  test('answers 402 where the next minute cannot be paid', async () => {
    await start()
    api.store.change(userId, account => ({ ...account, creditsBalance: 9 }))
    await advance(280)
    expect(problemOf(await renew())).toMatchObject({ code: 'insufficient_credits', required: 10 })
  })

  test.each([
    [502, 'upstream_failed', vendorFails],
    [504, 'upstream_timeout', vendorTimesOut],
  ])('answers %i %s, and holds nothing more', async (status, code, failure) => {
    await start()
    await advance(280)
    api.liveSessions.failure = failure()
    expect(problemOf(await renew())).toMatchObject({ status, code })
    expect(api.account(userId)).toMatchObject({ creditsBalance: 950 })
  })

  test('is for who is signed in, and not too often', async () => {
    await start()
    await advance(280)
    await useUp('spendByUser')
    expect(problemOf(await renew()).code).toBe('too_many_requests')
    headers = {}
    expect(problemOf(await renew()).code).toBe('unauthenticated')
  })
})

describe('POST /transcription/stream/{id}/stop', () => {
  test('answers 200 with what the captions cost', async () => {
    await start()
    await advance(100)
    expect(answerOf(await stop(), 200, stopResponseSchema)).toEqual({
      operation_id: key,
      seconds: 100,
      credits_used: 17,
      credits_refunded: 33,
      credits_available: 983,
    })
  })

  test('answers the same again', async () => {
    await start()
    await advance(100)
    const first = await stop()
    await advance(100)
    expect(await stop()).toEqual(first)
  })

  test('takes the id in upper case', async () => {
    await start()
    answerOf(await stop({}, key.toUpperCase()), 200, stopResponseSchema)
    expect(api.account(userId).holds).toEqual({})
  })

  test.each([
    ['in UTC', (ms: number) => new Date(ms).toISOString()],
    ['in another time zone', (ms: number) => new Date(ms + 7_200_000).toISOString().replace('Z', '+02:00')],
  ])('takes when the last sound was, %s', async (_what, format) => {
    const startedAtMs = api.clock.nowMs
    await start()
    await advance(1_000)
    const ended_at = format(startedAtMs + 60_000)
    expect(answerOf(await stop({ ended_at }), 200, stopResponseSchema)).toMatchObject({
      seconds: 60,
      credits_used: 10,
      credits_refunded: 40,
    })
  })

  test.each([
    ['no JSON', 'now', 'body'],
    ['a time that is none', { ended_at: 'yesterday' }, 'ended_at'],
    ['a time without its zone', { ended_at: '2026-11-21T12:00:00' }, 'ended_at'],
    ['a time in milliseconds', { ended_at: 1_764_000_000_000 }, 'ended_at'],
  ])('refuses %s, and the captions stay open', async (_what, body, path) => {
    await start()
    expect(problemOf(await stop(body))).toMatchObject({ code: 'validation_failed', errors: [{ path }] })
    expect(Object.keys(api.account(userId).holds)).toEqual([key])
  })

  test.each([
    ['an id that is none', () => 'latest', 'validation_failed'],
    ['an id of nobody', () => api.clock.id(), 'not_found'],
  ])('refuses %s', async (_what, id, code) => {
    expect(problemOf(await stop({}, id())).code).toBe(code)
  })

  test('is counted apart from what spends: who has spent too much can still stop', async () => {
    await start()
    await useUp('spendByUser')
    answerOf(await stop(), 200, stopResponseSchema)
    await useUp('stopByUser')
    expect(problemOf(await stop())).toMatchObject({ status: 429, code: 'too_many_requests' })
  })

  test('is for who is signed in', async () => {
    await start()
    headers = {}
    expect(problemOf(await stop()).code).toBe('unauthenticated')
    expect(Object.keys(api.account(userId).holds)).toEqual([key])
  })
})

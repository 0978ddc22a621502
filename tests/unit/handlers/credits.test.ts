import { beforeEach, describe, expect, test } from 'vitest'
import {
  balanceResponseSchema,
  priceListSchema,
  purchaseResponseSchema,
  transactionsResponseSchema,
} from '../../../src/contracts/credits.ts'
import { createHandler as createBalance } from '../../../src/handlers/credits-balance.ts'
import { createHandler as createPackages } from '../../../src/handlers/credits-packages.ts'
import { createHandler as createPurchase } from '../../../src/handlers/credits-purchase.ts'
import { createHandler as createTransactions } from '../../../src/handlers/credits-transactions.ts'
import { answerOf, problemOf } from '../support/answers.ts'
import { call } from '../support/api-event.ts'
import { vendorFails, vendorTimesOut } from '../support/fake-vendors.ts'
import { createApi, type TestApi } from '../support/test-api.ts'

let api: TestApi
let userId: string
let headers: Record<string, string>

beforeEach(async () => {
  api = createApi()
  const signedIn = await api.signIn()
  userId = signedIn.userId
  headers = { authorization: signedIn.authorization }
})

test('GET /credits/packages answers the price list, to anybody', async () => {
  const list = answerOf(await call(createPackages({ ...api, offersChannels: true })), 200, priceListSchema)
  expect(list.packages.map(pack => pack.package_id)).toEqual(['starter', 'popular', 'power'])
  expect(list.signup_bonus).toBe(200)
  expect(list.rates.catchup_channel).toEqual({ credits: 10, per_minutes_begun: 1 })
})

test('GET /credits/packages says what the service does not offer, and keeps its rate for older clients', async () => {
  const priced = async (offersChannels: boolean) =>
    answerOf(await call(createPackages({ ...api, offersChannels })), 200, priceListSchema)
  const [all, fewer] = await Promise.all([priced(true), priced(false)])
  expect(all).not.toHaveProperty('not_offered')
  expect(fewer).toEqual({ ...all, not_offered: ['catchup_channel'] })
})

describe('GET /credits/balance', () => {
  const read = async () => answerOf(await call(createBalance(api), { headers }), 200, balanceResponseSchema)

  test('answers what there is and what is held', async () => {
    await api.ledger.open({
      userId,
      operationId: api.clock.id(),
      service: 'catchup',
      credits: 20,
      requestHash: 'hash',
      holdMs: 1_000,
    })
    expect(await read()).toEqual({
      credits_available: 180,
      credits_balance: 180,
      credits_held: 20,
      grants: [],
      total_credits_purchased: 0,
      total_usage: 0,
    })
  })

  test('counts back at once what was held too long', async () => {
    await api.ledger.open({
      userId,
      operationId: api.clock.id(),
      service: 'catchup',
      credits: 20,
      requestHash: 'hash',
      holdMs: 1_000,
    })
    api.clock.advance(1_000)
    expect(await read()).toMatchObject({ credits_available: 200, credits_held: 0 })
  })

  test('shows a debt', async () => {
    api.store.change(userId, account => ({ ...account, creditsBalance: -30 }))
    expect(await read()).toMatchObject({ credits_available: 0, credits_balance: -30 })
  })

  test('is for who is signed in', async () => {
    expect(problemOf(await call(createBalance(api))).code).toBe('unauthenticated')
  })
})

describe('POST /credits/purchase', () => {
  const purchase = (body: object, key?: string) =>
    call(createPurchase(api), {
      method: 'POST',
      headers: { ...headers, ...(key === undefined ? {} : { 'idempotency-key': key }) },
      body,
    })

  test('answers 201 with where to pay, under the key that was sent', async () => {
    const key = api.clock.id()
    const answer = answerOf(await purchase({ package_id: 'starter' }, key), 201, purchaseResponseSchema)
    expect(answer.transaction_id).toBe(key)
    expect(answerOf(await purchase({ package_id: 'starter' }, key), 201, purchaseResponseSchema)).toEqual(
      answer,
    )
  })

  test('makes a key where none was sent', async () => {
    const answer = answerOf(await purchase({ package_id: 'starter' }), 201, purchaseResponseSchema)
    expect(api.store.transactions.get(answer.transaction_id)).toMatchObject({ userId, status: 'pending' })
  })

  test.each([
    ['no package', {}, undefined, 'validation_failed'],
    ['a package that there is not', { package_id: 'gold' }, undefined, 'validation_failed'],
    ['a key that is no UUIDv7', { package_id: 'starter' }, 'order-1', 'validation_failed'],
  ])('refuses %s', async (_what, body, key, code) => {
    expect(problemOf(await purchase(body, key)).code).toBe(code)
    expect(api.store.transactions.size).toBe(0)
  })

  test('is open to somebody whose work keeps failing: only spending waits', async () => {
    const meter = api.throttle.meter(api.rules.failedByUser)
    for (let i = 0; i < api.rules.failedByUser.limit; i++) await meter.note(userId)
    answerOf(await purchase({ package_id: 'starter' }), 201, purchaseResponseSchema)
  })

  test('refuses another package under the same key', async () => {
    const key = api.clock.id()
    await purchase({ package_id: 'starter' }, key)
    expect(problemOf(await purchase({ package_id: 'power' }, key)).code).toBe('idempotency_mismatch')
  })

  test.each([
    ['fails', vendorFails(), 'upstream_failed'],
    ['takes too long', vendorTimesOut(), 'upstream_timeout'],
  ])('says when the vendor %s', async (_what, failure, code) => {
    api.payments.failure = failure
    expect(problemOf(await purchase({ package_id: 'starter' })).code).toBe(code)
    expect(api.log.codes()).toEqual([code])
  })

  test('is counted by user', async () => {
    for (let i = 0; i < 20; i++) await purchase({ package_id: 'starter' })
    expect(problemOf(await purchase({ package_id: 'starter' })).code).toBe('too_many_requests')
  })

  test('is for who is signed in', async () => {
    headers = {}
    expect(problemOf(await purchase({ package_id: 'starter' })).code).toBe('unauthenticated')
  })
})

describe('GET /credits/transactions', () => {
  const list = (query?: Record<string, string>) =>
    call(createTransactions({ ...api, history: api.transactionHistory }), {
      headers,
      ...(query === undefined ? {} : { query }),
    })

  test('answers the movements of the account in pages', async () => {
    for (const packageId of ['starter', 'popular', 'power']) {
      await api.purchases.start(userId, api.clock.id(), packageId)
      api.clock.advance(1)
    }
    const first = answerOf(await list({ limit: '2' }), 200, transactionsResponseSchema)
    expect(first.transactions.map(row => row.package_id)).toEqual(['power', 'popular'])
    const second = answerOf(
      await list({ limit: '2', cursor: first.next_cursor ?? '' }),
      200,
      transactionsResponseSchema,
    )
    expect(second.transactions.map(row => row.package_id)).toEqual(['starter'])
    expect(second.next_cursor).toBeUndefined()
  })

  test.each([{ limit: '0' }, { limit: '101' }, { limit: 'all' }, { cursor: 'a'.repeat(501) }])(
    'refuses %o',
    async query => {
      expect(problemOf(await list(query)).code).toBe('validation_failed')
    },
  )

  test('is for who is signed in', async () => {
    headers = {}
    expect(problemOf(await list()).code).toBe('unauthenticated')
  })
})

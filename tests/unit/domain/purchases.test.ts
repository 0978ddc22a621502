import { beforeEach, describe, expect, test, vi } from 'vitest'
import { purchaseResponseSchema, transactionsResponseSchema } from '../../../src/contracts/credits.ts'
import { listTransactions } from '../../../src/domain/purchases.ts'
import { vendorFails, vendorTimesOut } from '../support/fake-vendors.ts'
import { createBackend, type TestBackend } from '../support/test-backend.ts'

const hourMs = 3_600_000

let backend: TestBackend
let userId: string
let transactionId: string

beforeEach(() => {
  backend = createBackend()
  userId = backend.openAccount()
  transactionId = backend.clock.id()
})

const start = async (packageId = 'starter', by = userId) => {
  const purchase = await backend.purchases.start(by, transactionId, packageId)
  expect(purchaseResponseSchema.parse(purchase)).toEqual(purchase)
  return purchase
}

const row = () => backend.store.transactions.get(transactionId)

describe('a purchase', () => {
  test('answers where to pay, and leaves a pending row with the price it was offered at', async () => {
    expect(await start()).toEqual({
      transaction_id: transactionId,
      session_id: `cs_${transactionId}`,
      checkout_url: `https://pay.example/cs_${transactionId}`,
    })
    expect(row()).toEqual({
      transactionId,
      userId,
      type: 'purchase',
      status: 'pending',
      packageId: 'starter',
      credits: 500,
      amountCents: 299,
      currency: 'usd',
      priceListVersion: '2026-11-22',
      createdAt: backend.clock.iso(),
      stripeSessionId: `cs_${transactionId}`,
    })
    expect(backend.account(userId).creditsBalance).toBe(200)
  })

  test('is written before the vendor is called', async () => {
    const createCheckout = vi.spyOn(backend.payments, 'createCheckout')
    createCheckout.mockImplementationOnce(async () => {
      expect(row()).toMatchObject({ status: 'pending' })
      throw vendorFails()
    })
    await expect(start()).rejects.toMatchObject({ code: 'upstream_failed' })
    expect(row()).toMatchObject({ status: 'pending' })
  })

  test('asks the vendor for exactly what the row says, until 23 hours after it', async () => {
    await start('popular')
    expect(backend.payments.orders).toEqual([
      {
        transactionId,
        userId,
        customerId: `cus_${userId}`,
        packageId: 'popular',
        packageName: 'Popular',
        credits: 2_000,
        priceCents: 999,
        currency: 'usd',
        expiresAtMs: backend.clock.nowMs + 23 * hourMs,
      },
    ])
  })

  test.each(['', 'gold', '__proto__', 'Starter'])(
    'of "%s", which is no package, writes nothing',
    async id => {
      await expect(start(id)).rejects.toMatchObject({
        code: 'validation_failed',
        details: { errors: [{ path: 'package_id', message: 'Must be one of starter, popular, power.' }] },
      })
      expect(row()).toBeUndefined()
    },
  )

  test('by nobody writes nothing', async () => {
    await expect(start('starter', 'nobody')).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(row()).toBeUndefined()
  })

  test.each([
    ['fails', vendorFails, 'upstream_failed'],
    ['takes too long', vendorTimesOut, 'upstream_timeout'],
  ])('that the vendor %s can be repeated under the same key', async (_what, failure, code) => {
    backend.payments.failure = failure()
    await expect(start()).rejects.toMatchObject({
      code,
      message: expect.stringContaining('Nothing was charged'),
    })
    backend.payments.failure = undefined
    expect(await start()).toMatchObject({ session_id: `cs_${transactionId}` })
  })

  test('lets an error that is ours through', async () => {
    backend.payments.failure = new TypeError('crash')
    await expect(start()).rejects.toThrow('crash')
  })
})

describe('a repeat', () => {
  test('of a purchase asks for the same session with the same order', async () => {
    const first = await start()
    backend.clock.advance(hourMs)
    expect(await start()).toEqual(first)
    expect(backend.payments.orders[1]).toEqual(backend.payments.orders[0])
    expect(backend.store.transactions.size).toBe(1)
  })

  test('notes the session once', async () => {
    const attachSession = vi.spyOn(backend.store, 'attachSession')
    await start()
    await start()
    expect(attachSession).toHaveBeenCalledTimes(1)
    expect(backend.log.lines.map(({ code, fields }) => ({ code, fields }))).toEqual([
      {
        code: 'checkout_opened',
        fields: { transaction_id: transactionId, user_id: userId, package_id: 'starter' },
      },
    ])
  })

  test('for another package is refused', async () => {
    await start()
    await expect(start('power')).rejects.toMatchObject({ code: 'idempotency_mismatch' })
    expect(row()).toMatchObject({ packageId: 'starter' })
  })

  test("under somebody else's key is refused, and tells nothing of the purchase", async () => {
    await start()
    const other = backend.openAccount()
    await expect(start('starter', other)).rejects.toMatchObject({
      code: 'idempotency_mismatch',
      details: {},
    })
    expect(row()).toMatchObject({ userId })
  })

  test('of a purchase that Stripe has opened no page for is refused when too little time is left for one', async () => {
    backend.payments.failure = vendorFails()
    await expect(start()).rejects.toMatchObject({ code: 'upstream_failed' })
    backend.payments.failure = undefined
    backend.clock.advance(23 * hourMs - 35 * 60_000)
    await expect(start()).rejects.toMatchObject({ code: 'validation_failed' })
    expect(backend.payments.orders).toEqual([])
  })

  test('of a purchase that has a page gets it until the page lapses', async () => {
    const first = await start()
    backend.clock.advance(23 * hourMs - 1)
    expect(await start()).toEqual(first)
  })

  test.each(['completed', 'failed', 'expired', 'needs_review'] as const)(
    'of a purchase that is %s is refused',
    async status => {
      await start()
      await backend.store.moveStatus(transactionId, ['pending'], status, 'test')
      await expect(start()).rejects.toMatchObject({ code: 'validation_failed' })
    },
  )

  test('after the payment page has lapsed is refused, and nothing is asked of the vendor', async () => {
    await start()
    backend.clock.advance(23 * hourMs)
    await expect(start()).rejects.toMatchObject({
      code: 'validation_failed',
      message: expect.stringContaining('Start a new one'),
    })
    expect(backend.payments.orders).toHaveLength(1)
  })
})

describe('the customer at the vendor', () => {
  test('is made with the first purchase and kept for the next', async () => {
    const createCustomer = vi.spyOn(backend.payments, 'createCustomer')
    await start()
    transactionId = backend.clock.id()
    await start()
    expect(createCustomer).toHaveBeenCalledTimes(1)
    expect(backend.account(userId).stripeCustomerId).toBe(`cus_${userId}`)
  })

  test('is the one that was noted first, where two purchases start at once', async () => {
    vi.spyOn(backend.payments, 'createCustomer').mockImplementationOnce(async () => {
      await backend.users.attachStripeCustomer(userId, 'cus_first')
      return 'cus_second'
    })
    await start()
    expect(backend.payments.orders[0]?.customerId).toBe('cus_first')
  })
})

test.each(['packageId', 'amountCents', 'currency'] as const)(
  'a purchase row that lacks its %s is never asked to be paid for',
  async missing => {
    const whole = {
      transactionId,
      userId,
      type: 'purchase',
      status: 'pending',
      packageId: 'starter',
      amountCents: 299,
      currency: 'usd',
      credits: 500,
      createdAt: backend.clock.iso(),
    } as const
    backend.store.transactions.set(transactionId, { ...whole, [missing]: undefined })
    await expect(start()).rejects.toThrow()
    expect(backend.payments.orders).toEqual([])
  },
)

describe('the list of movements', () => {
  test('shows what is the owner’s to read, newest first, in pages', async () => {
    await start()
    backend.clock.advance(1)
    const older = transactionId
    transactionId = backend.clock.id()
    await start('power')
    const first = await listTransactions(backend.transactionHistory, userId, { limit: 1 })
    expect(transactionsResponseSchema.parse(first)).toEqual(first)
    expect(first.transactions).toMatchObject([{ transaction_id: transactionId, credits: 5_000 }])
    const second = await listTransactions(backend.transactionHistory, userId, {
      limit: 1,
      cursor: first.next_cursor,
    })
    expect(second).toEqual({
      transactions: [
        {
          transaction_id: older,
          type: 'purchase',
          package_id: 'starter',
          credits: 500,
          amount_cents: 299,
          currency: 'usd',
          status: 'pending',
          created_at: expect.any(String),
        },
      ],
      next_cursor: undefined,
    })
  })
})

import * as fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type {
  CheckoutSessionEvent,
  FailedInvoiceEvent,
  StripeEvent,
} from '../../../../src/domain/stripe-events/event.ts'
import { handleStripeEvent } from '../../../../src/domain/stripe-events/handle.ts'
import { vendorFails } from '../../support/fake-vendors.ts'
import { createBackend, type TestBackend } from '../../support/test-backend.ts'

let backend: TestBackend
let userId: string
let transactionId: string

beforeEach(async () => {
  backend = createBackend()
  userId = backend.openAccount()
  await startPurchase()
  backend.log.lines.length = 0
})

const startPurchase = async (): Promise<void> => {
  transactionId = backend.clock.id()
  await backend.purchases.start(userId, transactionId, 'starter')
}

const session = (over: Partial<CheckoutSessionEvent> = {}): CheckoutSessionEvent => ({
  eventId: 'evt_1',
  sessionId: `cs_${transactionId}`,
  createdMs: backend.clock.now(),
  paymentStatus: 'paid',
  amountTotal: 299,
  currency: 'usd',
  transactionId,
  stage: 'test',
  ...over,
})

const completed = (over: Partial<CheckoutSessionEvent> = {}): StripeEvent => ({
  type: 'checkout.session.completed',
  session: session(over),
})
const succeeded = (): StripeEvent => ({
  type: 'checkout.session.async_payment_succeeded',
  session: session({ eventId: 'evt_2' }),
})
const failed = () => ({
  type: 'checkout.session.async_payment_failed' as const,
  session: session({ eventId: 'evt_3', paymentStatus: 'unpaid' }),
})
const expired = () => ({
  type: 'checkout.session.expired' as const,
  session: session({ eventId: 'evt_4', paymentStatus: 'unpaid' }),
})

const invoice = (over: Partial<FailedInvoiceEvent> = {}): StripeEvent => ({
  type: 'invoice.payment_failed',
  invoice: {
    eventId: 'evt_5',
    invoiceId: 'in_1',
    customerId: `cus_${userId}`,
    amountDue: 999,
    currency: 'usd',
    createdMs: backend.clock.nowMs,
    ...over,
  },
})

const handle = (event: StripeEvent): Promise<void> =>
  handleStripeEvent(
    {
      ledger: backend.ledger,
      store: backend.store,
      payments: backend.payments,
      stage: 'test',
      log: backend.log,
    },
    event,
  )

const row = () => backend.store.transactions.get(transactionId)
const balance = () => backend.account(userId).creditsBalance

const expectCredited = (): void => {
  expect(row()).toMatchObject({ status: 'completed', credits: 500, balanceAfter: 700 })
  expect(backend.account(userId)).toMatchObject({ creditsBalance: 700, totalCreditsPurchased: 500 })
}

const expectNotCredited = (status: string): void => {
  expect(row()).toMatchObject({ status })
  expect(backend.account(userId)).toMatchObject({ creditsBalance: 200, totalCreditsPurchased: 0 })
}

describe('checkout.session.completed', () => {
  test('credits a purchase that is paid, and says when and by which session', async () => {
    backend.clock.advance(60_000)
    await handle(completed())
    expectCredited()
    expect(row()).toMatchObject({
      completedAt: backend.clock.iso(),
      stripeSessionId: `cs_${transactionId}`,
    })
    expect(backend.log.lines).toEqual([
      {
        level: 'info',
        code: 'purchase_credited',
        fields: {
          event_id: 'evt_1',
          transaction_id: transactionId,
          user_id: userId,
          credits: 500,
          price_cents: 299,
        },
        cause: undefined,
      },
    ])
  })

  test('credits nothing while the payment is still to settle', async () => {
    await handle(completed({ paymentStatus: 'unpaid' }))
    expectNotCredited('pending')
    expect(backend.log.codes()).toEqual(['purchase_awaits_payment'])
  })

  test('twice credits once', async () => {
    await handle(completed())
    await handle(completed())
    expectCredited()
    expect(backend.log.codes()).toEqual(['purchase_credited', 'purchase_was_credited_before'])
  })

  test('twice at once, at two endpoints, credits once', async () => {
    await Promise.all([handle(completed()), handle(completed())])
    expectCredited()
  })

  test.each([
    ['less than the price', { amountTotal: 298 }],
    ['more than the price', { amountTotal: 300 }],
    ['no amount', { amountTotal: null }],
    ['another currency', { currency: 'eur' }],
    ['no currency', { currency: null }],
    ['a price of nothing', { amountTotal: 0, paymentStatus: 'no_payment_required' }],
  ])('with %s credits nothing and asks a person to look', async (_what, over) => {
    await handle(completed(over))
    expectNotCredited('needs_review')
    expect(row()?.reason).toBe('amount_mismatch')
    expect(backend.log.lines).toMatchObject([{ level: 'error', code: 'purchase_amount_mismatch' }])
  })

  test('with a wrong amount takes nothing back from a purchase that was credited', async () => {
    await handle(completed())
    await handle(completed({ amountTotal: 1 }))
    expectCredited()
  })

  test('of another stage, or of another application, is left alone', async () => {
    await handle(completed({ stage: 'prod' }))
    await handle(completed({ stage: undefined }))
    await handle(completed({ transactionId: undefined }))
    expectNotCredited('pending')
    expect(backend.log.codes()).toEqual(Array(3).fill('stripe_session_not_ours'))
  })

  test('for a purchase that does not exist fails, so that Stripe tries again', async () => {
    await expect(handle(completed({ transactionId: backend.clock.id() }))).rejects.toThrow(/does not exist/)
  })

  test('clears the sign of a payment that failed before', async () => {
    await handle(invoice())
    await handle(completed())
    expect(backend.account(userId).lastPayment?.failed).toBe(false)
  })
})

describe('checkout.session.async_payment_succeeded', () => {
  test('credits what was still to settle', async () => {
    await handle(completed({ paymentStatus: 'unpaid' }))
    await handle(succeeded())
    expectCredited()
  })

  test('before its checkout.session.completed credits once all the same', async () => {
    await handle(succeeded())
    await handle(completed({ paymentStatus: 'unpaid' }))
    await handle(completed())
    expectCredited()
  })

  test('after a failure that was told first credits: the money is there', async () => {
    await handle(failed())
    await handle(succeeded())
    expectCredited()
    expect(row()?.reason).not.toBe('amount_mismatch')
  })
})

describe.each([
  ['checkout.session.async_payment_failed', failed, 'failed', 'async_payment_failed'],
  ['checkout.session.expired', expired, 'expired', 'session_expired'],
] as const)('%s', (_type, event, status, reason) => {
  test('closes a purchase that is pending, and says why', async () => {
    await handle(event())
    expectNotCredited(status)
    expect(row()?.reason).toBe(reason)
    expect(backend.log.codes()).toEqual([`purchase_${status}`])
  })

  test('twice closes it once', async () => {
    await handle(event())
    await handle(event())
    expectNotCredited(status)
    expect(backend.log.codes()).toEqual([`purchase_${status}`, 'purchase_was_closed_before'])
  })

  test('of another stage is left alone', async () => {
    const { type, session: ours } = event()
    await handle({ type, session: { ...ours, stage: 'prod' } })
    expectNotCredited('pending')
    expect(backend.log.codes()).toEqual(['stripe_session_not_ours'])
  })

  test('late leaves a purchase that was paid as it is', async () => {
    await handle(completed())
    await handle(event())
    expectCredited()
  })
})

test('whatever the order and however often, a paid purchase is credited once and an unpaid one never', async () => {
  const paid = [completed, succeeded]
  const unpaid = [() => completed({ paymentStatus: 'unpaid' }), failed, expired]
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...paid, ...unpaid), { minLength: 1, maxLength: 8 }),
      async events => {
        await startPurchase()
        const before = balance()
        for (const event of events) await handle(event())
        const isPaid = events.some(event => paid.some(candidate => candidate === event))
        expect(balance() - before).toBe(isPaid ? 500 : 0)
        expect(row()?.status === 'completed').toBe(isPaid)
      },
    ),
    { numRuns: 60 },
  )
})

describe('invoice.payment_failed', () => {
  test('is recorded without moving credits, and shown on the account', async () => {
    await handle(invoice())
    expect(backend.store.transactions.get('invoice#in_1#payment_failed#evt_5')).toEqual({
      transactionId: 'invoice#in_1#payment_failed#evt_5',
      userId,
      type: 'payment_failed',
      status: 'failed',
      credits: 0,
      amountCents: 999,
      currency: 'usd',
      reason: 'in_1',
      createdAt: backend.clock.iso(),
    })
    expect(backend.account(userId)).toMatchObject({
      creditsBalance: 200,
      lastPayment: { at: backend.clock.iso(), failed: true },
    })
    expect(backend.log.codes()).toEqual(['payment_failure_recorded'])
  })

  test('twice is recorded once, and the next try of the same invoice by itself', async () => {
    await handle(invoice())
    await handle(invoice())
    await handle(invoice({ eventId: 'evt_6' }))
    const recorded = [...backend.store.transactions.values()].filter(({ type }) => type === 'payment_failed')
    expect(recorded).toHaveLength(2)
    expect(backend.log.codes()).toEqual([
      'payment_failure_recorded',
      'payment_failure_was_recorded_before',
      'payment_failure_recorded',
    ])
  })

  test.each([
    ['of a customer of another application', { customerId: 'cus_other' }],
    ['without a customer', { customerId: undefined }],
  ])('%s is left alone', async (_what, over) => {
    await handle(invoice(over))
    expect(backend.account(userId).lastPayment).toBeUndefined()
    expect(backend.log.codes()).toEqual(['stripe_invoice_not_ours'])
  })

  test('fails when the vendor cannot be asked whose it is, so that Stripe tries again', async () => {
    backend.payments.failure = vendorFails()
    await expect(handle(invoice())).rejects.toMatchObject({ name: 'UpstreamError' })
  })

  test('does not depend on our clock: it shows when Stripe says it was', async () => {
    await handle(invoice({ createdMs: Date.UTC(2026, 10, 20) }))
    expect(backend.account(userId).lastPayment).toEqual({ at: '2026-11-20T00:00:00.000Z', failed: true })
  })

  test('the newest payment decides, in whatever order they are told', async () => {
    await handle(invoice({ eventId: 'evt_new', createdMs: Date.UTC(2026, 10, 22) }))
    await handle(invoice({ eventId: 'evt_old', createdMs: Date.UTC(2026, 10, 20) }))
    expect(backend.account(userId).lastPayment).toEqual({ at: '2026-11-22T00:00:00.000Z', failed: true })
    await handle(completed({ createdMs: Date.UTC(2026, 10, 21) }))
    expect(backend.account(userId).lastPayment?.failed).toBe(true)
  })
})

test('an event whose write fails, fails, so that Stripe tries again and the purchase is credited then', async () => {
  vi.spyOn(backend.store, 'completePurchase').mockRejectedValueOnce(new Error('crash'))
  await expect(handle(completed())).rejects.toThrow('crash')
  expectNotCredited('pending')
  await handle(completed())
  expectCredited()
})

import { Stripe } from 'stripe'
import { describe, expect, test } from 'vitest'
import { StripeWebhookVerifier } from '../../../../src/upstream/stripe/webhooks.ts'

const secret = 'whsec_test_1'
const stripe = new Stripe('sk_test_1')
const verifier = new StripeWebhookVerifier(async () => stripe, secret)

const createdSeconds = Date.UTC(2026, 10, 21, 12) / 1_000

const eventOf = (type: string, object: object): string =>
  JSON.stringify({ id: 'evt_1', object: 'event', type, created: createdSeconds, data: { object } }, null, 2)

const sign = (payload: string, over: { secret?: string; timestamp?: number } = {}): string =>
  stripe.webhooks.generateTestHeaderString({ payload, secret, ...over })

const session = {
  id: 'cs_1',
  object: 'checkout.session',
  payment_status: 'paid',
  amount_total: 299,
  currency: 'usd',
  metadata: { transaction_id: 'transaction-1', stage: 'test', user_id: 'user-1' },
}

const invoice = { id: 'in_1', object: 'invoice', customer: 'cus_1', amount_due: 999, currency: 'usd' }

const verify = (payload: string, signature = sign(payload)) => verifier.verify(payload, signature)

describe('a session event', () => {
  test.each([
    'checkout.session.completed',
    'checkout.session.async_payment_succeeded',
    'checkout.session.async_payment_failed',
    'checkout.session.expired',
  ])('%s is read as far as we act on it', async type => {
    expect(await verify(eventOf(type, session))).toEqual({
      eventId: 'evt_1',
      event: {
        type,
        session: {
          eventId: 'evt_1',
          sessionId: 'cs_1',
          createdMs: createdSeconds * 1_000,
          paymentStatus: 'paid',
          amountTotal: 299,
          currency: 'usd',
          transactionId: 'transaction-1',
          stage: 'test',
        },
      },
    })
  })

  test('of another application has neither transaction nor stage', async () => {
    const foreign = { ...session, metadata: null, amount_total: null, currency: null }
    expect(await verify(eventOf('checkout.session.completed', foreign))).toMatchObject({
      event: {
        session: { transactionId: undefined, stage: undefined, amountTotal: null, currency: null },
      },
    })
  })

  test.each([
    ['without its amount', { ...session, amount_total: undefined }],
    ['with half a cent', { ...session, amount_total: 299.5 }],
    ['without its status', { ...session, payment_status: undefined }],
  ])('%s fails, so that Stripe tries again', async (_what, object) => {
    await expect(verify(eventOf('checkout.session.completed', object))).rejects.toThrow()
  })
})

describe('invoice.payment_failed', () => {
  test.each([
    ['by its id', 'cus_1', 'cus_1'],
    ['as an object', { id: 'cus_1', object: 'customer' }, 'cus_1'],
    ['by nothing', null, undefined],
  ])('names its customer %s', async (_how, customer, customerId) => {
    expect(await verify(eventOf('invoice.payment_failed', { ...invoice, customer }))).toEqual({
      eventId: 'evt_1',
      event: {
        type: 'invoice.payment_failed',
        invoice: {
          eventId: 'evt_1',
          invoiceId: 'in_1',
          customerId,
          amountDue: 999,
          currency: 'usd',
          createdMs: createdSeconds * 1_000,
        },
      },
    })
  })

  test('without its amount fails', async () => {
    const { amount_due: _left, ...rest } = invoice
    await expect(verify(eventOf('invoice.payment_failed', rest))).rejects.toThrow()
  })
})

test.each(['customer.created', 'charge.succeeded', 'a.type.of.the.future'])(
  '%s is verified, and nothing is read of it',
  async type => {
    expect(await verify(eventOf(type, { anything: 1 }))).toEqual({ eventId: 'evt_1', event: undefined })
  },
)

describe('a signature', () => {
  const payload = eventOf('checkout.session.completed', session)
  const agoSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) - seconds

  test.each([
    ['of another secret', sign(payload, { secret: 'whsec_other' })],
    ['older than five minutes', sign(payload, { timestamp: agoSeconds(310) })],
    ['of another body', sign(`${payload} `)],
  ])('that is %s is refused', async (_what, signature) => {
    expect(await verify(payload, signature)).toBeUndefined()
  })

  test('of the last minutes is taken', async () => {
    expect(await verify(payload, sign(payload, { timestamp: agoSeconds(240) }))).toBeDefined()
  })

  test('holds for these very bytes: the same JSON written otherwise is refused', async () => {
    const rewritten = JSON.stringify(JSON.parse(payload))
    expect(await verify(rewritten, sign(payload))).toBeUndefined()
  })

  test('holds for a body with letters of several bytes', async () => {
    const renee = eventOf('customer.created', { name: 'Renée 🎧' })
    expect(await verify(renee)).toBeDefined()
  })

  const broken = new StripeWebhookVerifier(() => Promise.reject(new Error('no module')), secret)

  test.each([
    ['empty', ''],
    ['no signature', 'abc'],
    ['without a time', 'v1=abc'],
    ['without a signature', 't=1'],
    ['of an older scheme', sign(payload).replace('v1=', 'v0=')],
  ])('that is %s is refused without loading the SDK', async (_what, signature) => {
    expect(await broken.verify(payload, signature)).toBeUndefined()
  })

  test('cannot be checked without the SDK: that fails, and refuses nothing', async () => {
    await expect(broken.verify(payload, sign(payload))).rejects.toThrow('no module')
  })
})

test('a signed event that is not shaped like one fails, and is not taken for a forgery', async () => {
  const payload = JSON.stringify({ id: 'evt_1', type: 'checkout.session.completed', created: createdSeconds })
  await expect(verify(payload)).rejects.toThrow()
})

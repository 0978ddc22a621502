import { Stripe } from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StripePaymentRecords } from '../../src/upstream/stripe/payment-records.ts'
import { pressOnCheckout } from '../support/paid-checkout.ts'
import { type StripeUnderTest, startStripe } from '../support/stripe-stand-in.ts'

const metadata = { transaction_id: 'tx-1', user_id: 'user-1', stage: 'test' }

let server: StripeUnderTest
let sdk: Stripe
let nowMs: number

beforeEach(async () => {
  nowMs = Date.now()
  server = await startStripe({ now: () => nowMs })
  sdk = server.stripe
})

afterEach(() => server.close())

const openSession = (over: Partial<typeof metadata> = {}): Promise<Stripe.Checkout.Session> =>
  sdk.checkout.sessions.create({
    mode: 'payment',
    metadata: { ...metadata, ...over },
    payment_intent_data: { metadata: { ...metadata, ...over } },
    line_items: [
      {
        quantity: 1,
        price_data: { currency: 'usd', unit_amount: 299, product_data: { name: 'Starter' } },
      },
    ],
    success_url: 'http://127.0.0.1/success',
  })

/** A session that was paid, with its payment intent's id. */
const payFor = async (over: Partial<typeof metadata> = {}) => {
  const { id } = await openSession(over)
  await pressOnCheckout(server, id)
  const { payment_intent } = await sdk.checkout.sessions.retrieve(id)
  return { sessionId: id, intentId: String(payment_intent) }
}

const charged = async (sessionId: string): Promise<Stripe.Charge> => {
  const { payment_intent: intent } = await sdk.checkout.sessions.retrieve(sessionId, {
    expand: ['payment_intent.latest_charge'],
  })
  if (intent === null || typeof intent === 'string') throw new Error('The payment intent is not expanded.')
  const { latest_charge: charge } = intent
  if (charge === null || typeof charge === 'string') throw new Error('The charge is not expanded.')
  return charge
}

const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('refunds', () => {
  it('give a payment back in parts, and no more than was paid', async () => {
    const { sessionId, intentId } = await payFor()
    const first = await sdk.refunds.create({ payment_intent: intentId, amount: 100 })
    expect(first).toMatchObject({ object: 'refund', amount: 100, currency: 'usd', status: 'succeeded' })
    expect(await charged(sessionId)).toMatchObject({ amount_refunded: 100, refunded: false })

    const error = await failure(sdk.refunds.create({ payment_intent: intentId, amount: 200 }))
    expect(error).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError)
    const rest = await sdk.refunds.create({ payment_intent: intentId })
    expect(rest.amount).toBe(199)
    expect(await charged(sessionId)).toMatchObject({ amount_refunded: 299, refunded: true })
    expect(await failure(sdk.refunds.create({ payment_intent: intentId }))).toMatchObject({
      code: 'charge_already_refunded',
    })
    expect((await sdk.refunds.list({ payment_intent: intentId })).data.map(({ id }) => id)).toEqual([
      rest.id,
      first.id,
    ])
    expect((await sdk.refunds.retrieve(first.id)).payment_intent).toBe(intentId)
  })

  it('are told of by events', async () => {
    const { intentId } = await payFor()
    const refund = await sdk.refunds.create({ payment_intent: intentId })
    const { data } = await sdk.events.list({ types: ['refund.created', 'charge.refunded'] })
    expect(data.map(event => event.type)).toEqual(['charge.refunded', 'refund.created'])
    expect(data[0]?.data.object).toMatchObject({ amount_refunded: 299, refunded: true })
    expect(data[1]?.data.object).toMatchObject({ id: refund.id })
  })

  it('are refused where nothing was paid', async () => {
    const { id } = await openSession()
    await pressOnCheckout(server, id, 'pay_later_succeeds')
    const { payment_intent } = await sdk.checkout.sessions.retrieve(id)
    expect(await failure(sdk.refunds.create({ payment_intent: String(payment_intent) }))).toMatchObject({
      statusCode: 400,
    })
  })
})

describe('disputes', () => {
  it('are opened by the control, listed, and shown on the charge', async () => {
    const { sessionId, intentId } = await payFor()
    const { dispute_id } = await server.control({ dispute: { payment_intent: intentId } })
    expect(await sdk.disputes.retrieve(String(dispute_id))).toMatchObject({
      amount: 299,
      status: 'needs_response',
      payment_intent: intentId,
    })
    expect((await sdk.disputes.list()).data).toHaveLength(1)
    expect(await charged(sessionId)).toMatchObject({ disputed: true, amount_refunded: 0 })
    expect((await sdk.events.list({ type: 'charge.dispute.created' })).data).toHaveLength(1)
  })

  it('are not opened against a payment that there is not', async () => {
    expect(await server.control({ dispute: { payment_intent: 'pi_none' } })).toMatchObject({
      httpStatus: 404,
    })
  })
})

describe('a customer who was deleted', () => {
  it('is answered with the id alone, and neither listed nor changed any more', async () => {
    const { id } = await sdk.customers.create({ email: 'ann@example.com', name: 'Ann' })
    expect(await sdk.customers.del(id)).toEqual(
      expect.objectContaining({ id, object: 'customer', deleted: true }),
    )
    const found = await sdk.customers.retrieve(id)
    expect(found).toMatchObject({ id, deleted: true })
    expect(JSON.stringify(found)).not.toContain('ann')
    expect((await sdk.customers.list({ email: 'ann@example.com' })).data).toEqual([])
    expect(await failure(sdk.customers.update(id, { name: 'Bob' }))).toMatchObject({ statusCode: 404 })
    expect(await failure(sdk.customers.del(id))).toMatchObject({ statusCode: 404 })
  })
})

describe("what reconciling reads of Stripe's list", () => {
  const records = (stage = 'test') => new StripePaymentRecords({ load: async () => sdk, stage })
  const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
    const collected: Item[] = []
    for await (const item of items) collected.push(item)
    return collected
  }

  it('has every paid session of the stage, whatever the number of pages', async () => {
    const ids = new Set<string>()
    for (let at = 0; at < 103; at++) ids.add((await payFor({ transaction_id: `tx-${at}` })).sessionId)
    await payFor({ stage: 'other' })
    await openSession()
    const sessions = await collect(records().sessionsSince(nowMs - 60_000))
    expect(new Set(sessions.map(({ sessionId }) => sessionId))).toEqual(ids)
    expect(sessions.at(-1)).toEqual({
      sessionId: [...ids][0],
      transactionId: 'tx-0',
      userId: 'user-1',
      isPaid: true,
      amountCents: 299,
      refundedCents: 0,
      currency: 'usd',
      atMs: Math.floor(nowMs / 1_000) * 1_000,
    })
  })

  it('begins where it is told to', async () => {
    await payFor()
    nowMs += 3_600_000
    const { sessionId } = await payFor()
    const sessions = await collect(records().sessionsSince(nowMs - 60_000))
    expect(sessions.map(session => session.sessionId)).toEqual([sessionId])
  })

  it('tells when a session was paid, and what has gone back since', async () => {
    const { id } = await openSession()
    const openedMs = nowMs
    nowMs += 3_600_000
    await pressOnCheckout(server, id)
    const { payment_intent } = await sdk.checkout.sessions.retrieve(id)
    await sdk.refunds.create({ payment_intent: String(payment_intent), amount: 99 })
    expect(await records().session(id)).toMatchObject({
      isPaid: true,
      refundedCents: 99,
      atMs: Math.floor(nowMs / 1_000) * 1_000,
    })
    expect((await collect(records().sessionsSince(openedMs)))[0]).toEqual(await records().session(id))
  })

  it('has a session that nobody has paid yet as such, and none of another stage or of nobody', async () => {
    const { id } = await openSession()
    expect(await records().session(id)).toMatchObject({ isPaid: false })
    expect(await records('prod').session(id)).toBeUndefined()
    expect(await records().session('cs_test_none')).toBeUndefined()
  })

  it('has the refunds and the disputes of the stage, failed and won ones as such, but no mere inquiry', async () => {
    const [mine, other] = [await payFor(), await payFor({ stage: 'other' })]
    const refund = await sdk.refunds.create({ payment_intent: mine.intentId, amount: 99 })
    const failed = await sdk.refunds.create({ payment_intent: mine.intentId, amount: 100 })
    await server.control({ fail_refund: failed.id })
    await sdk.refunds.create({ payment_intent: other.intentId })
    const open = await server.control({ dispute: { payment_intent: mine.intentId } })
    const won = await server.control({ dispute: { payment_intent: mine.intentId, status: 'won' } })
    await server.control({ dispute: { payment_intent: mine.intentId, status: 'warning_needs_response' } })
    await server.control({ dispute: { payment_intent: other.intentId } })
    const atMs = Math.floor(nowMs / 1_000) * 1_000
    const about = { paymentId: mine.intentId, transactionId: 'tx-1', userId: 'user-1', currency: 'usd' }
    const ours = { ...about, money: 'taken', atMs }
    expect(await collect(records().takenBackSince(nowMs - 60_000))).toEqual([
      { ...ours, kind: 'refund', id: failed.id, amountCents: 100, money: 'returned' },
      { ...ours, kind: 'refund', id: refund.id, amountCents: 99 },
      { ...ours, kind: 'dispute', id: won.dispute_id, amountCents: 299, money: 'returned' },
      { ...ours, kind: 'dispute', id: open.dispute_id, amountCents: 299 },
    ])
  })

  it('has a refund that failed long after it was made, by when it failed', async () => {
    const { intentId } = await payFor()
    const { id } = await sdk.refunds.create({ payment_intent: intentId })
    nowMs += 30 * 3_600_000
    await server.control({ fail_refund: id })
    expect((await sdk.refunds.retrieve(id)).status).toBe('failed')
    const atMs = Math.floor(nowMs / 1_000) * 1_000
    const found = await collect(records().takenBackSince(nowMs - 60_000))
    expect(found).toMatchObject([{ id, money: 'returned', atMs }])
    const intent = await sdk.paymentIntents.retrieve(intentId, { expand: ['latest_charge'] })
    expect(intent.latest_charge).toMatchObject({ amount_refunded: 0, refunded: false })
  })

  it('has a refund that was called off long after it was made, by when', async () => {
    const { intentId } = await payFor()
    const { id } = await sdk.refunds.create({ payment_intent: intentId })
    nowMs += 100 * 3_600_000
    await server.control({ cancel_refund: id })
    const atMs = Math.floor(nowMs / 1_000) * 1_000
    expect(await collect(records().takenBackSince(nowMs - 60_000))).toMatchObject([
      { id, kind: 'refund', money: 'returned', atMs },
    ])
  })

  it('knows a refund of what was not paid by card, which Stripe names otherwise', async () => {
    const { id: sessionId } = await openSession()
    await pressOnCheckout(server, sessionId, 'pay_by_transfer')
    nowMs += 30 * 24 * 3_600_000
    const { payment_intent } = await sdk.checkout.sessions.retrieve(sessionId)
    const { id } = await sdk.refunds.create({ payment_intent: String(payment_intent) })
    expect(id).toMatch(/^pyr_/)
    expect(await records().takenBack(id)).toMatchObject({ kind: 'refund', id, money: 'taken' })
    nowMs += 100 * 3_600_000
    await server.control({ fail_refund: id })
    expect(await collect(records().takenBackSince(nowMs - 60_000))).toMatchObject([{ id, money: 'returned' }])
  })

  it('finds the session that a payment was made in, in its own stage alone', async () => {
    const { intentId, sessionId } = await payFor()
    expect(await records().sessionPaidBy(intentId)).toMatchObject({ sessionId, isPaid: true })
    expect(await records('prod').sessionPaidBy(intentId)).toBeUndefined()
    expect(await records().sessionPaidBy('pi_none')).toBeUndefined()
  })

  it('fails as a vendor does where Stripe does', async () => {
    await server.control({ fail_next: { count: 5, status: 500 } })
    await expect(collect(records().sessionsSince(0))).rejects.toMatchObject({
      name: 'UpstreamError',
      vendor: 'stripe',
    })
  })
})

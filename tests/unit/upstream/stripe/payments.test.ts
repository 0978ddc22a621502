import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CheckoutOrder } from '../../../../src/domain/ports.ts'
import { lazyStripe } from '../../../../src/upstream/stripe/client.ts'
import { StripePayments } from '../../../../src/upstream/stripe/payments.ts'
import { startVendorServer, type VendorServer } from '../../support/vendor-server.ts'

let vendor: VendorServer
let payments: StripePayments

beforeAll(async () => {
  vendor = await startVendorServer()
  payments = new StripePayments({
    load: lazyStripe({ secretKey: 'sk_test_1', apiUrl: vendor.url }),
    stage: 'test',
    successUrl: 'https://api.example.com/checkout/success',
    cancelUrl: 'https://api.example.com/checkout/cancel',
  })
})

afterAll(() => vendor.close())

beforeEach(() => {
  vendor.received.length = 0
  vendor.replies = []
})

const order: CheckoutOrder = {
  transactionId: 'transaction-1',
  userId: 'user-1',
  customerId: 'cus_1',
  packageId: 'starter',
  packageName: 'Starter',
  credits: 500,
  priceCents: 299,
  currency: 'usd',
  expiresAtMs: Date.UTC(2026, 10, 22, 11) + 999,
}

const session = { body: { id: 'cs_1', object: 'checkout.session', url: 'https://pay.example/cs_1' } }
const customer = (over: object = {}) => ({
  body: { id: 'cus_1', object: 'customer', metadata: { user_id: 'user-1', stage: 'test' }, ...over },
})
/** An answer after which the SDK does not try again by itself. */
const refusing = (status: number) => ({
  status,
  headers: { 'stripe-should-retry': 'false' },
  body: { error: { type: 'invalid_request_error', message: 'No such customer: ann@example.com' } },
})

/** The form that the last request carried. */
const lastForm = (): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(vendor.received.at(-1)?.body.toString('utf8')))

describe('a Checkout session', () => {
  test('is what the order says, and answers where to pay', async () => {
    vendor.replies = [session]
    expect(await payments.createCheckout(order)).toEqual({
      sessionId: 'cs_1',
      url: 'https://pay.example/cs_1',
    })
    expect(vendor.received[0]).toMatchObject({ method: 'POST', url: '/v1/checkout/sessions' })
    expect(lastForm()).toEqual({
      mode: 'payment',
      customer: 'cus_1',
      client_reference_id: 'user-1',
      'metadata[transaction_id]': 'transaction-1',
      'metadata[user_id]': 'user-1',
      'metadata[package_id]': 'starter',
      'metadata[stage]': 'test',
      'payment_intent_data[metadata][transaction_id]': 'transaction-1',
      'payment_intent_data[metadata][user_id]': 'user-1',
      'payment_intent_data[metadata][package_id]': 'starter',
      'payment_intent_data[metadata][stage]': 'test',
      'line_items[0][quantity]': '1',
      'line_items[0][price_data][currency]': 'usd',
      'line_items[0][price_data][unit_amount]': '299',
      'line_items[0][price_data][product_data][name]': 'Starter: 500 credits',
      success_url: 'https://api.example.com/checkout/success?session_id={CHECKOUT_SESSION_ID}',
      cancel_url: 'https://api.example.com/checkout/cancel',
      expires_at: String(Date.UTC(2026, 10, 22, 11) / 1_000),
    })
  })

  test('is asked for with the key, at a pinned version, under an idempotency key of ours', async () => {
    vendor.replies = [session]
    await payments.createCheckout(order)
    await payments.createCheckout(order)
    const [first, second] = vendor.received.map(request => request.headers)
    expect(first).toMatchObject({
      authorization: 'Bearer sk_test_1',
      'idempotency-key': 'test-checkout-transaction-1',
      'stripe-version': expect.stringMatching(/^\d{4}-\d\d-\d\d/),
    })
    expect(second?.['idempotency-key']).toBe(first?.['idempotency-key'])
    expect(vendor.received[1]?.body).toEqual(vendor.received[0]?.body)
  })

  test('without an address to pay at is a failure', async () => {
    vendor.replies = [{ body: { id: 'cs_1', object: 'checkout.session', url: null } }]
    await expect(payments.createCheckout(order)).rejects.toMatchObject({
      name: 'UpstreamError',
      vendor: 'stripe',
      kind: 'failed',
    })
  })
})

describe('a customer', () => {
  test('is made under a key that follows from the user, with what tells it apart', async () => {
    vendor.replies = [customer()]
    expect(await payments.createCustomer('user-1', 'ann@example.com')).toBe('cus_1')
    expect(vendor.received[0]).toMatchObject({ method: 'POST', url: '/v1/customers' })
    expect(vendor.received[0]?.headers['idempotency-key']).toBe('test-customer-user-1')
    expect(lastForm()).toEqual({
      email: 'ann@example.com',
      'metadata[user_id]': 'user-1',
      'metadata[stage]': 'test',
    })
  })

  test('stands for the user in its metadata', async () => {
    vendor.replies = [customer()]
    expect(await payments.userOfCustomer('cus_1')).toBe('user-1')
    expect(vendor.received[0]).toMatchObject({ method: 'GET', url: '/v1/customers/cus_1' })
  })

  test.each([
    ['of another stage', customer({ metadata: { user_id: 'user-1', stage: 'prod' } })],
    ['of another application', customer({ metadata: {} })],
    ['that was deleted', { body: { id: 'cus_1', object: 'customer', deleted: true } }],
  ])('%s stands for nobody', async (_what, reply) => {
    vendor.replies = [reply]
    expect(await payments.userOfCustomer('cus_1')).toBeUndefined()
  })
})

describe('a failure of the vendor', () => {
  test.each([400, 401, 402, 403, 404, 429, 500])('with status %i is told with it', async status => {
    vendor.replies = [refusing(status)]
    await expect(payments.createCheckout(order)).rejects.toMatchObject({
      name: 'UpstreamError',
      vendor: 'stripe',
      kind: 'failed',
      status,
    })
    await expect(payments.createCustomer('user-1', 'ann@example.com')).rejects.toMatchObject({ status })
    await expect(payments.userOfCustomer('cus_1')).rejects.toMatchObject({ status })
  })

  test('keeps the words of the vendor out of its own message', async () => {
    vendor.replies = [refusing(404)]
    await expect(payments.userOfCustomer('cus_1')).rejects.toMatchObject({ message: 'stripe failed (404)' })
  })

  test.each([
    ['no JSON', { headers: { 'stripe-should-retry': 'false' }, body: '<html>' }],
    ['a body that is no error', { status: 500, headers: { 'stripe-should-retry': 'false' }, body: {} }],
  ])('by %s is a failure', async (_what, reply) => {
    vendor.replies = [reply]
    await expect(payments.createCheckout(order)).rejects.toMatchObject({
      name: 'UpstreamError',
      kind: 'failed',
    })
  })

  test('that is over at the next attempt is not noticed, and both carry the same key', async () => {
    vendor.replies = ['drop', session]
    expect(await payments.createCheckout(order)).toMatchObject({ sessionId: 'cs_1' })
    const keys = vendor.received.map(request => request.headers['idempotency-key'])
    expect(keys).toEqual(['test-checkout-transaction-1', 'test-checkout-transaction-1'])
  })
})

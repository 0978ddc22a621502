import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import Fastify from 'fastify'
import { Stripe } from 'stripe'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { stripeStandIn } from '../../local/stand-ins/stripe/plugin.ts'
import { API_VERSION } from '../../local/stand-ins/stripe/wire.ts'
import {
  client,
  type Received,
  type Receiver,
  SECRET_KEY,
  type StripeUnderTest,
  startReceiver,
  startStripe,
} from '../support/stripe-stand-in.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

let server: StripeUnderTest
let stripe: Stripe

beforeEach(async () => {
  server = await startStripe()
  stripe = server.stripe
})

afterEach(() => server.close())

describe('customers', () => {
  it('are created, read back, changed and found by e-mail', async () => {
    const created = await stripe.customers.create({
      email: 'ann@example.com',
      name: 'Ann',
      metadata: { user_id: 'u1', plan: 'none' },
    })
    expect(created).toMatchObject({ object: 'customer', email: 'ann@example.com', livemode: false })
    expect(created.id).toMatch(/^cus_/)
    expect(await stripe.customers.retrieve(created.id)).toEqual(created)

    const updated = await stripe.customers.update(created.id, {
      name: 'Ann B.',
      metadata: { plan: '', city: 'Bath' },
    })
    expect(updated).toMatchObject({
      name: 'Ann B.',
      email: 'ann@example.com',
      metadata: { user_id: 'u1', city: 'Bath' },
    })
    expect(updated.metadata).not.toHaveProperty('plan')

    await stripe.customers.create({ email: 'bob@example.com' })
    const found = await stripe.customers.list({ email: 'ann@example.com' })
    expect(found.data.map(customer => customer.id)).toEqual([created.id])
  })

  it('lose their metadata, name and e-mail when these are set to the empty string', async () => {
    const { id } = await stripe.customers.create({ email: 'a@example.com', name: 'A', metadata: { a: '1' } })
    const cleared = await stripe.customers.update(id, { email: '', name: '', metadata: '' })
    expect(cleared).toMatchObject({ email: null, name: null, metadata: {} })
  })

  it('keep any text exactly', async () => {
    const word = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 50 })
      .filter(text => text.trim() !== '')
    const key = fc.stringMatching(/^[A-Za-z0-9_.-]{1,40}$/).filter(text => text !== '__proto__')
    await fc.assert(
      fc.asyncProperty(word, fc.dictionary(key, word, { maxKeys: 5 }), async (name, metadata) => {
        const { id } = await stripe.customers.create({ name, metadata })
        expect(await stripe.customers.retrieve(id)).toMatchObject({ name, metadata: { ...metadata } })
      }),
      { numRuns: 50 },
    )
  })
})

describe('lists', () => {
  it('come newest first, in pages that the SDK follows to the end', async () => {
    const ids: string[] = []
    for (let count = 0; count < 7; count++) ids.push((await stripe.customers.create()).id)
    const newestFirst = ids.toReversed()

    const first = await stripe.customers.list({ limit: 3 })
    expect(first.has_more).toBe(true)
    expect(first.data.map(customer => customer.id)).toEqual(newestFirst.slice(0, 3))

    const all: string[] = []
    for await (const customer of stripe.customers.list({ limit: 3 })) all.push(customer.id)
    expect(all).toEqual(newestFirst)

    const before = await stripe.customers.list({ limit: 2, ending_before: newestFirst[3] ?? '' })
    expect(before.data.map(customer => customer.id)).toEqual(newestFirst.slice(1, 3))
    expect(before.has_more).toBe(true)
  })

  it('can be cut by time of creation', async () => {
    const { id, created } = await stripe.customers.create()
    const has = async (filter: Stripe.RangeQueryParam | number) =>
      (await stripe.customers.list({ created: filter })).data.some(customer => customer.id === id)
    expect(await has(created)).toBe(true)
    expect(await has({ gte: created, lte: created })).toBe(true)
    expect(await has({ gt: created })).toBe(false)
    expect(await has({ lt: created })).toBe(false)
  })

  it('refuse a limit out of range and a cursor that does not exist', async () => {
    await expect(stripe.customers.list({ limit: 101 })).rejects.toMatchObject({
      code: 'parameter_invalid_integer',
      param: 'limit',
    })
    await expect(stripe.customers.list({ starting_after: 'cus_nobody' })).rejects.toMatchObject({
      code: 'resource_missing',
      param: 'starting_after',
      statusCode: 400,
    })
  })
})

describe('errors', () => {
  it('name an unknown parameter, also a nested one', async () => {
    const params = { ...payment(), automatic_tax: { enabled: true } }
    const error = await failure(stripe.checkout.sessions.create(params))
    expect(error).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError)
    expect(error).toMatchObject({
      statusCode: 400,
      type: 'StripeInvalidRequestError',
      rawType: 'invalid_request_error',
      code: 'parameter_unknown',
      param: 'automatic_tax',
    })
    expect(error.requestId).toMatch(/^req_/)

    const nested = payment()
    Object.assign(nested.line_items[0] ?? {}, { colour: 'red' })
    await expect(stripe.checkout.sessions.create(nested)).rejects.toMatchObject({
      code: 'parameter_unknown',
      param: 'line_items[0][colour]',
    })
  })

  it('name a missing parameter, also a nested one', async () => {
    const { success_url: _, ...withoutSuccessUrl } = payment()
    await expect(stripe.checkout.sessions.create(withoutSuccessUrl)).rejects.toMatchObject({
      code: 'parameter_missing',
      param: 'success_url',
      message: 'Missing required param: success_url.',
    })
    const params = payment({
      line_items: [{ quantity: 1, price_data: { currency: 'usd', product_data: { name: 'Pack' } } }],
    })
    await expect(stripe.checkout.sessions.create(params)).rejects.toMatchObject({
      code: 'parameter_missing',
      param: 'line_items[0][price_data][unit_amount]',
    })
  })

  it('say what is not there', async () => {
    const error = await failure(stripe.customers.retrieve('cus_nobody'))
    expect(error).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError)
    expect(error).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      param: 'id',
      message: "No such customer: 'cus_nobody'",
    })
    await expect(stripe.checkout.sessions.create(payment({ customer: 'cus_nobody' }))).rejects.toMatchObject({
      statusCode: 400,
      code: 'resource_missing',
      param: 'customer',
    })
    await expect(stripe.customers.retrieve('constructor')).rejects.toMatchObject({ statusCode: 404 })
    await expect(stripe.balance.retrieve()).rejects.toMatchObject({
      statusCode: 404,
      message: expect.stringContaining('Unrecognized request URL (GET: /v1/balance)'),
    })
  })

  it('refuse another key, no key, and another API version', async () => {
    const wrong = await failure(client(server.port, 'sk_test_wrong').customers.list())
    expect(wrong).toBeInstanceOf(Stripe.errors.StripeAuthenticationError)
    expect(wrong).toMatchObject({ statusCode: 401, message: expect.not.stringContaining('sk_test_wrong') })

    const none = await fetch(`${server.origin}/v1/customers`)
    expect(none.status).toBe(401)
    expect(await none.json()).toMatchObject({ error: { type: 'invalid_request_error' } })

    await expect(stripe.customers.list({}, { apiVersion: '2020-08-27' })).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('Invalid Stripe API version: 2020-08-27'),
    })
  })

  it('answer a JSON body as Stripe would, not as the rest of the server does', async () => {
    const response = await fetch(`${server.origin}/v1/customers`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${SECRET_KEY}`, 'Content-Type': 'application/json' },
      body: '{}',
    })
    expect(response.status).toBe(415)
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
  })

  it('can be asked for, and the SDK retries over them without doing anything twice', async () => {
    await server.control({ fail_next: { count: 2, status: 500 } })
    expect(await failure(stripe.customers.create())).toBeInstanceOf(Stripe.errors.StripeAPIError)
    const retrying = client(server.port, undefined, { maxNetworkRetries: 2 })
    await retrying.customers.create({ email: 'once@example.com' })
    expect((await stripe.customers.list()).data.map(customer => customer.email)).toEqual(['once@example.com'])

    await server.control({ fail_next: { count: 1, status: 429 } })
    expect(await failure(stripe.customers.list())).toBeInstanceOf(Stripe.errors.StripeRateLimitError)
    await stripe.customers.list()
  })
})

describe('the API version', () => {
  it('is the one that the installed SDK sends', () => {
    expect(API_VERSION).toBe(Stripe.API_VERSION)
  })
})

describe('idempotency keys', () => {
  it('repeat the first answer, and do nothing again', async () => {
    const options = { idempotencyKey: 'purchase-1' }
    const first = await stripe.checkout.sessions.create(payment(), options)
    expect(first.lastResponse.headers).not.toHaveProperty('idempotent-replayed')
    const second = await stripe.checkout.sessions.create(payment(), options)
    expect(second).toEqual(first)
    expect(second.lastResponse.headers).toMatchObject({
      'idempotent-replayed': 'true',
      'original-request': first.lastResponse.requestId,
    })
    expect(second.lastResponse.requestId).not.toBe(first.lastResponse.requestId)
    expect((await stripe.checkout.sessions.list()).data).toHaveLength(1)
  })

  it('cannot be used for other parameters or another endpoint', async () => {
    const options = { idempotencyKey: 'key-1' }
    await stripe.customers.create({ name: 'A' }, options)
    const error = await failure(stripe.customers.create({ name: 'B' }, options))
    expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError)
    expect(error).toMatchObject({ statusCode: 400, rawType: 'idempotency_error' })
    expect(await failure(stripe.checkout.sessions.create(payment(), options))).toBeInstanceOf(
      Stripe.errors.StripeIdempotencyError,
    )
  })

  it('let one of several requests at once through, and none twice', async () => {
    const options = { idempotencyKey: 'at-once' }
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => stripe.customers.create({ name: 'Once' }, options)),
    )
    const ids = new Set(results.flatMap(result => (result.status === 'fulfilled' ? [result.value.id] : [])))
    expect(ids.size).toBe(1)
    for (const result of results) {
      if (result.status === 'rejected') {
        expect(result.reason).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' })
      }
    }
    expect((await stripe.customers.list()).data).toHaveLength(1)
  })

  it('keep a refusal that came from carrying the request out, but not one of its parameters', async () => {
    const options = { idempotencyKey: 'refused' }
    const params = payment({ customer: 'cus_nobody' })
    await expect(stripe.checkout.sessions.create(params, options)).rejects.toMatchObject({ statusCode: 400 })
    const repeated = await failure(stripe.checkout.sessions.create(params, options))
    expect(repeated.headers).toMatchObject({ 'idempotent-replayed': 'true' })

    const invalid = { idempotencyKey: 'invalid' }
    await expect(stripe.customers.create({ email: 'not an address' }, invalid)).rejects.toMatchObject({
      code: 'email_invalid',
    })
    await stripe.customers.create({ email: 'good@example.com' }, invalid)
  })

  it('are forgotten after a day', async () => {
    let nowMs = Date.now()
    const { stripe: later } = await started({ now: () => nowMs })
    const options = { idempotencyKey: 'daily' }
    const first = await later.customers.create({}, options)
    nowMs += DAY_MS - 1_000
    expect((await later.customers.create({}, options)).id).toBe(first.id)
    nowMs += 2_000
    expect((await later.customers.create({}, options)).id).not.toBe(first.id)
  })
})

describe('checkout sessions', () => {
  it('add up their line items and hand on what they were given', async () => {
    const customer = await stripe.customers.create({ email: 'ann@example.com', name: 'Ann' })
    const price = await stripe.prices.create({
      currency: 'usd',
      unit_amount: 250,
      product_data: { name: 'Extra' },
    })
    const before = Math.floor(Date.now() / 1_000)
    const session = await stripe.checkout.sessions.create(
      payment({
        customer: customer.id,
        client_reference_id: 'transaction-1',
        metadata: { transaction_id: 't1' },
        line_items: [pack(999), { price: price.id, quantity: 3 }],
        expand: ['line_items', 'customer'],
      }),
    )
    expect(session).toMatchObject({
      object: 'checkout.session',
      mode: 'payment',
      ui_mode: 'hosted_page',
      status: 'open',
      payment_status: 'unpaid',
      amount_subtotal: 1_749,
      amount_total: 1_749,
      currency: 'usd',
      client_reference_id: 'transaction-1',
      metadata: { transaction_id: 't1' },
      customer: { id: customer.id },
      customer_details: { email: 'ann@example.com', name: 'Ann' },
      payment_intent: null,
      success_url: 'https://shop.example/done?id={CHECKOUT_SESSION_ID}',
    })
    expect(session.id).toMatch(/^cs_test_/)
    expect(session.url).toBe(`${server.origin}/c/pay/${session.id}`)
    expect(session.expires_at - session.created).toBe(24 * 60 * 60)
    expect(session.created).toBeGreaterThanOrEqual(before)
    expect(session.line_items?.data).toMatchObject([
      { description: 'Popular pack', quantity: 1, amount_total: 999 },
      { description: 'Extra', quantity: 3, amount_total: 750, price: { id: price.id } },
    ])
    expect(session.line_items?.data[0]?.price?.unit_amount_decimal?.toString()).toBe('999')

    const retrieved = await stripe.checkout.sessions.retrieve(session.id)
    expect(retrieved).not.toHaveProperty('line_items')
    expect(retrieved).toMatchObject({ id: session.id, customer: customer.id })
  })

  it('are found by customer, e-mail and status', async () => {
    const customer = await stripe.customers.create({ email: 'ann@example.com' })
    const hers = await stripe.checkout.sessions.create(payment({ customer: customer.id }))
    const his = await stripe.checkout.sessions.create(payment({ customer_email: 'bob@example.com' }))
    await stripe.checkout.sessions.expire(his.id)
    const found = async (filter: Stripe.Checkout.SessionListParams) =>
      (await stripe.checkout.sessions.list(filter)).data.map(session => session.id)
    expect(await found({})).toEqual([his.id, hers.id])
    expect(await found({ customer: customer.id })).toEqual([hers.id])
    expect(await found({ customer_details: { email: 'bob@example.com' } })).toEqual([his.id])
    expect(await found({ status: 'open' })).toEqual([hers.id])
    const expanded = await stripe.checkout.sessions.list({ expand: ['data.line_items'] })
    expect(expanded.data[0]?.line_items?.data).toHaveLength(1)
  })

  it.each([
    ['another mode', { mode: 'subscription' as const }, { param: 'mode' }],
    ['an address that is none', { success_url: 'shop' }, { param: 'success_url', code: 'url_invalid' }],
    ['too small a total', { line_items: [pack(49)] }, { code: 'amount_too_small' }],
    ['no line items', { line_items: [] }, { param: 'line_items', code: 'parameter_missing' }],
    [
      'two currencies',
      { line_items: [pack(999), pack(999, { currency: 'eur' })] },
      { message: expect.stringContaining('currency') },
    ],
    [
      'a fraction of a cent',
      { line_items: [pack(9.5)] },
      { param: 'line_items[0][price_data][unit_amount]', code: 'parameter_invalid_integer' },
    ],
    [
      'something that cannot be expanded',
      { expand: ['invoice'] },
      { message: 'This property cannot be expanded (invoice).' },
    ],
  ])('refuse %s', async (_what, params, expected) => {
    const error = await failure(stripe.checkout.sessions.create(payment(params)))
    expect(error).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError)
    expect(error).toMatchObject(expected)
  })

  it('refuse the inline price of another session', async () => {
    const session = await stripe.checkout.sessions.create(payment({ expand: ['line_items'] }))
    const inline = session.line_items?.data[0]?.price?.id ?? ''
    await expect(
      stripe.checkout.sessions.create(payment({ line_items: [{ price: inline, quantity: 1 }] })),
    ).rejects.toMatchObject({
      message: 'The price specified is inactive. This field only accepts active prices.',
    })
  })

  it('live for 30 minutes to 24 hours', async () => {
    const nowMs = 1_800_000_000_000
    const { stripe: fixed } = await started({ now: () => nowMs })
    const withLife = (seconds: number) =>
      fixed.checkout.sessions.create(payment({ expires_at: nowMs / 1_000 + seconds }))
    expect((await withLife(30 * 60)).expires_at).toBe(nowMs / 1_000 + 30 * 60)
    await withLife(24 * 60 * 60)
    await expect(withLife(30 * 60 - 1)).rejects.toMatchObject({ param: 'expires_at' })
    await expect(withLife(24 * 60 * 60 + 1)).rejects.toMatchObject({ param: 'expires_at' })
  })

  it('expire when their time is over, which cancels an unfinished payment', async () => {
    let nowMs = Date.now()
    const { stripe: clocked } = await started({ now: () => nowMs })
    const session = await clocked.checkout.sessions.create(payment())
    await press(session.url, 'decline')
    nowMs += DAY_MS - 2_000
    expect((await clocked.checkout.sessions.retrieve(session.id)).status).toBe('open')
    nowMs += 2_000
    const expired = await clocked.checkout.sessions.retrieve(session.id)
    expect(expired).toMatchObject({ status: 'expired', payment_status: 'unpaid', url: null })
    expect(await clocked.paymentIntents.retrieve(String(expired.payment_intent))).toMatchObject({
      status: 'canceled',
    })
    const events = await clocked.events.list({ type: 'checkout.session.expired' })
    expect(events.data).toMatchObject([
      { data: { object: { id: session.id, status: 'expired' } }, request: { id: null } },
    ])
    const page = await press(session.url, 'pay')
    expect(page.headers.get('location')).toContain(session.id)
    expect((await clocked.checkout.sessions.retrieve(session.id)).status).toBe('expired')
  })

  it('can be expired once, while they are open', async () => {
    const session = await stripe.checkout.sessions.create(payment())
    expect(await stripe.checkout.sessions.expire(session.id)).toMatchObject({ status: 'expired' })
    await expect(stripe.checkout.sessions.expire(session.id)).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('has a status of "expired"'),
    })
  })
})

describe('webhooks', () => {
  let receiver: Receiver

  beforeEach(async () => {
    receiver = await startReceiver()
  })
  afterEach(() => receiver.close())

  it('carry a signature that the SDK accepts with the right secret only', async () => {
    const secret = await addEndpoint(stripe, receiver)
    await payed(stripe)
    const { body, signature } = await receivedOf(receiver, 'checkout.session.completed')

    const event = await stripe.webhooks.constructEventAsync(body, signature, secret)
    expect(event).toMatchObject({ object: 'event', api_version: Stripe.API_VERSION, livemode: false })
    await expect(stripe.webhooks.constructEventAsync(body, signature, 'whsec_other')).rejects.toThrow(
      Stripe.errors.StripeSignatureVerificationError,
    )
    await expect(
      stripe.webhooks.constructEventAsync(body.replace('999', '998'), signature, secret),
    ).rejects.toThrow(Stripe.errors.StripeSignatureVerificationError)
  })

  it('tell of a payment with full snapshots', async () => {
    await addEndpoint(stripe, receiver)
    const customer = await stripe.customers.create(
      { email: 'ann@example.com' },
      { idempotencyKey: 'new-ann' },
    )
    const session = await stripe.checkout.sessions.create(
      payment({
        customer: customer.id,
        metadata: { transaction_id: 't1' },
        payment_intent_data: { metadata: { transaction_id: 't1' }, description: 'Popular pack' },
      }),
    )
    await press(session.url, 'pay')

    const completed = await receivedOf(receiver, 'checkout.session.completed')
    expect(completed.event.data.object).toEqual(await plain(stripe.checkout.sessions.retrieve(session.id)))
    expect(completed.event.data.object).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      amount_total: 999,
      currency: 'usd',
      metadata: { transaction_id: 't1' },
    })
    const succeeded = await receivedOf(receiver, 'payment_intent.succeeded')
    expect(succeeded.event.data.object).toMatchObject({
      object: 'payment_intent',
      amount: 999,
      amount_received: 999,
      status: 'succeeded',
      customer: customer.id,
      description: 'Popular pack',
      metadata: { transaction_id: 't1' },
      last_payment_error: null,
    })
    const created = await receivedOf(receiver, 'customer.created')
    expect(created.event).toMatchObject({ request: { idempotency_key: 'new-ann' }, pending_webhooks: 1 })
    expect(created.event.request?.id).toBe(customer.lastResponse.requestId)
  })

  it('tell what a customer was before a change', async () => {
    await addEndpoint(stripe, receiver)
    const { id } = await stripe.customers.create({ name: 'Old' })
    await stripe.customers.update(id, { name: 'New' })
    const { event } = await receivedOf(receiver, 'customer.updated')
    expect(event.data).toMatchObject({ object: { name: 'New' }, previous_attributes: { name: 'Old' } })
  })

  it('go to each endpoint that wants them, signed with its own secret', async () => {
    const secrets = [await addEndpoint(stripe, receiver), await addEndpoint(stripe, receiver)]
    await addEndpoint(stripe, receiver, ['checkout.session.expired'])
    await stripe.customers.create()
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2))

    const [first, second] = receiver.received
    expect(second?.event.id).toBe(first?.event.id)
    const accepted = await Promise.all(
      secrets.map(async secret => {
        const checks = receiver.received.map(({ body, signature }) =>
          stripe.webhooks.constructEventAsync(body, signature, secret),
        )
        return (await Promise.allSettled(checks)).map(check => check.status)
      }),
    )
    expect(accepted.map(statuses => statuses.filter(status => status === 'fulfilled').length)).toEqual([1, 1])
  })

  it('are tried again after an error, a redirect and no answer, until one is taken', async () => {
    const slow = await started({ webhookTimeoutMs: 100 })
    const secret = await addEndpoint(slow.stripe, receiver)
    receiver.statuses.push(500, 307, 0, 204)
    await slow.stripe.customers.create()
    await vi.waitFor(() => expect(receiver.received).toHaveLength(4))
    expect(new Set(receiver.received.map(({ event }) => event.id)).size).toBe(1)
    for (const { body, signature } of receiver.received) {
      await slow.stripe.webhooks.constructEventAsync(body, signature, secret)
    }
    await vi.waitFor(async () => {
      const events = await slow.stripe.events.list({ delivery_success: true })
      expect(events.data).toMatchObject([{ pending_webhooks: 0 }])
    })
  })

  it('are given up when the tries are used up, and can be sent again from the page', async () => {
    await addEndpoint(stripe, receiver)
    receiver.statuses.push(500, 500, 500, 500)
    const { id } = await stripe.customers.create()
    await vi.waitFor(async () => {
      const [event] = (await stripe.events.list({ delivery_success: false })).data
      expect(event).toMatchObject({ data: { object: { id } }, pending_webhooks: 0 })
    })
    expect(receiver.received).toHaveLength(4)

    const eventId = receiver.received[0]?.event.id
    expect(await (await fetch(`${server.origin}/stripe`)).text()).toContain(
      `/stripe/events/${eventId}/resend`,
    )
    await fetch(`${server.origin}/stripe/events/${eventId}/resend`, { method: 'POST' })
    await vi.waitFor(() => expect(receiver.received).toHaveLength(5))
    expect(receiver.received[4]?.event.id).toBe(eventId)
  })

  it('can be held back, and sent twice', async () => {
    await addEndpoint(stripe, receiver)
    await server.control({ hold_webhooks: true, duplicate_webhooks: true })
    const { id } = await stripe.customers.create()
    await expect(stripe.events.list()).resolves.toMatchObject({ data: [{ pending_webhooks: 1 }] })
    expect(receiver.received).toEqual([])

    await server.control({ hold_webhooks: false })
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2))
    expect(receiver.received[0]?.event).toMatchObject({ data: { object: { id } } })
    expect(receiver.received[1]?.event.id).toBe(receiver.received[0]?.event.id)
  })

  it('tell the secret of an endpoint at its creation only', async () => {
    const created = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] })
    expect(created.secret).toMatch(/^whsec_/)
    const { secret: _, ...rest } = created
    expect(await stripe.webhookEndpoints.retrieve(created.id)).toEqual(rest)
    expect((await stripe.webhookEndpoints.list()).data).toEqual([rest])
  })

  it('stop for an endpoint that is disabled, changed or deleted', async () => {
    const endpoint = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] })
    expect(await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })).toMatchObject({
      status: 'disabled',
    })
    await stripe.customers.create({ name: 'unheard' })
    await stripe.webhookEndpoints.update(endpoint.id, {
      disabled: false,
      enabled_events: ['customer.updated'],
    })
    const { id } = await stripe.customers.create({ name: 'unheard' })
    await stripe.customers.update(id, { name: 'heard' })
    await receivedOf(receiver, 'customer.updated')
    expect(receiver.received).toHaveLength(1)

    await server.control({ hold_webhooks: true })
    await stripe.customers.update(id, { name: 'while disabled' })
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })
    await server.control({ hold_webhooks: false })
    await nothingPending()
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: false })

    await server.control({ hold_webhooks: true })
    await stripe.customers.update(id, { name: 'too late' })
    expect(await stripe.webhookEndpoints.del(endpoint.id)).toMatchObject({ id: endpoint.id, deleted: true })
    await expect(stripe.webhookEndpoints.retrieve(endpoint.id)).rejects.toMatchObject({ statusCode: 404 })
    await server.control({ hold_webhooks: false })
    await nothingPending()
    expect(receiver.received).toHaveLength(1)
  })

  async function nothingPending(): Promise<void> {
    await vi.waitFor(async () => {
      const events = await stripe.events.list({ type: 'customer.updated' })
      for (const event of events.data) expect(event.pending_webhooks).toBe(0)
    })
  }

  it('tell of a failed renewal when asked to', async () => {
    await addEndpoint(stripe, receiver)
    const customer = await stripe.customers.create({ email: 'ann@example.com' })
    const answer = await server.control({
      send_event: { type: 'invoice.payment_failed', customer: customer.id, amount_cents: 999 },
    })
    const { event } = await receivedOf(receiver, 'invoice.payment_failed')
    expect(event.id).toBe(answer.event_id)
    expect(event.data.object).toMatchObject({
      object: 'invoice',
      customer: customer.id,
      customer_email: 'ann@example.com',
      amount_due: 999,
      amount_paid: 0,
      status: 'open',
      billing_reason: 'subscription_cycle',
      parent: {
        type: 'subscription_details',
        subscription_details: { subscription: expect.stringMatching(/^sub_/) },
      },
      payments: { data: [{ payment: { type: 'payment_intent' }, status: 'open' }] },
    })
    expect(event.data.object).not.toHaveProperty('subscription')
    expect(await stripe.events.retrieve(event.id)).toMatchObject({ type: 'invoice.payment_failed' })

    const unknown = { type: 'invoice.payment_failed', customer: 'cus_nobody', amount_cents: 999 }
    expect(await server.control({ send_event: unknown })).toMatchObject({ httpStatus: 404 })
    expect(await server.control({ send_event: { type: 'invoice.paid' } })).toMatchObject({ httpStatus: 400 })
    expect(await server.control({ hold_webhoks: true })).toMatchObject({ httpStatus: 400 })
  })
})

describe('a restart', () => {
  it('forgets nothing: sessions, idempotency keys, endpoints, and events that were not delivered', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'stripe-stand-in-'))
    onTestFinished(() => rm(stateDir, { recursive: true }))
    const receiver = await startReceiver()
    onTestFinished(receiver.close)

    const before = await startStripe({ stateDir })
    const secret = await addEndpoint(before.stripe, receiver)
    await before.control({ hold_webhooks: true })
    const paid = await before.stripe.checkout.sessions.create(payment(), { idempotencyKey: 'kept' })
    const open = await before.stripe.checkout.sessions.create(payment())
    await press(paid.url, 'pay')
    await before.close()
    expect(receiver.received).toEqual([])

    const after = await started({ stateDir, now: () => Date.now() + DAY_MS })
    const { body, signature, event } = await receivedOf(receiver, 'checkout.session.completed')
    expect(event.data.object).toMatchObject({ id: paid.id, payment_status: 'paid' })
    await after.stripe.webhooks.constructEventAsync(body, signature, secret)
    const expired = await receivedOf(receiver, 'checkout.session.expired')
    expect(expired.event.data.object).toMatchObject({ id: open.id })
    expect(await after.stripe.checkout.sessions.retrieve(paid.id)).toMatchObject({ payment_status: 'paid' })
  })

  it('keeps the answers to idempotency keys', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'stripe-stand-in-'))
    onTestFinished(() => rm(stateDir, { recursive: true }))
    const before = await startStripe({ stateDir })
    const first = await before.stripe.customers.create({ name: 'A' }, { idempotencyKey: 'kept' })
    await before.close()
    const after = await started({ stateDir })
    expect(await after.stripe.customers.create({ name: 'A' }, { idempotencyKey: 'kept' })).toEqual(first)
  })

  it('forgets events after 30 days, and only events', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'stripe-stand-in-'))
    onTestFinished(() => rm(stateDir, { recursive: true }))
    const eventsAfterDays = async (days: number) => {
      const later = await startStripe({ stateDir, now: () => 1_800_000_000_000 + days * DAY_MS })
      if (days === 0) await later.stripe.customers.create()
      const { data } = await later.stripe.events.list()
      expect((await later.stripe.customers.list()).data).toHaveLength(1)
      await later.close()
      return data.length
    }
    expect(await eventsAfterDays(0)).toBe(1)
    expect(await eventsAfterDays(29)).toBe(1)
    expect(await eventsAfterDays(30)).toBe(0)
  })

  it('sends an event again whose answer it did not wait for', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'stripe-stand-in-'))
    onTestFinished(() => rm(stateDir, { recursive: true }))
    const receiver = await startReceiver()
    onTestFinished(receiver.close)
    const before = await startStripe({ stateDir, webhookRetryDelaysMs: [] })
    await addEndpoint(before.stripe, receiver)
    receiver.statuses.push(0)
    await before.stripe.customers.create()
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1))
    await before.close()
    await started({ stateDir })
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2))
    expect(receiver.received[1]?.event.id).toBe(receiver.received[0]?.event.id)
  })
})

describe('beside other parts of the same server', () => {
  it('keeps its parsers and its errors to itself', async () => {
    const rest = Fastify()
    onTestFinished(() => rest.close())
    rest.addContentTypeParser('application/x-www-form-urlencoded', (_request, _body, done) =>
      done(null, 'form'),
    )
    rest.post('/echo', async request => request.body)
    await rest.register(stripeStandIn, { publicUrl: 'http://127.0.0.1' })
    const post = async (url: string, contentType: string, payload: string) =>
      rest.inject({ method: 'POST', url, headers: { 'Content-Type': contentType }, payload })

    const form = 'application/x-www-form-urlencoded'
    expect((await post('/echo', 'application/json', '{"a":1}')).json()).toEqual({ a: 1 })
    expect((await post('/echo', form, 'a=1')).body).toBe('form')
    expect((await rest.inject('/elsewhere')).json()).toMatchObject({ error: 'Not Found' })
    expect((await rest.inject('/v1/elsewhere')).json()).toMatchObject({
      error: { type: 'invalid_request_error' },
    })
    const page = await post('/c/pay/cs_test_x', 'application/json', '{}')
    expect(page.statusCode).toBe(415)
    expect(page.body).toContain('<h1>That did not work</h1>')
  })
})

/** Another stand-in, closed when the test ends. */
async function started(options: Parameters<typeof startStripe>[0]): Promise<StripeUnderTest> {
  const other = await startStripe(options)
  onTestFinished(other.close)
  return other
}

function pack(unitAmount: number, { currency = 'usd' } = {}) {
  return {
    quantity: 1,
    price_data: { currency, unit_amount: unitAmount, product_data: { name: 'Popular pack' } },
  }
}

function payment(params: Stripe.Checkout.SessionCreateParams = {}) {
  return {
    mode: 'payment',
    line_items: [pack(999)],
    success_url: 'https://shop.example/done?id={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://shop.example/cart',
    ...params,
  } satisfies Stripe.Checkout.SessionCreateParams
}

/** Presses a button of the Checkout page. */
function press(url: string | null, action: string): Promise<Response> {
  return fetch(url ?? '', { method: 'POST', redirect: 'manual', body: new URLSearchParams({ action }) })
}

async function payed(sdk: Stripe): Promise<void> {
  const session = await sdk.checkout.sessions.create(payment())
  await press(session.url, 'pay')
}

/** Adds the receiver as an endpoint and returns its secret. */
async function addEndpoint(
  sdk: Stripe,
  receiver: Receiver,
  enabledEvents: Stripe.WebhookEndpointCreateParams.EnabledEvent[] = ['*'],
): Promise<string> {
  const endpoint = await sdk.webhookEndpoints.create({ url: receiver.url, enabled_events: enabledEvents })
  return endpoint.secret ?? ''
}

function receivedOf(receiver: Receiver, type: Stripe.Event['type']): Promise<Received> {
  return vi.waitFor(() => {
    const found = receiver.received.find(({ event }) => event.type === type)
    if (found === undefined) throw new Error(`No ${type} has come yet.`)
    return found
  })
}

async function failure(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof Stripe.errors.StripeError) return error
  throw new Error(`Expected a Stripe error, got ${String(error)}`)
}

async function plain(object: Promise<unknown>): Promise<unknown> {
  return JSON.parse(JSON.stringify(await object))
}

import { createServer } from 'node:http'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { Stripe } from 'stripe'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import * as z from 'zod'
import { findFreePort } from '../../local/ports.ts'
import {
  type Receiver,
  type StripeUnderTest,
  startReceiver,
  startStripe,
} from '../support/stripe-stand-in.ts'

const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

let browser: Browser
let shop: { origin: string; close(): Promise<void> }
let server: StripeUnderTest
let receiver: Receiver

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: CHROMIUM_ARGS,
  })
  shop = await startShop()
})

afterAll(async () => {
  await browser?.close()
  await shop?.close()
})

beforeEach(async () => {
  server = await startStripe()
  receiver = await startReceiver()
  await server.stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] })
})

afterEach(async () => {
  await server.close()
  await receiver.close()
})

describe('the Checkout page, without scripts', () => {
  it('shows what is bought and for how much, and that it is not Stripe', async () => {
    const { page } = await openCheckout()
    expect(await page.title()).toContain('Pay $9.99')
    const text = await page.textContent('body')
    expect(text).toContain('Local stand-in for Stripe')
    expect(text).toContain('No real money moves')
    expect(text).toContain('Popular pack')
    expect(text).toContain('2,000 credits')
    expect(text).toContain('ann@example.com')
  })

  it('takes the payment and goes to the success page, with the session in its address', async () => {
    const { page, session } = await openCheckout()
    await page.getByRole('button', { name: 'Pay $9.99' }).click()
    await page.waitForURL(`${shop.origin}/done?id=${session.id}`)

    const paid = await server.stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] })
    expect(paid).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      payment_intent: { status: 'succeeded' },
    })
    await eventually('checkout.session.completed')
    await eventually('payment_intent.succeeded')
  })

  it('says that the session is paid when it is opened again', async () => {
    const { page, session } = await openCheckout()
    await page.getByRole('button', { name: 'Pay $9.99' }).click()
    await page.waitForURL(`${shop.origin}/**`)
    await page.goto(session.url ?? '')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Payment complete')
    expect(await page.getByRole('button').count()).toBe(0)
    await page.getByRole('link', { name: 'Continue' }).click()
    await page.waitForURL(`${shop.origin}/done?id=${session.id}`)
  })

  it('takes the money once when the button is pressed twice', async () => {
    const { page, session } = await openCheckout()
    await page.getByRole('button', { name: 'Pay $9.99' }).dblclick({ noWaitAfter: true })
    // The second press calls off what the first has begun to load, which is an error to who waits for that page.
    await vi.waitUntil(() => page.url() === `${shop.origin}/done?id=${session.id}`, { timeout: 30_000 })
    await eventually('checkout.session.completed')
    const events = await server.stripe.events.list({ type: 'payment_intent.succeeded' })
    expect(events.data).toHaveLength(1)
  })

  it('shows a declined card, stays, and takes the next try', async () => {
    const { page, session } = await openCheckout()
    await page.getByRole('button', { name: 'Decline' }).click()
    await page.waitForLoadState()
    expect(page.url()).toBe(session.url)
    expect(await page.getByRole('alert').textContent()).toContain('Your card was declined.')
    expect(await page.title()).toContain('Your card was declined.')

    const declined = await server.stripe.checkout.sessions.retrieve(session.id, {
      expand: ['payment_intent'],
    })
    expect(declined).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: {
        status: 'requires_payment_method',
        last_payment_error: { code: 'card_declined', type: 'card_error', message: 'Your card was declined.' },
      },
    })
    await eventually('payment_intent.payment_failed')

    await page.getByRole('button', { name: 'Pay $9.99' }).click()
    await page.waitForURL(`${shop.origin}/**`)
    const completed = await eventually('checkout.session.completed')
    const { payment_intent: declinedIntent } = z
      .object({ payment_intent: z.object({ id: z.string() }) })
      .parse(declined)
    expect(completed.data.object).toMatchObject({
      payment_intent: declinedIntent.id,
      payment_status: 'paid',
    })
  })

  it('expires, says so, and leads back to the shop', async () => {
    const { page, session } = await openCheckout()
    await page.getByRole('button', { name: 'Let it expire' }).click()
    await page.getByRole('heading', { name: 'This checkout has expired' }).waitFor()
    const expired = await eventually('checkout.session.expired')
    expect(expired.data.object).toMatchObject({ id: session.id, status: 'expired', payment_status: 'unpaid' })
    await page.reload()
    expect(await page.getByRole('button').count()).toBe(0)
    await page.getByRole('link', { name: 'Go back' }).click()
    await page.waitForURL(`${shop.origin}/cart`)
  })

  it('completes unpaid when it is paid later, and the money comes', async () => {
    const { page, session } = await openCheckout()
    await page.getByRole('button', { name: 'Pay later, succeeds' }).click()
    await page.waitForURL(`${shop.origin}/done?id=${session.id}`)
    const completed = await eventually('checkout.session.completed')
    expect(completed.data.object).toMatchObject({ status: 'complete', payment_status: 'unpaid' })

    const succeeded = await eventually('checkout.session.async_payment_succeeded')
    expect(succeeded.data.object).toMatchObject({ id: session.id, payment_status: 'paid' })
    await eventually('payment_intent.processing')
    await eventually('payment_intent.succeeded')
  })

  it('completes unpaid when it is paid by bank transfer: the intent waits, without a charge, until the money comes', async () => {
    await server.close()
    server = await startStripe({ delayedPaymentMs: 1_000 })
    await server.stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] })
    const { page, session } = await openCheckout()
    await page.getByRole('button', { name: 'Pay by bank transfer' }).click()
    await page.waitForURL(`${shop.origin}/done?id=${session.id}`)
    const expand = ['payment_intent.latest_charge']
    expect(await server.stripe.checkout.sessions.retrieve(session.id, { expand })).toMatchObject({
      status: 'complete',
      payment_status: 'unpaid',
      payment_intent: {
        status: 'requires_action',
        latest_charge: null,
        next_action: {
          type: 'display_bank_transfer_instructions',
          display_bank_transfer_instructions: { amount_remaining: 999, type: 'us_bank_transfer' },
        },
      },
    })
    await eventually('payment_intent.requires_action')

    const succeeded = await eventually('checkout.session.async_payment_succeeded')
    expect(succeeded.data.object).toMatchObject({ id: session.id, payment_status: 'paid' })
    expect(await server.stripe.checkout.sessions.retrieve(session.id, { expand })).toMatchObject({
      payment_intent: { status: 'succeeded', next_action: null, latest_charge: { status: 'succeeded' } },
    })
    expect(receiver.received.map(({ event }) => event.type)).not.toContain('payment_intent.processing')
  })

  it('completes unpaid when it is paid later, and the money does not come', async () => {
    const { page, session } = await openCheckout()
    await page.getByRole('button', { name: 'Pay later, fails' }).click()
    await page.waitForURL(`${shop.origin}/done?id=${session.id}`)
    const failed = await eventually('checkout.session.async_payment_failed')
    expect(failed.data.object).toMatchObject({
      id: session.id,
      status: 'complete',
      payment_status: 'unpaid',
    })
    await page.goto(session.url ?? '')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('The payment failed')
  })

  it('goes back to the shop by its cancel link, and stays open', async () => {
    const { page, session } = await openCheckout()
    await page.getByRole('link', { name: 'Cancel and go back' }).click()
    await page.waitForURL(`${shop.origin}/cart`)
    expect((await server.stripe.checkout.sessions.retrieve(session.id)).status).toBe('open')
  })

  it('says so when there is no such session', async () => {
    const page = await newPage()
    const response = await page.goto(`${server.origin}/c/pay/cs_test_nothing`)
    expect(response?.status()).toBe(404)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('There is no such checkout')
  })
})

describe('every page', () => {
  const devices: [string, BrowserContextOptions][] = [
    ['a phone, light', { viewport: { width: 390, height: 844 }, colorScheme: 'light' }],
    ['a desktop, dark', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
  ]

  it.each(devices)('is accessible and fits %s', { timeout: 60_000 }, async (_device, context) => {
    const page = await newPage({ ...context, javaScriptEnabled: true })
    for (const url of await onePageOfEachKind()) {
      await page.goto(url)
      await page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
      expect(await violationsOn(page), url).toEqual([])
      expect(await overflowPx(page), url).toBe(0)
    }
  })
})

async function openCheckout(): Promise<{ page: Page; session: Stripe.Checkout.Session }> {
  const session = await createSession()
  const page = await newPage()
  await page.goto(session.url ?? '')
  return { page, session }
}

async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled: false, ...options })
  onTestFinished(() => context.close())
  return context.newPage()
}

async function createSession(): Promise<Stripe.Checkout.Session> {
  const customer = await server.stripe.customers.create({ email: 'ann@example.com' })
  const product = { name: 'Popular pack', description: '2,000 credits' }
  return server.stripe.checkout.sessions.create({
    mode: 'payment',
    customer: customer.id,
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 999, product_data: product } }],
    success_url: `${shop.origin}/done?id={CHECKOUT_SESSION_ID}`,
    cancel_url: `${shop.origin}/cart`,
  })
}

/** A page in each state, and the overview of them all. */
async function onePageOfEachKind(): Promise<string[]> {
  const urls: string[] = []
  for (const action of [
    'none',
    'decline',
    'pay',
    'pay_later_succeeds',
    'pay_later_fails',
    'pay_by_transfer',
    'expire',
  ]) {
    const { url } = await createSession()
    await fetch(url ?? '', { method: 'POST', redirect: 'manual', body: new URLSearchParams({ action }) })
    urls.push(url ?? '')
  }
  return [...urls, `${server.origin}/c/pay/cs_test_nothing`, `${server.origin}/stripe`]
}

async function violationsOn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const result = z
    .object({
      violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) })),
    })
    .parse(await page.evaluate('axe.run()'))
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`)
}

async function overflowPx(page: Page): Promise<number> {
  return z
    .number()
    .parse(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'))
}

function eventually(type: Stripe.Event['type']): Promise<Stripe.Event> {
  return vi.waitFor(
    () => {
      const found = receiver.received.find(({ event }) => event.type === type)
      if (found === undefined) throw new Error(`No ${type} has come yet.`)
      return found.event
    },
    { timeout: 10_000 },
  )
}

/** A shop whose every page is empty. */
async function startShop(): Promise<{ origin: string; close(): Promise<void> }> {
  const port = await findFreePort()
  const pages = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Shop</title>')
  })
  await new Promise<void>(resolve => pages.listen(port, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise(resolve => {
        pages.close(() => resolve())
        pages.closeAllConnections()
      }),
  }
}

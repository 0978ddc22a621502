import { createServer } from 'node:http'
import Fastify from 'fastify'
import { Stripe } from 'stripe'
import * as z from 'zod'
import { findFreePort } from '../../local/ports.ts'
import { type StripeStandInOptions, stripeStandIn } from '../../local/stand-ins/stripe/plugin.ts'

/** The one key that a stand-in from `startStripe` accepts. */
export const SECRET_KEY = 'sk_test_stand_in_0123456789'

/** A running stand-in, and the SDK pointed at it. */
export interface StripeUnderTest {
  stripe: Stripe
  origin: string
  port: number
  /** Calls `POST /stripe/control` and returns its answer. */
  control(body: object): Promise<Record<string, unknown>>
  close(): Promise<void>
}

/** Starts the Stripe stand-in on a free port. Failed deliveries are tried again three times, 20 ms apart. */
export async function startStripe(options: Partial<StripeStandInOptions> = {}): Promise<StripeUnderTest> {
  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}`
  const server = Fastify()
  await server.register(stripeStandIn, {
    publicUrl: origin,
    secretKey: SECRET_KEY,
    webhookRetryDelaysMs: [20, 20, 20],
    delayedPaymentMs: 100,
    ...options,
  })
  await server.listen({ port, host: '127.0.0.1' })
  return {
    stripe: client(port),
    origin,
    port,
    async control(body) {
      const response = await fetch(`${origin}/stripe/control`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      })
      return {
        httpStatus: response.status,
        ...z.record(z.string(), z.unknown()).parse(await response.json()),
      }
    },
    close: () => server.close(),
  }
}

/** An SDK client for a stand-in, which does not retry by itself. */
export function client(port: number, key = SECRET_KEY, config: Stripe.StripeConfig = {}): Stripe {
  return new Stripe(key, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, ...config })
}

/** What a webhook endpoint was sent. */
export interface Received {
  body: string
  signature: string
  event: Stripe.Event
}

/** A webhook endpoint that keeps what it gets. */
export interface Receiver {
  url: string
  received: Received[]
  /** Statuses for the next requests; 200 afterwards. 0 stands for no answer at all. */
  statuses: number[]
  close(): Promise<void>
}

/** Starts a webhook endpoint on a free port. */
export async function startReceiver(): Promise<Receiver> {
  const port = await findFreePort()
  const received: Received[] = []
  const statuses: number[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    received.push({ body, signature: String(request.headers['stripe-signature']), event: JSON.parse(body) })
    const status = statuses.shift() ?? 200
    if (status !== 0)
      response.writeHead(status, status === 307 ? { Location: '/elsewhere' } : {}).end('noted')
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${port}/webhook`,
    received,
    statuses,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

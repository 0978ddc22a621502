import { createHash, randomUUID } from 'node:crypto'
import Stripe from 'stripe'
import { DeployProblem } from './problem.ts'

/** Exactly what src/upstream/stripe/webhooks.ts acts on. */
export const handledEvents = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'invoice.payment_failed',
] as const satisfies readonly Stripe.WebhookEndpointCreateParams.EnabledEvent[]

export const webhookPath = '/webhooks/stripe'
const timeoutMs = 10_000
const maxNetworkRetries = 2

/** @param apiUrl where Stripe is; undefined for Stripe's own address */
export const stripeClient = (key: string, apiUrl: string | undefined): Stripe => {
  const options = { timeout: timeoutMs, maxNetworkRetries }
  if (apiUrl === undefined) return new Stripe(key, options)
  const { hostname, port, protocol } = new URL(apiUrl)
  return new Stripe(key, {
    ...options,
    host: hostname,
    port,
    protocol: protocol === 'http:' ? 'http' : 'https',
  })
}

/** The endpoints that deployment has made for a stage, here or elsewhere. */
export const endpointsOf = async (stripe: Stripe, stage: string): Promise<Stripe.WebhookEndpoint[]> => {
  const endpoints: Stripe.WebhookEndpoint[] = []
  for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) {
    if (endpoint.metadata.stage === stage && endpoint.metadata.service === 'live-transcription') {
      endpoints.push(endpoint)
    }
  }
  return endpoints
}

/** Whether an endpoint is of the stage in this account and region, as far as it has noted where it is. */
export const isOfPlace = (
  { metadata }: Stripe.WebhookEndpoint,
  { account, region }: Pick<EndpointOrder, 'account' | 'region'>,
): boolean => (metadata.account ?? account) === account && (metadata.region ?? region) === region

/** Tells one secret from another, and nothing of it. */
const fingerprintOf = (secret: string): string =>
  createHash('sha256').update(secret).digest('hex').slice(0, 16)

export interface EndpointOrder {
  readonly stage: string
  readonly region: string
  /** AWS's account, in which the stage is. */
  readonly account: string
  readonly url: string
  /** The signing secret that SSM has; undefined when it has none. */
  readonly secret: string | undefined
  /** Keeps the secret of a new endpoint, which Stripe tells this once. */
  readonly keep: (secret: string) => Promise<void>
}

export interface EndpointResult {
  readonly done: 'nothing' | 'created' | 'updated'
  /** Others of the stage, which are to go once the functions know the new secret. */
  readonly stale: readonly Stripe.WebhookEndpoint[]
}

/**
 * Sees to it that Stripe sends the stage's events, to its address, signed with the secret that SSM has. An endpoint
 * whose secret is not known any more is replaced: Stripe tells it at creation alone. An endpoint notes a fingerprint of
 * its secret once that is kept, so that what a crash leaves in between is seen and replaced.
 */
export const ensureEndpoint = async (stripe: Stripe, order: EndpointOrder): Promise<EndpointResult> => {
  const endpoints = await endpointsOf(stripe, order.stage)
  const fingerprint = order.secret && fingerprintOf(order.secret)
  const current = endpoints.find(
    endpoint =>
      endpoint.metadata.secret === fingerprint &&
      fingerprint !== undefined &&
      endpoint.api_version === Stripe.API_VERSION,
  )
  if (current === undefined) {
    await createEndpoint(stripe, order)
    return { done: 'created', stale: endpoints }
  }
  const stale = endpoints.filter(endpoint => endpoint.id !== current.id)
  if (isAsOrdered(current, order)) return { done: 'nothing', stale }
  await stripe.webhookEndpoints.update(
    current.id,
    { url: order.url, enabled_events: [...handledEvents], disabled: false },
    { idempotencyKey: randomUUID() },
  )
  return { done: 'updated', stale }
}

const isAsOrdered = (endpoint: Stripe.WebhookEndpoint, { url }: EndpointOrder): boolean =>
  endpoint.url === url &&
  endpoint.status === 'enabled' &&
  [...endpoint.enabled_events].sort().join() === [...handledEvents].sort().join()

const createEndpoint = async (stripe: Stripe, order: EndpointOrder): Promise<void> => {
  const created = await stripe.webhookEndpoints.create(
    {
      url: order.url,
      enabled_events: [...handledEvents],
      api_version: Stripe.API_VERSION,
      description: `live-transcription ${order.stage}`,
      metadata: {
        service: 'live-transcription',
        stage: order.stage,
        region: order.region,
        account: order.account,
      },
    },
    { idempotencyKey: randomUUID() },
  )
  if (created.secret === undefined)
    throw new DeployProblem('Stripe told no secret of the new webhook endpoint.')
  await order.keep(created.secret)
  await stripe.webhookEndpoints.update(
    created.id,
    { metadata: { secret: fingerprintOf(created.secret) } },
    { idempotencyKey: randomUUID() },
  )
}

/** Deletes endpoints that nothing listens for any more. */
export const deleteEndpoints = async (
  stripe: Stripe,
  endpoints: readonly Stripe.WebhookEndpoint[],
): Promise<void> => {
  for (const endpoint of endpoints) await stripe.webhookEndpoints.del(endpoint.id)
}

import Stripe from 'stripe'
import type { Secrets } from './secrets.ts'
import type { State } from './stand-ins/state.ts'

/**
 * Makes sure that the Stripe stand-in sends its webhooks to the API, as an operator would with real Stripe: by
 * `webhookEndpoints.create`. An endpoint of an earlier start is used on while it exists and points there.
 *
 * @param options.apiKey of the stand-in
 * @returns the endpoint's signing secret
 */
export async function registerStripeWebhook(
  options: { apiKey: string; localPort: number; url: string },
  secrets: State<Secrets>,
): Promise<string> {
  const stripe = new Stripe(options.apiKey, {
    host: '127.0.0.1',
    port: options.localPort,
    protocol: 'http',
    maxNetworkRetries: 0,
  })
  const known = secrets.data.stripeWebhook
  const endpoints = await stripe.webhookEndpoints.list({ limit: 100 })
  const current = endpoints.data.find(endpoint => endpoint.id === known?.endpointId)
  if (known !== null && current?.url === options.url && current.status === 'enabled') return known.secret

  // What another start left would make each event come twice, or to a port that nobody listens on.
  for (const endpoint of endpoints.data) await stripe.webhookEndpoints.del(endpoint.id)
  const created = await stripe.webhookEndpoints.create({
    url: options.url,
    enabled_events: ['*'],
    api_version: Stripe.API_VERSION,
  })
  if (created.secret === undefined) throw new Error('The Stripe stand-in told no secret for the webhook.')
  secrets.data.stripeWebhook = { endpointId: created.id, secret: created.secret }
  await secrets.save()
  return created.secret
}

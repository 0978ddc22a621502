import type { StripeEventDependencies, StripeWebhooks } from '../domain/stripe-events/event.ts'
import { handleStripeEvent } from '../domain/stripe-events/handle.ts'
import { endpoint, type HttpDependencies } from '../http/endpoint.ts'
import { header, RequestError, rawBody } from '../http/request.ts'
import { json } from '../http/response.ts'

export interface StripeWebhookDependencies extends StripeEventDependencies {
  readonly http: HttpDependencies
  readonly webhooks: StripeWebhooks
}

/** `POST /webhooks/stripe`. Anything that fails once the signature holds is answered 500, so that Stripe tries again. */
export const createHandler = (deps: StripeWebhookDependencies) =>
  endpoint(deps.http, async event => {
    const signature = header(event, 'stripe-signature')
    const verified = signature && (await deps.webhooks.verify(rawBody(event).toString('utf8'), signature))
    if (!verified) {
      deps.log.error('stripe_signature_refused')
      throw new RequestError('validation_failed', 'The signature is missing, wrong or too old.')
    }
    if (verified.event) await handleStripeEvent(deps, verified.event)
    return json(200, { received: true })
  })

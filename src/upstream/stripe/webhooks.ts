import type Stripe from 'stripe'
import type { StripeWebhooks, VerifiedEvent } from '../../domain/stripe-events/event.ts'
import { toEvent } from './events.ts'

/** Older signatures are refused: somebody may be sending an event again. */
const toleranceSeconds = 300

/** Whether the header names a time and a signature, as Stripe's do: without them there is nothing to check. */
const isSignature = (header: string): boolean => {
  const parts = header.split(',')
  return ['t=', 'v1='].every(key => parts.some(part => part.startsWith(key)))
}

/** Verifies what claims to be from Stripe, by the raw bytes, and reads as much of it as we act on. */
export class StripeWebhookVerifier implements StripeWebhooks {
  readonly #load: () => Promise<Stripe>
  readonly #secret: string

  constructor(load: () => Promise<Stripe>, secret: string) {
    this.#load = load
    this.#secret = secret
  }

  async verify(rawBody: string, signature: string): Promise<VerifiedEvent | undefined> {
    if (!isSignature(signature)) return undefined
    const stripe = await this.#load()
    const { default: Client } = await import('stripe')
    try {
      return toEvent(
        await stripe.webhooks.constructEventAsync(rawBody, signature, this.#secret, toleranceSeconds),
      )
    } catch (error) {
      if (error instanceof Client.errors.StripeSignatureVerificationError) return undefined
      throw error
    }
  }
}

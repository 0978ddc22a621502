import type Stripe from 'stripe'
import { UpstreamError } from '../../domain/errors.ts'
import type { ArchivedEvent, EventArchive } from '../../domain/replay.ts'
import { callStripe } from './client.ts'
import { toEvent } from './events.ts'

const notFound = 404

/** Events that Stripe has sent, as it keeps them: for 30 days. */
export class StripeEventArchive implements EventArchive {
  readonly #load: () => Promise<Stripe>

  constructor(load: () => Promise<Stripe>) {
    this.#load = load
  }

  async find(eventId: string): Promise<ArchivedEvent | undefined> {
    try {
      const event = await callStripe(this.#load, stripe => stripe.events.retrieve(eventId))
      return { type: event.type, event: toEvent(event).event }
    } catch (error) {
      if (error instanceof UpstreamError && error.status === notFound) return undefined
      throw error
    }
  }
}

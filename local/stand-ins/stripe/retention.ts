import { type Account, nowSeconds } from './account.ts'

/** Stripe keeps events for 30 days: https://docs.stripe.com/api/events */
const KEEP_SECONDS = 30 * 24 * 60 * 60

/** Forgets events that are too old, with their deliveries. */
export function forgetOldEvents(account: Account): void {
  const { events, deliveries } = account.data
  for (const event of Object.values(events)) {
    if (event.created <= nowSeconds(account) - KEEP_SECONDS) delete events[event.id]
  }
  for (const delivery of Object.values(deliveries)) {
    if (!(delivery.eventId in events)) delete deliveries[delivery.id]
  }
}

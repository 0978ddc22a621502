import type { TransactionRow } from '../journal.ts'
import type { CheckoutSessionEvent, StripeEventDependencies } from './event.ts'

/**
 * The purchase that a Checkout session pays for; undefined for a session that another application or stage opened.
 * @throws {Error} where the session is ours and the row is missing: Stripe then tries again, and the log tells
 */
export const ourPurchase = async (
  deps: StripeEventDependencies,
  session: CheckoutSessionEvent,
): Promise<TransactionRow | undefined> => {
  if (session.transactionId === undefined || session.stage !== deps.stage) {
    deps.log.info('stripe_session_not_ours', { event_id: session.eventId, session_id: session.sessionId })
    return undefined
  }
  const purchase = await deps.store.readTransaction(session.transactionId)
  if (!purchase) throw new Error('A Checkout session of ours names a transaction that does not exist.')
  return purchase
}

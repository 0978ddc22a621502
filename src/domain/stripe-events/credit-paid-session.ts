import type { CheckoutSessionEvent, StripeEventDependencies } from './event.ts'
import { ourPurchase } from './our-purchase.ts'

/** Credits the purchase that a paid session is for, if the amount and the currency are those of the purchase. */
export const creditPaidSession = async (
  deps: StripeEventDependencies,
  session: CheckoutSessionEvent,
): Promise<void> => {
  const purchase = await ourPurchase(deps, session)
  if (!purchase) return
  const ids = { event_id: session.eventId, transaction_id: purchase.transactionId, user_id: purchase.userId }
  if (session.amountTotal !== purchase.amountCents || session.currency !== purchase.currency) {
    await deps.store.moveStatus(
      purchase.transactionId,
      ['pending', 'failed', 'expired'],
      'needs_review',
      'amount_mismatch',
    )
    deps.log.error('purchase_amount_mismatch', ids)
    return
  }
  const credited = await deps.ledger.creditPurchase(purchase, {
    sessionId: session.sessionId,
    paidAt: new Date(session.createdMs).toISOString(),
  })
  if (!credited) {
    deps.log.info('purchase_was_credited_before', ids)
    return
  }
  const { credits, amountCents } = purchase
  deps.log.info('purchase_credited', { ...ids, credits, price_cents: amountCents })
}

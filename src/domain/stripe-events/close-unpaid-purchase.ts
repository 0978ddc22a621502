import type { CheckoutSessionEvent, StripeEventDependencies } from './event.ts'
import { ourPurchase } from './our-purchase.ts'

/** Closes a purchase that is still pending. One that was paid meanwhile stays paid. */
export const closeUnpaidPurchase = async (
  deps: StripeEventDependencies,
  session: CheckoutSessionEvent,
  status: 'failed' | 'expired',
  reason: string,
): Promise<void> => {
  const purchase = await ourPurchase(deps, session)
  if (!purchase) return
  const moved = await deps.store.moveStatus(purchase.transactionId, ['pending'], status, reason)
  deps.log.info(moved ? `purchase_${status}` : 'purchase_was_closed_before', {
    event_id: session.eventId,
    transaction_id: purchase.transactionId,
    user_id: purchase.userId,
  })
}

import { creditPaidSession } from './credit-paid-session.ts'
import type { CheckoutSessionEvent, StripeEventDependencies } from './event.ts'

/** `checkout.session.completed`: paid, unless the method of payment settles later. */
export const onCheckoutSessionCompleted = async (
  deps: StripeEventDependencies,
  session: CheckoutSessionEvent,
): Promise<void> => {
  if (session.paymentStatus !== 'unpaid') return creditPaidSession(deps, session)
  deps.log.info('purchase_awaits_payment', {
    event_id: session.eventId,
    transaction_id: session.transactionId,
  })
}

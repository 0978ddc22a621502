import { closeUnpaidPurchase } from './close-unpaid-purchase.ts'
import type { CheckoutSessionEvent, StripeEventDependencies } from './event.ts'

/** `checkout.session.async_payment_failed`: a method of payment that settles later did not. */
export const onAsyncPaymentFailed = (
  deps: StripeEventDependencies,
  session: CheckoutSessionEvent,
): Promise<void> => closeUnpaidPurchase(deps, session, 'failed', 'async_payment_failed')

import { closeUnpaidPurchase } from './close-unpaid-purchase.ts'
import type { CheckoutSessionEvent, StripeEventDependencies } from './event.ts'

/** `checkout.session.expired`: nobody paid in time. */
export const onCheckoutSessionExpired = (
  deps: StripeEventDependencies,
  session: CheckoutSessionEvent,
): Promise<void> => closeUnpaidPurchase(deps, session, 'expired', 'session_expired')

import { creditPaidSession } from './credit-paid-session.ts'
import type { CheckoutSessionEvent, StripeEventDependencies } from './event.ts'

/** `checkout.session.async_payment_succeeded`: a method of payment that settles later has settled. */
export const onAsyncPaymentSucceeded = (
  deps: StripeEventDependencies,
  session: CheckoutSessionEvent,
): Promise<void> => creditPaidSession(deps, session)

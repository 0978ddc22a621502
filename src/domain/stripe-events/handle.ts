import { onAsyncPaymentFailed } from './checkout-session-async-payment-failed.ts'
import { onAsyncPaymentSucceeded } from './checkout-session-async-payment-succeeded.ts'
import { onCheckoutSessionCompleted } from './checkout-session-completed.ts'
import { onCheckoutSessionExpired } from './checkout-session-expired.ts'
import type { StripeEvent, StripeEventDependencies } from './event.ts'
import { onInvoicePaymentFailed } from './invoice-payment-failed.ts'

/** Acts on one verified event. It may come twice, late, in any order: what it does is the same. */
export const handleStripeEvent = (deps: StripeEventDependencies, event: StripeEvent): Promise<void> => {
  switch (event.type) {
    case 'checkout.session.completed':
      return onCheckoutSessionCompleted(deps, event.session)
    case 'checkout.session.async_payment_succeeded':
      return onAsyncPaymentSucceeded(deps, event.session)
    case 'checkout.session.async_payment_failed':
      return onAsyncPaymentFailed(deps, event.session)
    case 'checkout.session.expired':
      return onCheckoutSessionExpired(deps, event.session)
    case 'invoice.payment_failed':
      return onInvoicePaymentFailed(deps, event.invoice)
  }
}

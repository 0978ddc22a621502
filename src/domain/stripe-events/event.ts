import type { Ledger } from '../ledger.ts'
import type { LedgerStore, Log, Payments } from '../ports.ts'

/** A Checkout session, as far as we read it. Amounts are in the currency's smallest unit. */
export interface CheckoutSessionEvent {
  readonly eventId: string
  readonly sessionId: string
  /** When Stripe made the event, in epoch milliseconds. */
  readonly createdMs: number
  readonly paymentStatus: string
  readonly amountTotal: number | null
  readonly currency: string | null
  /** From the session's metadata; absent on sessions that are not ours. */
  readonly transactionId: string | undefined
  /** The stage that opened the session: several may share one Stripe account. */
  readonly stage: string | undefined
}

export interface FailedInvoiceEvent {
  readonly eventId: string
  readonly invoiceId: string
  readonly customerId: string | undefined
  readonly amountDue: number
  readonly currency: string
  /** When Stripe made the event, in epoch milliseconds. */
  readonly createdMs: number
}

/** A verified event that we act on. */
export type StripeEvent =
  | { readonly type: 'checkout.session.completed'; readonly session: CheckoutSessionEvent }
  | { readonly type: 'checkout.session.async_payment_succeeded'; readonly session: CheckoutSessionEvent }
  | { readonly type: 'checkout.session.async_payment_failed'; readonly session: CheckoutSessionEvent }
  | { readonly type: 'checkout.session.expired'; readonly session: CheckoutSessionEvent }
  | { readonly type: 'invoice.payment_failed'; readonly invoice: FailedInvoiceEvent }

/** An event whose signature is Stripe's. `event` is absent where its type is none that we act on. */
export interface VerifiedEvent {
  readonly eventId: string
  readonly event: StripeEvent | undefined
}

export interface StripeWebhooks {
  /**
   * The event, or undefined where the signature is not Stripe's or too old.
   * @throws {Error} where a verified event of a known type is not shaped as it should be: Stripe then tries again
   */
  verify(rawBody: string, signature: string): Promise<VerifiedEvent | undefined>
}

export interface StripeEventDependencies {
  readonly ledger: Ledger
  readonly store: Pick<LedgerStore, 'readTransaction' | 'moveStatus'>
  readonly payments: Pick<Payments, 'userOfCustomer'>
  readonly stage: string
  readonly log: Log
}

import type Stripe from 'stripe'
import { UpstreamError } from '../../domain/errors.ts'
import type { CheckoutOrder, CheckoutSession, Payments } from '../../domain/ports.ts'
import { callStripe } from './client.ts'

export interface StripePaymentsOptions {
  readonly load: () => Promise<Stripe>
  /** Told apart in the metadata: several stages may share one Stripe account. */
  readonly stage: string
  readonly successUrl: string
  readonly cancelUrl: string
}

/** Stripe Checkout. Every POST carries an idempotency key that follows from what it is for. */
export class StripePayments implements Payments {
  readonly #options: StripePaymentsOptions

  constructor(options: StripePaymentsOptions) {
    this.#options = options
  }

  async createCustomer(userId: string, email: string): Promise<string> {
    const { load, stage } = this.#options
    const customer = await callStripe(load, stripe =>
      stripe.customers.create(
        { email, metadata: { user_id: userId, stage } },
        { idempotencyKey: `${stage}-customer-${userId}` },
      ),
    )
    return customer.id
  }

  async createCheckout(order: CheckoutOrder): Promise<CheckoutSession> {
    const { load, stage, successUrl, cancelUrl } = this.#options
    const metadata = {
      transaction_id: order.transactionId,
      user_id: order.userId,
      package_id: order.packageId,
      stage,
    }
    const session = await callStripe(load, stripe =>
      stripe.checkout.sessions.create(
        {
          mode: 'payment',
          customer: order.customerId,
          client_reference_id: order.userId,
          metadata,
          payment_intent_data: { metadata },
          line_items: [
            {
              quantity: 1,
              price_data: {
                currency: order.currency,
                unit_amount: order.priceCents,
                product_data: { name: `${order.packageName}: ${order.credits} credits` },
              },
            },
          ],
          success_url: `${successUrl}?session_id={CHECKOUT_SESSION_ID}`,
          cancel_url: cancelUrl,
          expires_at: Math.floor(order.expiresAtMs / 1_000),
        },
        { idempotencyKey: `${stage}-checkout-${order.transactionId}` },
      ),
    )
    if (!session.url) throw new UpstreamError('stripe', 'failed')
    return { sessionId: session.id, url: session.url }
  }

  async userOfCustomer(customerId: string): Promise<string | undefined> {
    const { load, stage } = this.#options
    const customer = await callStripe(load, stripe => stripe.customers.retrieve(customerId))
    if (customer.deleted || customer.metadata.stage !== stage) return undefined
    return customer.metadata.user_id
  }
}

import type Stripe from 'stripe'
import { UpstreamError } from '../../domain/errors.ts'
import type { CustomerDeletion, VendorCustomer } from '../../domain/personal-ports.ts'
import type { Clock } from '../../domain/ports.ts'
import { callStripe } from './client.ts'

export interface StripeCustomerDeletionOptions {
  readonly load: () => Promise<Stripe>
  /** Several stages may share one Stripe account. */
  readonly stage: string
  readonly now: Clock
}

const pageSize = 100
const badRequest = 400
const notFound = 404

/** Of an intent whose money never comes: it was canceled, or the delayed payment has failed. */
const overStatuses = new Set<Stripe.PaymentIntent.Status>(['canceled', 'requires_payment_method'])
/**
 * A transfer that nobody sends ends by nothing, and Stripe lets nobody call it off. Longer than banks take; what comes
 * later stays in the books, and is to be refunded.
 */
const longestTransferMs = 7 * 24 * 3_600_000

/**
 * Whether a complete session's money may yet come. A debit is `processing` meanwhile; a bank transfer or a voucher
 * `requires_action`, of whoever is to send the money.
 */
const isPending = (session: Stripe.Checkout.Session, nowMs: number): boolean => {
  const { payment_status, payment_intent: intent, created } = session
  if (payment_status !== 'unpaid') return false
  if (intent === null || typeof intent === 'string') return true
  if (intent.status === 'requires_action') return created * 1_000 > nowMs - longestTransferMs
  return !overStatuses.has(intent.status)
}

const hasStatus = (error: unknown, status: number): boolean =>
  error instanceof UpstreamError && error.status === status

/** Deleting a listener's customer at Stripe. Its payments stay there, as the law on accounts wants it. */
export class StripeCustomerDeletion implements CustomerDeletion {
  readonly #options: StripeCustomerDeletionOptions

  constructor(options: StripeCustomerDeletionOptions) {
    this.#options = options
  }

  async find(user: {
    readonly userId: string
    readonly email: string
    readonly stripeCustomerId: string | undefined
  }): Promise<VendorCustomer[]> {
    const customerIds = await this.#customerIds(user)
    return Promise.all(
      customerIds.map(async customerId => ({
        customerId,
        openSessionIds: await this.#openSessions(customerId),
        pendingSessionIds: await this.#pendingSessions(customerId),
      })),
    )
  }

  async #customerIds({
    userId,
    email,
    stripeCustomerId,
  }: {
    readonly userId: string
    readonly email: string
    readonly stripeCustomerId: string | undefined
  }): Promise<string[]> {
    const { load, stage } = this.#options
    const found = await callStripe(load, async stripe => {
      const ids: string[] = []
      for await (const { id, metadata } of stripe.customers.list({ email, limit: pageSize })) {
        if (metadata.user_id === userId && metadata.stage === stage) ids.push(id)
      }
      return ids
    })
    if (stripeCustomerId !== undefined && !found.includes(stripeCustomerId)) {
      if (await this.#isThere(stripeCustomerId)) found.push(stripeCustomerId)
    }
    return found
  }

  async #isThere(customerId: string): Promise<boolean> {
    try {
      return !(await this.#call(stripe => stripe.customers.retrieve(customerId))).deleted
    } catch (error) {
      if (hasStatus(error, notFound)) return false
      throw error
    }
  }

  #openSessions(customer: string): Promise<string[]> {
    return this.#call(async stripe => {
      const ids: string[] = []
      const sessions = stripe.checkout.sessions.list({ customer, status: 'open', limit: pageSize })
      for await (const { id } of sessions) ids.push(id)
      return ids
    })
  }

  #pendingSessions(customer: string): Promise<string[]> {
    return this.#call(async stripe => {
      const ids: string[] = []
      const sessions = stripe.checkout.sessions.list({
        customer,
        status: 'complete',
        limit: pageSize,
        expand: ['data.payment_intent'],
      })
      for await (const session of sessions) if (isPending(session, this.#options.now())) ids.push(session.id)
      return ids
    })
  }

  async closeSessions({ openSessionIds }: VendorCustomer): Promise<readonly string[]> {
    const paid: string[] = []
    for (const sessionId of openSessionIds) if (!(await this.#closeSession(sessionId))) paid.push(sessionId)
    return paid
  }

  async delete(customer: VendorCustomer): Promise<void> {
    await this.closeSessions(customer)
    try {
      await this.#call(stripe => stripe.customers.del(customer.customerId))
    } catch (error) {
      if (!hasStatus(error, notFound)) throw error
    }
  }

  /** False where it was paid meanwhile: that is refused, as is one that has expired by itself. */
  async #closeSession(sessionId: string): Promise<boolean> {
    try {
      await this.#call(stripe => stripe.checkout.sessions.expire(sessionId))
      return true
    } catch (error) {
      if (!hasStatus(error, badRequest)) throw error
      const { status } = await this.#call(stripe => stripe.checkout.sessions.retrieve(sessionId))
      return status === 'expired'
    }
  }

  #call<Output>(call: (stripe: Stripe) => Promise<Output>): Promise<Output> {
    return callStripe(this.#options.load, call)
  }
}

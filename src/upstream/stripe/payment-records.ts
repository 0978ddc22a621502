import type Stripe from 'stripe'
import * as z from 'zod'
import type { PaymentRecords, SessionRecord, TakenBackRecord } from '../../domain/audit-ports.ts'
import { UpstreamError } from '../../domain/errors.ts'
import { callStripe } from './client.ts'

export interface StripePaymentRecordsOptions {
  readonly load: () => Promise<Stripe>
  /** Several stages may share one Stripe account. */
  readonly stage: string
}

const pageSize = 100
/** Nobody waits for a list, and one with its payments expanded takes Stripe seconds. */
const patience = { timeout: 30_000, maxNetworkRetries: 2 }
const notFound = 404

const metadataSchema = z.object({
  transaction_id: z.string(),
  user_id: z.string().optional(),
  stage: z.string(),
})
const chargeSchema = z.object({ created: z.int(), amount_refunded: z.int() })
const sessionSchema = z.object({
  id: z.string(),
  created: z.int(),
  payment_status: z.string(),
  amount_total: z.int().nullable(),
  currency: z.string().nullable(),
  payment_intent: z.object({ latest_charge: chargeSchema.nullable() }).nullable(),
})
const takenBackSchema = z.object({
  id: z.string(),
  created: z.int(),
  amount: z.int(),
  currency: z.string(),
  payment_intent: z.object({ metadata: z.record(z.string(), z.string()) }).nullable(),
})

/** A refund that came to nothing has moved no money. */
const emptyRefunds: ReadonlySet<string | null> = new Set(['failed', 'canceled'])
/** An inquiry has moved none either; what was won has come back; what was prevented never left. */
const emptyDisputes: ReadonlySet<string> = new Set([
  'warning_needs_response',
  'warning_under_review',
  'warning_closed',
  'won',
  'prevented',
])

/** What Stripe has on record about this stage's payments. Lists are read page by page, by the SDK. */
export class StripePaymentRecords implements PaymentRecords {
  readonly #options: StripePaymentRecordsOptions

  constructor(options: StripePaymentRecordsOptions) {
    this.#options = options
  }

  async *sessionsSince(fromMs: number): AsyncGenerator<SessionRecord> {
    const sessions = await this.#list(stripe =>
      stripe.checkout.sessions.list(
        {
          limit: pageSize,
          created: { gte: Math.floor(fromMs / 1_000) },
          status: 'complete',
          expand: ['data.payment_intent.latest_charge'],
        },
        patience,
      ),
    )
    for (const session of sessions) {
      const record = this.#toSession(session)
      if (record) yield record
    }
  }

  async session(sessionId: string): Promise<SessionRecord | undefined> {
    try {
      return this.#toSession(
        await callStripe(this.#options.load, stripe =>
          stripe.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent.latest_charge'] }),
        ),
      )
    } catch (error) {
      if (error instanceof UpstreamError && error.status === notFound) return undefined
      throw error
    }
  }

  async *takenBackSince(fromMs: number): AsyncGenerator<TakenBackRecord> {
    const params = {
      limit: pageSize,
      created: { gte: Math.floor(fromMs / 1_000) },
      expand: ['data.payment_intent'],
    }
    const refunds = await this.#list(stripe => stripe.refunds.list(params, patience))
    for (const refund of refunds) {
      const record = emptyRefunds.has(refund.status) ? undefined : this.#toTakenBack('refund', refund)
      if (record) yield record
    }
    const disputes = await this.#list(stripe => stripe.disputes.list(params, patience))
    for (const dispute of disputes) {
      const record = emptyDisputes.has(dispute.status) ? undefined : this.#toTakenBack('dispute', dispute)
      if (record) yield record
    }
  }

  async #list<Item>(list: (stripe: Stripe) => AsyncIterable<Item>): Promise<Item[]> {
    return callStripe(this.#options.load, async stripe => {
      const items: Item[] = []
      for await (const item of list(stripe)) items.push(item)
      return items
    })
  }

  #ours(metadata: unknown): z.output<typeof metadataSchema> | undefined {
    const parsed = metadataSchema.safeParse(metadata)
    return parsed.success && parsed.data.stage === this.#options.stage ? parsed.data : undefined
  }

  #toSession(session: Stripe.Checkout.Session): SessionRecord | undefined {
    const ours = this.#ours(session.metadata)
    if (!ours) return undefined
    const found = sessionSchema.parse(session)
    const charge = found.payment_intent?.latest_charge
    return {
      sessionId: found.id,
      transactionId: ours.transaction_id,
      userId: ours.user_id,
      isPaid: found.payment_status !== 'unpaid',
      amountCents: found.amount_total,
      refundedCents: charge?.amount_refunded ?? 0,
      currency: found.currency,
      atMs: (charge?.created ?? found.created) * 1_000,
    }
  }

  #toTakenBack(kind: TakenBackRecord['kind'], item: unknown): TakenBackRecord | undefined {
    const found = takenBackSchema.parse(item)
    const ours = this.#ours(found.payment_intent?.metadata)
    return (
      ours && {
        kind,
        id: found.id,
        transactionId: ours.transaction_id,
        userId: ours.user_id,
        amountCents: found.amount,
        currency: found.currency,
        atMs: found.created * 1_000,
      }
    )
  }
}

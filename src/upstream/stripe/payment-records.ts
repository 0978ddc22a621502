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
/** Ours end within 23 hours of being opened. */
const longestOpenMs = 24 * 3_600_000

/** What may come long after what it is about was opened: only the event tells when. */
type LateEvent =
  | 'checkout.session.async_payment_succeeded'
  | 'charge.dispute.funds_withdrawn'
  | 'charge.dispute.funds_reinstated'

/** Stripe's times have no fractions. */
const wholeSecond = (atMs: number): number => Math.floor(atMs / 1_000) * 1_000

const since = (fromMs: number) => ({ gte: Math.max(0, wholeSecond(fromMs) / 1_000) })

const subjectSchema = z.object({ id: z.string(), metadata: z.unknown().optional() })

interface Happened {
  readonly atMs: number
  readonly metadata?: unknown
}

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
  status: z.string().nullable(),
  payment_intent: z.object({ metadata: z.record(z.string(), z.string()) }).nullable(),
})

/** A refund that came to nothing has moved no money. */
const emptyRefunds: ReadonlySet<string | null> = new Set(['failed', 'canceled'])
/** An inquiry has moved none either; what was prevented never left. */
const emptyDisputes: ReadonlySet<string> = new Set([
  'warning_needs_response',
  'warning_under_review',
  'warning_closed',
  'prevented',
])

/** What Stripe has on record about this stage's payments. Lists are read page by page, by the SDK. */
export class StripePaymentRecords implements PaymentRecords {
  readonly #options: StripePaymentRecordsOptions

  constructor(options: StripePaymentRecordsOptions) {
    this.#options = options
  }

  async *sessionsSince(fromMs: number): AsyncGenerator<SessionRecord> {
    const paidLate = await this.#happenedSince('checkout.session.async_payment_succeeded', fromMs)
    const records = await this.#list(
      stripe =>
        stripe.checkout.sessions.list(
          {
            limit: pageSize,
            created: since(fromMs - longestOpenMs),
            status: 'complete',
            expand: ['data.payment_intent.latest_charge'],
          },
          patience,
        ),
      session => this.#toSession(session),
    )
    const listed = new Map(records.map(record => [record.sessionId, record]))
    for (const [sessionId, { metadata }] of paidLate) {
      // Others who use the same Stripe account may have very many.
      const record = listed.get(sessionId) ?? (this.#ours(metadata) && (await this.session(sessionId)))
      if (record) listed.set(sessionId, record)
    }
    for (const record of listed.values()) {
      const atMs = paidLate.get(record.sessionId)?.atMs ?? record.atMs
      if (atMs >= wholeSecond(fromMs)) yield { ...record, atMs }
    }
  }

  async session(sessionId: string): Promise<SessionRecord | undefined> {
    try {
      return await callStripe(this.#options.load, async stripe =>
        this.#toSession(
          await stripe.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent.latest_charge'] }),
        ),
      )
    } catch (error) {
      if (error instanceof UpstreamError && error.status === notFound) return undefined
      throw error
    }
  }

  async *takenBackSince(fromMs: number): AsyncGenerator<TakenBackRecord> {
    const params = { limit: pageSize, created: since(fromMs), expand: ['data.payment_intent'] }
    yield* await this.#list(
      stripe => stripe.refunds.list(params, patience),
      refund => (emptyRefunds.has(refund.status) ? undefined : this.#toTakenBack('refund', refund)),
    )
    const moved = new Map([
      ...(await this.#happenedSince('charge.dispute.funds_withdrawn', fromMs)),
      ...(await this.#happenedSince('charge.dispute.funds_reinstated', fromMs)),
    ])
    const opened = await this.#list(
      stripe => stripe.disputes.list(params, patience),
      dispute => ({ id: dispute.id, record: this.#toDisputed(dispute) }),
    )
    const known = new Set(opened.map(({ id }) => id))
    const records = opened.map(({ record }) => record)
    for (const id of moved.keys()) if (!known.has(id)) records.push(await this.#disputed(id))
    for (const record of records) {
      if (record) yield { ...record, atMs: moved.get(record.id)?.atMs ?? record.atMs }
    }
  }

  /** A refund or dispute by its id, whatever came of it; undefined where there is none, or it is of another stage. */
  async takenBack(id: string): Promise<TakenBackRecord | undefined> {
    const params = { expand: ['payment_intent'] }
    try {
      return await callStripe(this.#options.load, async stripe =>
        id.startsWith('re_')
          ? this.#toTakenBack('refund', await stripe.refunds.retrieve(id, params))
          : this.#toTakenBack('dispute', await stripe.disputes.retrieve(id, params)),
      )
    } catch (error) {
      if (error instanceof UpstreamError && error.status === notFound) return undefined
      throw error
    }
  }

  #disputed(id: string): Promise<TakenBackRecord | undefined> {
    return callStripe(this.#options.load, async stripe =>
      this.#toDisputed(await stripe.disputes.retrieve(id, { expand: ['payment_intent'] }, patience)),
    )
  }

  #toDisputed(dispute: Stripe.Dispute): TakenBackRecord | undefined {
    return emptyDisputes.has(dispute.status) ? undefined : this.#toTakenBack('dispute', dispute)
  }

  /** What has had an event of a type since then, by its own id, and when. Stripe keeps events for 30 days. */
  async #happenedSince(type: LateEvent, fromMs: number): Promise<ReadonlyMap<string, Happened>> {
    const events = await this.#list(
      stripe => stripe.events.list({ limit: pageSize, created: since(fromMs), type }, patience),
      event => ({ ...subjectSchema.parse(event.data.object), atMs: event.created * 1_000 }),
    )
    return new Map(events.map(event => [event.id, event]))
  }

  /** What is not shaped as it should be has failed, as what was not answered has. */
  #list<Item, Record>(
    list: (stripe: Stripe) => AsyncIterable<Item>,
    read: (item: Item) => Record | undefined,
  ): Promise<Record[]> {
    return callStripe(this.#options.load, async stripe => {
      const records: Record[] = []
      for await (const item of list(stripe)) {
        const record = read(item)
        if (record !== undefined) records.push(record)
      }
      return records
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
        isReturned: kind === 'dispute' && found.status === 'won',
        atMs: found.created * 1_000,
      }
    )
  }
}

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
/** A refund is `re_…`, or `pyr_…` of what was not paid by card. */
const isDispute = /^d[pu]_/
/** Ours end within 23 hours of being opened. */
const longestOpenMs = 24 * 3_600_000

/** What may come long after what it is about was opened: only the event tells when. */
type LateEvent =
  | 'checkout.session.async_payment_succeeded'
  | 'charge.dispute.funds_withdrawn'
  | 'charge.dispute.funds_reinstated'
  | 'refund.failed'
  | 'refund.updated'

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
  payment_intent: z.object({ id: z.string(), metadata: z.record(z.string(), z.string()) }).nullable(),
})

/** What has become of the money, by the status of a refund; by any other it is on its way or gone. */
const refundedMoney: Readonly<Record<string, TakenBackRecord['money']>> = {
  failed: 'returned',
  canceled: 'returned',
}
/** By that of a dispute. An inquiry moves none; what was prevented never left. */
const disputedMoney: Readonly<Record<string, TakenBackRecord['money']>> = {
  warning_needs_response: 'untouched',
  warning_under_review: 'untouched',
  warning_closed: 'untouched',
  prevented: 'untouched',
  won: 'returned',
}

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

  async sessionPaidBy(paymentId: string): Promise<SessionRecord | undefined> {
    const params = { payment_intent: paymentId, limit: 1, expand: ['data.payment_intent.latest_charge'] }
    const [session] = await this.#list(
      stripe => stripe.checkout.sessions.list(params, patience),
      found => this.#toSession(found),
    )
    return session
  }

  async *takenBackSince(fromMs: number): AsyncGenerator<TakenBackRecord> {
    const params = { limit: pageSize, created: since(fromMs), expand: ['data.payment_intent'] }
    const refunds = await this.#list(
      stripe => stripe.refunds.list(params, patience),
      refund => ({ id: refund.id, record: this.#toTakenBack('refund', refund) }),
    )
    // One that is called off is told as an update.
    const ended = new Map([
      ...(await this.#happenedSince('refund.updated', fromMs)),
      ...(await this.#happenedSince('refund.failed', fromMs)),
    ])
    yield* this.#withLate(refunds, ended)
    const disputes = await this.#list(
      stripe => stripe.disputes.list(params, patience),
      dispute => ({ id: dispute.id, record: this.#toTakenBack('dispute', dispute) }),
    )
    const moved = new Map([
      ...(await this.#happenedSince('charge.dispute.funds_withdrawn', fromMs)),
      ...(await this.#happenedSince('charge.dispute.funds_reinstated', fromMs)),
    ])
    yield* this.#withLate(disputes, moved)
  }

  /** Those that were listed and those that something has happened to since, at that time. */
  async *#withLate(
    listed: readonly { readonly id: string; readonly record: TakenBackRecord | undefined }[],
    happened: ReadonlyMap<string, Happened>,
  ): AsyncGenerator<TakenBackRecord> {
    const records = listed.map(({ record }) => record)
    const known = new Set(listed.map(({ id }) => id))
    for (const id of happened.keys()) if (!known.has(id)) records.push(await this.takenBack(id))
    for (const record of records) {
      if (!record || record.money === 'untouched') continue
      yield { ...record, atMs: happened.get(record.id)?.atMs ?? record.atMs }
    }
  }

  /** A refund or dispute by its id, whatever came of it; undefined where there is none, or it is of another stage. */
  async takenBack(id: string): Promise<TakenBackRecord | undefined> {
    const params = { expand: ['payment_intent'] }
    try {
      return await callStripe(this.#options.load, async stripe =>
        isDispute.test(id)
          ? this.#toTakenBack('dispute', await stripe.disputes.retrieve(id, params, patience))
          : this.#toTakenBack('refund', await stripe.refunds.retrieve(id, params, patience)),
      )
    } catch (error) {
      if (error instanceof UpstreamError && error.status === notFound) return undefined
      throw error
    }
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
    const { id, amount, currency, status, created, payment_intent } = takenBackSchema.parse(item)
    const ours = this.#ours(payment_intent?.metadata)
    if (!ours || !payment_intent) return undefined
    const money = kind === 'refund' ? refundedMoney : disputedMoney
    return {
      kind,
      id,
      paymentId: payment_intent.id,
      transactionId: ours.transaction_id,
      userId: ours.user_id,
      amountCents: amount,
      currency,
      money: money[status ?? ''] ?? 'taken',
      atMs: created * 1_000,
    }
  }
}

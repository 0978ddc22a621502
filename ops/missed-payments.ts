import type Stripe from 'stripe'
import * as z from 'zod'
import type { StripeMismatch } from '../src/domain/payments-check.ts'

/** A payment, refund or dispute that tables know nothing of, and the event of Stripe's that tells of it. */
export interface MissedPayment {
  readonly kind: StripeMismatch['kind']
  readonly transactionId: string | undefined
  /** Stripe's: a session's, refund's or dispute's. */
  readonly objectId: string | undefined
  readonly amountCents: number | null
  /** For `replay`; undefined where Stripe has none any more: it keeps events for 30 days. */
  readonly eventId: string | undefined
}

const eventTypes = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'refund.created',
  'charge.dispute.funds_withdrawn',
] as const

const objectSchema = z.object({ id: z.string(), payment_status: z.string().optional() })

/** Finds the event of each. */
export const findMissedPayments = async (
  load: () => Promise<Stripe>,
  mismatches: readonly StripeMismatch[],
  fromMs: number,
): Promise<readonly MissedPayment[]> => {
  if (mismatches.length === 0) return []
  const events = await eventsByObject(await load(), fromMs)
  return mismatches.map(mismatch => {
    const objectId = mismatch.takenBackId ?? mismatch.sessionId
    return {
      kind: mismatch.kind,
      transactionId: mismatch.transactionId,
      objectId,
      amountCents: mismatch.amountCents ?? null,
      eventId: objectId === undefined ? undefined : events.get(objectId),
    }
  })
}

/** The newest event of each object, but for sessions that were not paid yet. */
const eventsByObject = async (stripe: Stripe, fromMs: number): Promise<ReadonlyMap<string, string>> => {
  const events = new Map<string, string>()
  const created = { gte: Math.floor(fromMs / 1_000) }
  for await (const event of stripe.events.list({ types: [...eventTypes], created, limit: 100 })) {
    const { id, payment_status } = objectSchema.parse(event.data.object)
    if (payment_status !== 'unpaid' && !events.has(id)) events.set(id, event.id)
  }
  return events
}

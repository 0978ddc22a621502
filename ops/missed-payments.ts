import type Stripe from 'stripe'
import * as z from 'zod'
import type { StripeMismatch } from '../src/domain/payments-check.ts'
import type { LostMovement } from './lost-movements.ts'

/** A payment, refund or dispute that tables know nothing of, and the command that makes up for it. */
export interface MissedPayment {
  readonly kind: StripeMismatch['kind']
  readonly userId: string | undefined
  readonly transactionId: string | undefined
  /** Stripe's: a session's, refund's or dispute's. */
  readonly stripeId: string | undefined
  readonly amountCents: number | null
  /** What follows `npm run ops -- `, or where to read what to do. */
  readonly remedy: string
}

/** What is asked for each. */
export interface Lookups {
  readonly load: () => Promise<Stripe>
  /** Whether there is a row that its event can be booked on. */
  readonly hasRow: (transactionId: string) => Promise<boolean>
  /** Whose account is gone has perhaps opened another: an operator finds out which. */
  readonly hasAccount: (userId: string) => Promise<boolean>
}

/**
 * Finds out what makes up for each. Stripe keeps events for 30 days.
 * @param lost what is known to have booked them in other tables
 */
export const findRemedies = async (
  lookups: Lookups,
  mismatches: readonly StripeMismatch[],
  lost: readonly LostMovement[],
  fromMs: number,
): Promise<readonly MissedPayment[]> => {
  const { load, hasRow } = lookups
  const isSession = mismatches.some(({ kind }) => kind === 'paid_not_credited')
  const events = isSession ? await eventsBySession(await load(), fromMs) : new Map<string, string>()
  const bookings = new Map(lost.map(({ stripeId, remedy }) => [stripeId, remedy]))
  const missed: MissedPayment[] = []
  for (const mismatch of mismatches) {
    const { kind, userId, transactionId, sessionId, takenBackId, amountCents = null } = mismatch
    const isBookable = transactionId !== undefined && (await hasRow(transactionId))
    const event = isBookable && sessionId !== undefined ? events.get(sessionId) : undefined
    const stripeId = takenBackId ?? sessionId
    const booking = event === undefined && stripeId !== undefined ? bookings.get(stripeId) : undefined
    const remedy = booking ?? remedyOf(await withWhoIsThere(lookups, mismatch), event)
    missed.push({ kind, userId, transactionId, stripeId, amountCents, remedy })
  }
  return missed
}

/** Without who paid, where that account is gone. */
const withWhoIsThere = async ({ hasAccount }: Lookups, mismatch: StripeMismatch): Promise<StripeMismatch> => {
  const { userId } = mismatch
  const isThere = userId !== undefined && (await hasAccount(userId))
  return isThere ? mismatch : { ...mismatch, userId: undefined }
}

/** What makes up for a payment that is not booked. A purchase that was begun later has no row to replay its event on. */
export const remedyOf = (
  { kind, userId = '<who>', sessionId, takenBackId }: StripeMismatch,
  event: string | undefined,
): string => {
  if (kind === 'paid_not_credited') {
    return event === undefined
      ? `adjust ${userId} <credits> --reason "Paid" --books ${sessionId} --apply`
      : `replay ${event} --apply`
  }
  if (kind === 'refund_not_booked' || kind === 'dispute_not_booked') {
    return `adjust ${userId} -<credits> --reason "Taken back" --books ${takenBackId} --apply`
  }
  if (kind === 'refund_not_returned' || kind === 'dispute_not_returned') {
    return `adjust ${userId} <credits> --reason "Given back" --books ${takenBackId} --apply`
  }
  return 'docs/runbooks/stripe-mismatch.md'
}

const sessionSchema = z.object({ id: z.string(), payment_status: z.string() })

/** The newest event of each session that says it was paid. */
const eventsBySession = async (stripe: Stripe, fromMs: number): Promise<ReadonlyMap<string, string>> => {
  const events = new Map<string, string>()
  const list = stripe.events.list({
    types: ['checkout.session.completed', 'checkout.session.async_payment_succeeded'],
    created: { gte: Math.floor(fromMs / 1_000) },
    limit: 100,
  })
  for await (const event of list) {
    const { id, payment_status } = sessionSchema.parse(event.data.object)
    if (payment_status !== 'unpaid' && !events.has(id)) events.set(id, event.id)
  }
  return events
}

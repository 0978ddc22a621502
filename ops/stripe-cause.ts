import type { Account } from '../src/domain/account.ts'
import type { TakenBackRecord } from '../src/domain/audit-ports.ts'
import { creditedRowOf } from '../src/domain/credited-row.ts'
import { madeUpRowId, returnedRowId, takenBackRowId } from '../src/domain/movement-ids.ts'
import type { LedgerStore, PaidSession } from '../src/domain/ports.ts'
import type { StripePaymentRecords } from '../src/upstream/stripe/payment-records.ts'
import { OpsProblem, UsageProblem } from './problem.ts'

/** What an adjustment books, and under which id. */
export interface StripeCause {
  readonly transactionId: string
  /** Of a payment whose credits are given. */
  readonly paid?: PaidSession
  /** Who paid, where that account is gone: the credits go to another. */
  readonly paidBy?: string
}

/** What is asked: Stripe's record of a stage, and our own. */
export interface Records {
  readonly stage: string
  readonly records: StripePaymentRecords
  readonly store: Pick<LedgerStore, 'readAccount' | 'readTransaction'>
}

export interface Booking {
  readonly account: Account
  /** Stripe's: `re_…`, `pyr_…`, `du_…`, `dp_…`, `cs_…`. */
  readonly id: string
  readonly credits: number
}

/**
 * Finds out at Stripe what an adjustment would book: nobody's credits are taken for somebody else's refund, or given for
 * somebody else's payment, or moved for what moved no money.
 * @throws {UsageProblem} @throws {OpsProblem}
 */
export const stripeCauseOf = async (asked: Records, booking: Booking): Promise<StripeCause> => {
  const { records, stage } = asked
  if (booking.id.startsWith('cs_')) return payment(asked, booking)
  const record = await records.takenBack(booking.id)
  assertKnown(record, booking.id, stage)
  // Who paid, or to whom staff has given the credits where that account was gone.
  const paidBy = (await creditedRowOf(asked, record))?.userId ?? record.userId
  if (paidBy !== booking.account.userId) throw ofSomebodyElse(booking.id, paidBy)
  return reversal(asked, booking, record)
}

const payment = async (
  { store, records, stage }: Records,
  { account, id, credits }: Booking,
): Promise<StripeCause> => {
  if (credits <= 0) throw new UsageProblem('a payment gives credits')
  const found = await records.session(id)
  const session = found?.isPaid ? found : undefined
  assertKnown(session, id, stage)
  const { sessionId, transactionId, userId, amountCents, refundedCents } = session
  if (refundedCents > 0 && refundedCents >= (amountCents ?? 0)) {
    throw new OpsProblem(`The money of ${id} has gone back. Nothing was changed.`)
  }
  const cause = { transactionId: madeUpRowId(sessionId), paid: { sessionId, transactionId } }
  if (userId === account.userId) return cause
  // A restore may have lost who paid, and they may have registered again.
  if (userId === undefined || (await store.readAccount(userId))) throw ofSomebodyElse(id, userId)
  return { ...cause, paidBy: userId }
}

const reversal = async (
  { store }: Records,
  { id, credits }: Booking,
  record: TakenBackRecord,
): Promise<StripeCause> => {
  if (record.money === 'untouched') throw new OpsProblem(`${id} has moved no money. Nothing was changed.`)
  if (record.money === 'taken') {
    if (credits <= 0) return { transactionId: takenBackRowId(record) }
    throw new UsageProblem(`${id} has taken money: take the credits with a minus`)
  }
  if (credits <= 0) throw new UsageProblem(`the money of ${id} has come back: there is nothing to take`)
  const taken = await store.readTransaction(takenBackRowId(record))
  if (taken && -taken.credits >= credits) return { transactionId: returnedRowId(record) }
  throw new OpsProblem(
    `${taken ? -taken.credits : 0} credits were taken for ${id}: no more can be given back.`,
  )
}

function assertKnown<Found>(found: Found | undefined, id: string, stage: string): asserts found is Found {
  if (found === undefined)
    throw new OpsProblem(`Stripe knows no ${id} about a payment in ${stage}. Nothing was changed.`)
}

const ofSomebodyElse = (id: string, userId: string | undefined): OpsProblem =>
  new OpsProblem(`${id} is about a payment of ${userId}. Nothing was changed.`)

import type { Account } from '../src/domain/account.ts'
import type { TakenBackRecord } from '../src/domain/audit-ports.ts'
import { madeUpRowId, returnedRowId, takenBackRowId } from '../src/domain/movement-ids.ts'
import type { PaidSession } from '../src/domain/ports.ts'
import { StripePaymentRecords } from '../src/upstream/stripe/payment-records.ts'
import { wireStripe } from '../src/wiring/stripe.ts'
import type { Books } from './books.ts'
import type { Operation } from './command.ts'
import { OpsProblem, UsageProblem } from './problem.ts'

/** What an adjustment books, and under which id. */
export interface StripeCause {
  readonly transactionId: string
  /** Of a payment whose credits are given. */
  readonly paid?: PaidSession
  /** Who paid, where that account is gone: the credits go to another. */
  readonly paidBy?: string
}

interface Booking {
  readonly account: Account
  /** Stripe's: `re_…`, `du_…`, `dp_…`, `cs_…`. */
  readonly id: string
  readonly credits: number
}

/**
 * Finds out at Stripe what an adjustment would book: nobody's credits are taken for somebody else's refund, or given for
 * somebody else's payment, or moved for what moved no money.
 * @throws {UsageProblem} @throws {OpsProblem}
 */
export const stripeCauseOf = async (
  operation: Operation,
  books: Books,
  booking: Booking,
): Promise<StripeCause> => {
  const { target } = operation
  const load = wireStripe(await target.config('stripe'))
  const records = new StripePaymentRecords({ load, stage: target.stage })
  if (booking.id.startsWith('cs_'))
    return payment(books, booking, await paidSession(records, booking.id), target.stage)
  const record = await records.takenBack(booking.id)
  assertKnown(record, booking.id, target.stage)
  if (record.userId !== booking.account.userId) throw ofSomebodyElse(booking.id, record.userId)
  return reversal(books, booking, record)
}

const paidSession = async (records: StripePaymentRecords, id: string) => {
  const session = await records.session(id)
  return session?.isPaid ? session : undefined
}

const payment = async (
  { store }: Books,
  { account, id, credits }: Booking,
  session: Awaited<ReturnType<typeof paidSession>>,
  stage: string,
): Promise<StripeCause> => {
  if (credits <= 0) throw new UsageProblem('a payment gives credits')
  assertKnown(session, id, stage)
  const { sessionId, transactionId, userId } = session
  const cause = { transactionId: madeUpRowId(sessionId), paid: { sessionId, transactionId } }
  if (userId === account.userId) return cause
  // A restore may have lost who paid, and they may have registered again.
  if (userId === undefined || (await store.readAccount(userId))) throw ofSomebodyElse(id, userId)
  return { ...cause, paidBy: userId }
}

const reversal = async (
  { store }: Books,
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

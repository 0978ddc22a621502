import type { Database } from '../src/db/dynamodb.ts'
import type { Erasure } from '../src/domain/erasure.ts'
import { DomainError, UpstreamError } from '../src/domain/errors.ts'
import type { ReconciliationReport } from '../src/domain/reconciliation.ts'
import { wireStripe } from '../src/wiring/stripe.ts'
import { booksOf } from './books.ts'
import type { Operation } from './command.ts'
import { erasureOf, longestRequestMs } from './erasure.ts'
import { findLostMovements, type LostMovements } from './lost-movements.ts'
import { findRemedies, type MissedPayment } from './missed-payments.ts'
import { reconciliationOf } from './reconciliation.ts'
import type { LedgerTableNames, RestorePlan } from './restore-plan.ts'
import { compareAccounts, compareTables, type TableDifferences } from './table-differences.ts'
import type { Target } from './target.ts'

/** What restored tables turn out to hold. */
export interface Verified {
  readonly reconciliation: ReconciliationReport
  readonly differences: TableDifferences
  readonly missed: readonly MissedPayment[]
  /** What Stripe has not named. */
  readonly lost: LostMovements
  /** User ids of those that were erased since, and could not be erased from the restored tables. */
  readonly notErased: readonly string[]
}

/** What is booked now may have happened long ago: as far back as tables can be restored, and from before that time on. */
const comparedMs = 35 * 24 * 3_600_000

/** What the tables that are looked at are used for meanwhile. */
interface Use {
  /** How long a request that was let in before can take. */
  readonly longestRequestMs: number
  /** By how much the clock is put forward: what is younger than some minutes is not compared. */
  readonly aheadMs: number
  /** How long what does not agree with Stripe is given before it is looked at again. */
  readonly secondLookMs: number
}

/** No request reaches them, and nothing is on its way to them any more: the newest payments are compared, too. */
const unused: Use = { longestRequestMs: 0, aheadMs: 3_600_000, secondLookMs: 0 }

/** Takes out of restored tables again who was erased since, and proves what they hold then. May be repeated. */
export const verify = (operation: Operation, plan: RestorePlan): Promise<Verified> =>
  verifyIn(operation, plan, unused)

/** The same of tables that serve already, for a restore that was broken off after the switch. */
export const verifyServing = async (operation: Operation, plan: RestorePlan): Promise<Verified> => {
  const use = { longestRequestMs: longestRequestMs(operation.target), aheadMs: 0, secondLookMs: 10_000 }
  const verified = await verifyIn(operation, plan, use)
  const { differences } = verified
  // Who is in these alone has registered since.
  return { ...verified, differences: { ...differences, since: { ...differences.since, lost: [] } } }
}

const verifyIn = async (operation: Operation, plan: RestorePlan, use: Use): Promise<Verified> => {
  const former = on(operation.target, plan.from).database
  const target = on(operation.target, plan.to)
  const restored = target.database
  const books = booksOf({ ...operation, target })
  const differences = await compareTables(restored, former)
  const erasure = await erasureOf(target, books, use.longestRequestMs)
  const notErased = await eraseAgain(erasure, differences.since.erased)
  const now = (): number => operation.now() + use.aheadMs
  const reconciliation = await reconciliationOf(operation, restored, { now, secondLookMs: use.secondLookMs })
  const fromMs = plan.atMs - comparedMs
  const report = await reconciliation.run({ fromMs })
  const lost = await findLostMovements(restored, former, { atMs: plan.atMs, nowMs: operation.now() })
  const lookups = {
    load: wireStripe(await target.config('stripe')),
    hasRow: async (transactionId: string) => (await books.store.readTransaction(transactionId)) !== undefined,
    hasAccount: async (userId: string) => (await books.store.readAccount(userId)) !== undefined,
  }
  const missed = await findRemedies(lookups, report.stripeMismatches, lost.movements, fromMs)
  return { reconciliation: report, differences, missed, lost: withoutNamed(lost, missed), notErased }
}

/**
 * Takes out of restored tables, once they serve, who was erased from the former ones since they were verified, and looks
 * again for what was moved there alone.
 * @returns what was verified, with them
 */
export const eraseLate = async (
  operation: Operation,
  plan: RestorePlan,
  verified: Verified,
): Promise<Verified> => {
  const former = on(operation.target, plan.from).database
  const target = on(operation.target, plan.to)
  const found = await compareAccounts(target.database, former)
  const books = booksOf({ ...operation, target })
  const notErased = await eraseAgain(await erasureOf(target, books, longestRequestMs(target)), found.erased)
  const times = { atMs: plan.atMs, nowMs: operation.now() }
  const lost = await findLostMovements(target.database, former, times)
  const { differences, missed } = verified
  const { since } = differences
  const erased = [...new Set([...since.erased, ...found.erased])]
  return {
    ...verified,
    notErased,
    lost: withoutNamed(lost, missed),
    differences: { ...differences, since: { ...since, opened: found.opened, erased } },
  }
}

/** What is told with Stripe's payments is not told twice. */
const withoutNamed = (
  { movements, unreadable }: LostMovements,
  missed: readonly MissedPayment[],
): LostMovements => {
  const named = new Set(missed.map(({ stripeId }) => stripeId).filter(id => id !== undefined))
  return {
    movements: movements.filter(({ stripeId }) => stripeId === undefined || !named.has(stripeId)),
    unreadable,
  }
}

const on = (target: Target, names: LedgerTableNames): Target => {
  const { client, tables } = target.database
  const database: Database = { client, tables: { ...tables, ...names } }
  return { ...target, database }
}

/**
 * An operation that was open then keeps its account from being erased until its time is over, and a vendor that does not
 * answer does so too.
 * @returns whom that concerns
 */
const eraseAgain = async (erasure: Erasure, userIds: readonly string[]): Promise<readonly string[]> => {
  const left: string[] = []
  for (const userId of userIds) {
    try {
      await erasure.run(userId)
    } catch (error) {
      if (!(error instanceof DomainError || error instanceof UpstreamError)) throw error
      left.push(userId)
    }
  }
  return left
}

/** Payments that came later are missing, as they must be: those are replayed. */
export const isProved = ({ reconciliation, differences }: Verified): boolean =>
  reconciliation.complete &&
  reconciliation.ledgerMismatches.length === 0 &&
  differences.ownerless.length === 0

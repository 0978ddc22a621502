import type { Database } from '../src/db/dynamodb.ts'
import type { Erasure } from '../src/domain/erasure.ts'
import { DomainError, UpstreamError } from '../src/domain/errors.ts'
import { comparedMs, type ReconciliationReport } from '../src/domain/reconciliation.ts'
import { wireStripe } from '../src/wiring/stripe.ts'
import { booksOf } from './books.ts'
import type { Operation } from './command.ts'
import { erasureOf, longestRequestMs } from './erasure.ts'
import { findRemedies, type MissedPayment } from './missed-payments.ts'
import { reconciliationOf } from './reconciliation.ts'
import type { RestorePlan } from './restore-plan.ts'
import { compareTables, erasedSince, type TableDifferences } from './table-differences.ts'
import type { Target } from './target.ts'

/** What restored tables turn out to hold. */
export interface Verified {
  readonly reconciliation: ReconciliationReport
  readonly differences: TableDifferences
  readonly missed: readonly MissedPayment[]
  /** User ids of those that were erased since, and could not be erased from the restored tables. */
  readonly notErased: readonly string[]
}

/** Nothing is on its way any more to tables that don't serve: the newest payments are compared, too. */
const aheadMs = 3_600_000
/** Nor does a request reach them. */
const noRequestMs = 0

/** Takes out of restored tables again who was erased since, and proves what they hold then. May be repeated. */
export const verify = async (operation: Operation, plan: RestorePlan): Promise<Verified> => {
  const serving = operation.target.database
  const target = onRestored(operation.target, plan)
  const restored = target.database
  const books = booksOf({ ...operation, target })
  const differences = await compareTables(restored, serving)
  const erasure = await erasureOf(target, books, noRequestMs)
  const notErased = await eraseAgain(erasure, differences.since.erased)
  const now = (): number => operation.now() + aheadMs
  const reconciliation = await reconciliationOf(operation, restored, { now, secondLookMs: 0 })
  const fromMs = plan.atMs - comparedMs
  const report = await reconciliation.run({ fromMs })
  const lookups = {
    load: wireStripe(await target.config('stripe')),
    hasRow: async (transactionId: string) => (await books.store.readTransaction(transactionId)) !== undefined,
  }
  const missed = await findRemedies(lookups, report.stripeMismatches, fromMs)
  return { reconciliation: report, differences, missed, notErased }
}

/**
 * Takes out of restored tables, once they serve, who was erased from the former ones since they were verified.
 * @returns what was verified, with them
 */
export const eraseLate = async (
  operation: Operation,
  plan: RestorePlan,
  verified: Verified,
): Promise<Verified> => {
  const target = onRestored(operation.target, plan)
  const found = await erasedSince(target.database, operation.target.database)
  const books = booksOf({ ...operation, target })
  const notErased = await eraseAgain(await erasureOf(target, books, longestRequestMs(target)), found)
  const { differences } = verified
  const erased = [...new Set([...differences.since.erased, ...found])]
  return {
    ...verified,
    notErased,
    differences: { ...differences, since: { ...differences.since, erased } },
  }
}

const onRestored = (target: Target, plan: RestorePlan): Target => {
  const { client, tables } = target.database
  const database: Database = { client, tables: { ...tables, ...plan.to } }
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
export const isProved = ({ reconciliation: { complete, ledgerMismatches } }: Verified): boolean =>
  complete && ledgerMismatches.length === 0

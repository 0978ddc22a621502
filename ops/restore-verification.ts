import type { Database } from '../src/db/dynamodb.ts'
import { comparedMs, type ReconciliationReport } from '../src/domain/reconciliation.ts'
import { wireStripe } from '../src/wiring/stripe.ts'
import type { Operation } from './command.ts'
import { findMissedPayments, type MissedPayment } from './missed-payments.ts'
import { reconciliationOf } from './reconciliation.ts'
import type { RestorePlan } from './restore-plan.ts'
import { compareTables, type TableDifferences } from './table-differences.ts'

/** What restored tables turn out to hold. */
export interface Verified {
  readonly reconciliation: ReconciliationReport
  readonly differences: TableDifferences
  readonly missed: readonly MissedPayment[]
}

/** Nothing is on its way any more to tables that don't serve: the newest payments are compared, too. */
const aheadMs = 3_600_000

export const verify = async (operation: Operation, plan: RestorePlan): Promise<Verified> => {
  const { target, now } = operation
  const restored: Database = { ...target.database, tables: { ...target.database.tables, ...plan.to } }
  const reconciliation = await reconciliationOf(operation, restored, {
    now: () => now() + aheadMs,
    secondLookMs: 0,
  })
  const fromMs = plan.atMs - comparedMs
  const report = await reconciliation.run({ fromMs })
  const load = wireStripe(await target.config('stripe'))
  return {
    reconciliation: report,
    differences: await compareTables(restored, target.database),
    missed: await findMissedPayments(load, report.stripeMismatches, fromMs),
  }
}

/** Payments that came later are missing, as they must be: those are replayed. */
export const isProved = ({ reconciliation: { complete, ledgerMismatches } }: Verified): boolean =>
  complete && ledgerMismatches.length === 0

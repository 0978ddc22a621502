import type { Clock } from '../domain/ports.ts'
import { comparedMs, type Reconciliation, type ReconciliationReport } from '../domain/reconciliation.ts'

export interface ReconcileHandlerDependencies {
  readonly reconciliation: Reconciliation
  readonly now: Clock
}

/** What a last batch may take with its pauses, the comparison with Stripe after it and its second look. */
const spareMs = 240_000

/**
 * Invoked by the schedule. What it finds is in the report and the log, and no reason to throw.
 * @throws {Error} at its end, where an account could not be read or Stripe did not answer: nobody would notice otherwise
 */
export const createHandler =
  ({ reconciliation, now }: ReconcileHandlerDependencies) =>
  async (_event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<ReconciliationReport> => {
    const report = await reconciliation.run({
      fromMs: now() - comparedMs,
      untilMs: now() + context.getRemainingTimeInMillis() - spareMs,
      resumes: true,
    })
    if (report.unreadableAccounts > 0 || !report.isStripeCompared) {
      throw new Error('Something could not be looked at: the lines before say what.')
    }
    return report
  }

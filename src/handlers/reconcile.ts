import type { Clock } from '../domain/ports.ts'
import { comparedMs, type Reconciliation, type ReconciliationReport } from '../domain/reconciliation.ts'

export interface ReconcileHandlerDependencies {
  readonly reconciliation: Reconciliation
  readonly now: Clock
}

/** What a last batch may take with its pauses, the comparison with Stripe after it and its second look. */
const spareMs = 240_000

/** Invoked by the schedule. What it finds is in the report and the log: it throws for nothing but a failure of its own. */
export const createHandler =
  ({ reconciliation, now }: ReconcileHandlerDependencies) =>
  async (_event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<ReconciliationReport> =>
    reconciliation.run({
      fromMs: now() - comparedMs,
      untilMs: now() + context.getRemainingTimeInMillis() - spareMs,
      resumes: true,
    })

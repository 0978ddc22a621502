import type { Clock } from '../domain/ports.ts'
import type { Sweep, SweepReport } from '../domain/sweep.ts'

export interface SweepHandlerDependencies {
  readonly sweep: Sweep
  readonly now: Clock
}

/** What a last batch may take, with vendors that keep it waiting, and the report after it. */
const spareMs = 30_000

/** Invoked by the schedule. It throws nothing that trying again at once could mend: the next run comes anyway. */
export const createHandler =
  ({ sweep, now }: SweepHandlerDependencies) =>
  async (_event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<SweepReport> =>
    sweep.run(now() + context.getRemainingTimeInMillis() - spareMs)

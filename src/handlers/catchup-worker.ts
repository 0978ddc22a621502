import type { CatchupWorker } from '../domain/catchup-worker.ts'
import { summaryJobSchema } from './catchup-jobs.ts'

export interface CatchupWorkerHandlerDependencies {
  readonly worker: CatchupWorker
}

/** Invoked asynchronously for each catch-up to be summarised. What it throws, Lambda tries again, under the same request id. */
export const createHandler =
  ({ worker }: CatchupWorkerHandlerDependencies) =>
  async (event: unknown, { awsRequestId }: { readonly awsRequestId: string }): Promise<void> =>
    worker.run(summaryJobSchema.parse(event), awsRequestId)

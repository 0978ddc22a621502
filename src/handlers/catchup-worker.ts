import * as z from 'zod'
import { segmentSchema } from '../contracts/transcription.ts'
import type { CatchupWorker } from '../domain/catchup.ts'

export interface CatchupWorkerHandlerDependencies {
  readonly worker: CatchupWorker
}

const jobSchema = z.object({
  userId: z.string(),
  operationId: z.string(),
  holdExpiresAtMs: z.int(),
  segments: z.array(segmentSchema),
})

/** Invoked asynchronously for each accepted catch-up. What it throws, Lambda tries again. */
export const createHandler =
  ({ worker }: CatchupWorkerHandlerDependencies) =>
  async (event: unknown): Promise<void> =>
    worker.run(jobSchema.parse(event))

import type { CatchupFetcher } from '../domain/catchup-fetcher.ts'
import { channelJobSchema } from './catchup-jobs.ts'

export interface CatchupFetchHandlerDependencies {
  readonly fetcher: CatchupFetcher
}

/** Invoked asynchronously for each catch-up from a channel. What it throws, Lambda tries again. */
export const createHandler =
  ({ fetcher }: CatchupFetchHandlerDependencies) =>
  async (event: unknown): Promise<void> =>
    fetcher.run(channelJobSchema.parse(event))

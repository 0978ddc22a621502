import type { CatchupFetcher } from '../domain/catchup-fetcher.ts'
import { channelJobSchema } from './catchup-jobs.ts'

export interface CatchupFetchHandlerDependencies {
  readonly fetcher: CatchupFetcher
}

/** Invoked asynchronously for each catch-up from a channel. What it throws, Lambda tries again, under the same request id. */
export const createHandler =
  ({ fetcher }: CatchupFetchHandlerDependencies) =>
  async (event: unknown, { awsRequestId }: { readonly awsRequestId: string }): Promise<void> =>
    fetcher.run(channelJobSchema.parse(event), awsRequestId)

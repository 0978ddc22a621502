import { Erasure } from '../src/domain/erasure.ts'
import { StripeCustomerDeletion } from '../src/upstream/stripe/customer-deletion.ts'
import { sleep } from '../src/wiring/clock.ts'
import { wireStripe } from '../src/wiring/stripe.ts'
import type { Books } from './books.ts'
import type { Target } from './target.ts'
import { transcriptDeletionOf } from './transcripts.ts'

/** No function that a listener waits for runs longer; on this machine nothing does. */
export const longestRequestMs = ({ stateDir }: Pick<Target, 'stateDir'>): number =>
  stateDir === undefined ? 30_000 : 1_000

/** @param longestRequestMs how long a request that was let in before the account closed can take */
export const erasureOf = async (target: Target, books: Books, longestRequestMs: number): Promise<Erasure> =>
  new Erasure({
    ...books,
    transcripts: await transcriptDeletionOf(target),
    customers: new StripeCustomerDeletion({
      load: wireStripe(await target.config('stripe')),
      stage: target.stage,
      now: books.now,
    }),
    sleep,
    longestRequestMs,
  })

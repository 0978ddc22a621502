import { DynamoCatchupProgress } from '../db/catchup-progress.ts'
import { Catchups } from '../domain/catchup.ts'
import type { CatchupQueue } from '../domain/ports.ts'
import { channelHoldMs, transcriptHoldMs } from '../timing.ts'
import { backoff } from './clock.ts'
import { read } from './environment.ts'
import type { wireLedger } from './ledger.ts'
import { wireSignedIn } from './signed-in.ts'

/** For the function that tells where a catch-up stands: it hands none on, and its zip holds nothing to do it with. */
const noQueue: CatchupQueue = { start: () => Promise.reject(new Error('No catch-up is begun here.')) }

export const wireCatchups = (
  { ledger, outcomes, database }: Pick<ReturnType<typeof wireLedger>, 'ledger' | 'outcomes' | 'database'>,
  queue: CatchupQueue,
) =>
  new Catchups({
    ledger,
    outcomes,
    queue,
    progress: new DynamoCatchupProgress(database, backoff),
    transcriptHoldMs,
    channelHoldMs,
  })

export const wireCatchupRead = async () => {
  const signedIn = wireSignedIn(await read('auth'))
  return { ...signedIn, catchups: wireCatchups(signedIn, noQueue) }
}

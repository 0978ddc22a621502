import { DynamoCatchupProgress } from '../db/catchup-progress.ts'
import { Catchups } from '../domain/catchup.ts'
import { channelHoldMs, transcriptHoldMs } from '../timing.ts'
import { wireCatchupQueue } from './catchup-queue.ts'
import { backoff, read } from './environment.ts'
import { wireSpending } from './signed-in.ts'

/** For accepting a catch-up and telling where it stands. */
export const wireCatchup = async () => {
  const config = await read('auth')
  const spending = wireSpending(config)
  const { ledger, outcomes, database } = spending
  const catchups = new Catchups({
    ledger,
    outcomes,
    queue: wireCatchupQueue(config),
    progress: new DynamoCatchupProgress(database, backoff),
    transcriptHoldMs,
    channelHoldMs,
  })
  return { ...spending, catchups }
}

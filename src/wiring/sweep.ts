import { DynamoCatchupProgress } from '../db/catchup-progress.ts'
import { DynamoSweepMark } from '../db/sweep-mark.ts'
import { StalledCatchups } from '../domain/catchup-stalled.ts'
import { attemptSpreadMs } from '../domain/ledger.ts'
import { Sweep } from '../domain/sweep.ts'
import { callbackDueMs, channelHoldMs, lifeAfterFetchMs, noteToHoldMs, workerRunMs } from '../timing.ts'
import { wireCatchupQueue } from './catchup-queue.ts'
import { wireClips } from './clips.ts'
import { backoff, now } from './clock.ts'
import { read } from './environment.ts'
import { wireLedger } from './ledger.ts'
import { wireSpeech } from './speech.ts'

/** For the scheduled sweep. */
export const wireSweep = async () => {
  const config = await read('assemblyai', 'live')
  const { ledger, outcomes, store, activity, database, log } = wireLedger(config)
  const { LIVE_LEASE_SECONDS, LIVE_RENEW_WINDOW_SECONDS, LIVE_DANGLING_SECONDS } = config.live
  const clipHoldMs = config.assemblyai.CLIP_HOLD_SECONDS * 1_000
  const liveHoldMs = (LIVE_RENEW_WINDOW_SECONDS + LIVE_LEASE_SECONDS + LIVE_DANGLING_SECONDS) * 1_000
  const sweep = new Sweep({
    ledger,
    store,
    activity,
    mark: new DynamoSweepMark(database, backoff),
    clips: wireClips(config, { ledger, outcomes, database, log }),
    catchups: new StalledCatchups({
      outcomes,
      progress: new DynamoCatchupProgress(database, backoff),
      speech: wireSpeech(config),
      queue: wireCatchupQueue(config),
      now,
      log,
      callbackDueMs,
      longestRunMs: workerRunMs,
      lifeAfterFetchMs,
    }),
    now,
    log,
    longestHoldMs: Math.max(clipHoldMs, channelHoldMs, liveHoldMs) + attemptSpreadMs + noteToHoldMs,
  })
  return { sweep, now }
}

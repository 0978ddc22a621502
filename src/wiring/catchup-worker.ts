import { DynamoCatchupProgress } from '../db/catchup-progress.ts'
import { CatchupWorker } from '../domain/catchup-worker.ts'
import { longTranscriptMs, summaryModel, workerRunMs } from '../timing.ts'
import { backoff, now } from './clock.ts'
import { read } from './environment.ts'
import { wireLedger, wireThrottle } from './ledger.ts'
import { wireModel } from './model.ts'
import { wireSpeech } from './speech.ts'

export const wireCatchupWorker = async () => {
  const config = await read('openai', 'assemblyai')
  const { ledger, outcomes, store, database, log } = wireLedger(config)
  const worker = new CatchupWorker({
    ledger,
    outcomes,
    store,
    speech: wireSpeech(config, { readTimeoutMs: longTranscriptMs }),
    model: wireModel(config, summaryModel),
    progress: new DynamoCatchupProgress(database, backoff),
    failureMeter: wireThrottle(database, config).failureMeter,
    now,
    log,
    longestRunMs: workerRunMs,
  })
  return { worker }
}

import { DynamoCatchupProgress } from '../../../src/db/catchup-progress.ts'
import { Catchups } from '../../../src/domain/catchup.ts'
import { CatchupFetcher } from '../../../src/domain/catchup-fetcher.ts'
import { StalledCatchups } from '../../../src/domain/catchup-stalled.ts'
import { CatchupWorker } from '../../../src/domain/catchup-worker.ts'
import { UpstreamError } from '../../../src/domain/errors.ts'
import type {
  CatchupJob,
  ChannelRecordings,
  LanguageModel,
  SpeechJobs,
  TranscriptState,
} from '../../../src/domain/ports.ts'
import type { TestLedger } from '../../support/ledger.ts'
import { silent } from '../../support/silent-log.ts'

const minuteMs = 60_000
/** Of the five minutes that are asked for there are four and a half, one of them muted: four are begun. */
const window = { fromMs: 30_000, toMs: 300_000, mutedMs: minuteMs }
export const minutesAsked = 5
export const creditsHeld = 50
export const creditsCharged = 40

export const channelTimes = {
  channelHoldMs: 120_000,
  longestRunMs: 30_000,
  callbackDueMs: 20_000,
  lifeAfterFetchMs: 60_000,
}

type Heard = 'completed' | 'no_speech' | 'failed' | 'processing'

const stateOf = (heard: Heard): TranscriptState =>
  heard === 'completed'
    ? {
        status: 'completed',
        transcript: {
          text: 'He was here.',
          audioSeconds: 270,
          words: [{ text: 'Here.', start_ms: 1_000, end_ms: 1_500, confidence: 1 }],
        },
      }
    : { status: heard }

/** Vendors that do as a step says: what is tried here is what we make of it. */
class ObedientVendors {
  finding: 'found' | 'refused' | 'fails' = 'found'
  uploadFails = false
  summaryFails = false
  readonly transcripts = new Map<string, Heard>()

  readonly recordings: ChannelRecordings = {
    findLast: async channel => {
      if (this.finding === 'fails') throw new UpstreamError('twitch', 'timeout')
      if (this.finding === 'refused') return { found: false, refusal: 'recording_muted' }
      const about = { channel, recordingId: '1', recordedAt: '2026-11-21T08:00:00.000Z', isLive: true }
      return { found: true, window: { ...about, ...window }, audio: { read: oneChunk } }
    },
  }

  readonly speech: Pick<SpeechJobs, 'submitStream' | 'read' | 'hasEnded'> = {
    submitStream: async audio => {
      for await (const _chunk of audio) if (this.uploadFails) throw new UpstreamError('assemblyai', 'failed')
      const transcriptId = `transcript-${this.transcripts.size}`
      this.transcripts.set(transcriptId, 'processing')
      return transcriptId
    },
    read: async transcriptId => stateOf(this.transcripts.get(transcriptId) ?? 'failed'),
    hasEnded: async transcriptId => this.transcripts.get(transcriptId) !== 'processing',
  }

  readonly model: LanguageModel = {
    answer: async () => ({ answer: 'Yes.', cited: [] }),
    summarise: async segments => {
      if (this.summaryFails) throw new UpstreamError('openai', 'failed')
      return { headline: 'He.', points: [{ at_ms: segments[0]?.start_ms ?? 0, text: 'He was here.' }] }
    },
    summariseNotes: async notes => ({ headline: 'He.', points: notes }),
  }
}

async function* oneChunk(onProgress: (doneMs: number) => void): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(10)
  onProgress(window.toMs - window.fromMs)
}

/** Catch-ups from a channel on the real tables; what is handed over waits in `queued` until a step runs it. */
export const createChannels = ({ ledger, outcomes, store, database, now }: TestLedger) => {
  const vendors = new ObedientVendors()
  const queued: CatchupJob[] = []
  const backoff = () => Promise.resolve()
  const shared = {
    ledger,
    outcomes,
    store,
    now,
    backoff,
    log: silent,
    progress: new DynamoCatchupProgress(database, backoff),
    queue: { start: async (job: CatchupJob) => void queued.push(job) },
    failureMeter: { note: async () => undefined },
    recordings: vendors.recordings,
    speech: vendors.speech,
    model: vendors.model,
    ...channelTimes,
  }
  return {
    vendors,
    queued,
    progress: shared.progress,
    catchups: new Catchups({ ...shared, transcriptHoldMs: channelTimes.channelHoldMs }),
    fetcher: new CatchupFetcher(shared),
    worker: new CatchupWorker(shared),
    stalled: new StalledCatchups(shared),
  }
}

import type { Segment, Summary } from '../../src/contracts/transcription.ts'
import { DynamoCatchupProgress } from '../../src/db/catchup-progress.ts'
import { Catchups } from '../../src/domain/catchup.ts'
import { CatchupFetcher } from '../../src/domain/catchup-fetcher.ts'
import { CatchupWorker } from '../../src/domain/catchup-worker.ts'
import type { CatchupCallback, CatchupJob, RecordingWindow, TranscriptState } from '../../src/domain/ports.ts'
import type { TestLedger } from './ledger.ts'
import { silent } from './silent-log.ts'

const minuteMs = 60_000
const hoursMs = 120 * minuteMs
const window: RecordingWindow = {
  channel: 'a_channel_of_twenty_five',
  recordingId: '2290000001',
  recordedAt: '2026-11-21T08:55:00Z',
  isLive: true,
  fromMs: 60 * minuteMs,
  toMs: 60 * minuteMs + hoursMs,
  mutedMs: 0,
}
const transcriptId = '2f6f0f2e-6d3c-4c1b-9d57-0d2c6d6f6a11'

/** As long a summary as is asked for: twelve points of one sentence each. */
const said = [
  'The host opens with last week’s patch and says that the new map is not what he had hoped for.',
  'A viewer asks about the keyboard, and he recommends a cheap one that he has used for two years.',
  'They lose the first match in overtime after Mira forgets to buy the smoke that they had planned.',
  'He explains why he no longer streams on Sundays: his daughter has started to play football.',
  'The second match is won without a lost round, which he calls the best one of the month.',
  'A sponsor’s break announces a tournament in Lisbon in March, with a prize of forty thousand euros.',
  'Mira tells how she came to the team, by way of a wrong invitation that nobody took back.',
  'They argue whether the sniper rifle should cost more, and agree on three hundred credits.',
  'The chat votes for the old map, and they play it with the rules of five years ago.',
  'He reads a letter from a nurse who listens during her night shifts, and is moved by it.',
  'The last match ends in a draw because the server is restarted in the middle of it.',
  'He says good night, and that on Thursday they will begin an hour later than usual.',
]
const summary: Summary = {
  headline: 'Two hours of matches and letters: one lost, one won, and a tournament in Lisbon announced.',
  points: said.map((text, index) => ({ at_ms: window.fromMs + index * 10 * minuteMs, text })),
}

/** What is heard: each of the points' sentences, where it was said. */
const heard: TranscriptState = {
  status: 'completed',
  transcript: {
    text: said.join(' '),
    audioSeconds: hoursMs / 1_000,
    words: said.map((text, index) => ({
      text,
      start_ms: index * 10 * minuteMs,
      end_ms: index * 10 * minuteMs + 5_000,
      confidence: 0.9,
    })),
  },
}

/** Catches up on two hours of a channel on the real tables, with vendors that answer at once. */
export const catchUpOnTwoHours = async (
  { database, store, ledger, outcomes, now }: TestLedger,
  userId: string,
  operationId: string,
): Promise<void> => {
  const jobs: CatchupJob[] = []
  const callbacks: CatchupCallback[] = []
  const shared = {
    store,
    ledger,
    outcomes,
    now,
    log: silent,
    backoff: async () => undefined,
    progress: new DynamoCatchupProgress(database, async () => undefined),
    failureMeter: { note: async () => undefined },
    queue: { start: async (job: CatchupJob) => void jobs.push(job) },
    recordings: {
      findLast: async () => ({ found: true as const, window, audio: { read: readNothing } }),
    },
    speech: {
      submitStream: async (audio: AsyncIterable<Uint8Array>, callback: CatchupCallback) => {
        for await (const _piece of audio);
        callbacks.push(callback)
        return transcriptId
      },
      read: async () => heard,
    },
    model: {
      answer: () => Promise.reject(new Error('Nobody asked.')),
      summarise: async (_segments: readonly Segment[]) => summary,
      summariseNotes: async () => summary,
    },
  }
  const holdMs = 60 * minuteMs
  const catchups = new Catchups({ ...shared, transcriptHoldMs: holdMs, channelHoldMs: holdMs })
  await catchups.startChannel(userId, operationId, 'AbCd1234', { channel: window.channel, minutes: 120 })
  const [job] = jobs
  if (job?.kind === 'channel')
    await new CatchupFetcher({ ...shared, longestRunMs: minuteMs }).run(job, 'run-1')
  const [callback] = callbacks
  if (!callback) throw new Error('Nothing was submitted.')
  const worker = new CatchupWorker({ ...shared, longestRunMs: minuteMs })
  await worker.run({ kind: 'transcript', ...callback, transcriptId }, 'run-1')
  if ((await catchups.read(userId, operationId)).status !== 'completed')
    throw new Error('It was not completed.')
}

async function* readNothing(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1)
}

import { setTimeout as sleep } from 'node:timers/promises'
import PQueue from 'p-queue'
import type { Recogniser } from '../../recogniser/recogniser.ts'
import { SERVER_ERROR, TranscriptionError } from './errors.ts'
import type { Result, TranscriptRecord } from './record.ts'
import type { Recordings } from './recordings.ts'
import { transcribeFile } from './transcribe.ts'

/** A decoded recording stays in memory until it is recognised, so only so many are at a time. */
const AT_ONCE = 2

/** Carries transcripts from `queued` to their end, one after another. */
export type Jobs = {
  add(record: TranscriptRecord): void
  /** Resolves when nothing is in work; after the signal was aborted that is soon. */
  settled(): Promise<void>
}

export type JobsOptions = {
  recogniser: Recogniser
  recordings: Recordings
  /** Keeps what was changed in a record. */
  save(): Promise<void>
  /** Is told of each transcript that has come to its end, once that is kept. */
  onFinished(record: TranscriptRecord): void
  /** Is told of failures that are not the recording's fault. */
  onBug(error: unknown): void
  /** Ends the work. Transcripts in work stay `processing`, to be taken up again by the next start. */
  signal: AbortSignal
}

export function createJobs(options: JobsOptions): Jobs {
  const queue = new PQueue({ concurrency: AT_ONCE })
  const running = new Set<Promise<void>>()

  return {
    add(record) {
      const run = carryOut(record, queue, options)
        .catch(options.onBug)
        .finally(() => running.delete(run))
      running.add(run)
    },
    async settled() {
      await Promise.all(running)
    },
  }
}

type Outcome = { result: Result } | { error: string }

async function carryOut(record: TranscriptRecord, queue: PQueue, options: JobsOptions): Promise<void> {
  try {
    const outcome = await queue.add(() => work(record, options))
    await sleepUntil(record.not_before, options.signal)
    await finish(record, record.is_to_fail ? { error: SERVER_ERROR } : outcome, options)
  } catch (error) {
    if (!options.signal.aborted) throw error
  }
}

async function work(record: TranscriptRecord, options: JobsOptions): Promise<Outcome> {
  options.signal.throwIfAborted()
  record.status = 'processing'
  await options.save()
  try {
    const recording = await options.recordings.open(record.request.audio_url, options.signal)
    try {
      return {
        result: await transcribeFile(options.recogniser, recording.file, record.request, options.signal),
      }
    } finally {
      await recording.discard()
    }
  } catch (error) {
    options.signal.throwIfAborted()
    if (error instanceof TranscriptionError) return { error: error.message }
    options.onBug(error)
    return { error: SERVER_ERROR }
  }
}

async function finish(record: TranscriptRecord, outcome: Outcome, options: JobsOptions): Promise<void> {
  const failed = 'error' in outcome
  record.status = failed ? 'error' : 'completed'
  record.error = failed ? outcome.error : null
  record.result = failed ? null : outcome.result
  record.completed_at = new Date().toISOString()
  if (record.webhook.state === 'waiting') record.webhook.state = 'pending'
  await options.save()
  options.onFinished(record)
}

async function sleepUntil(isoTime: string, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, Date.parse(isoTime) - Date.now()), undefined, { signal })
}

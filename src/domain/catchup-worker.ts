import type { Recording, Segment } from '../contracts/transcription.ts'
import { isExpired, splitTotal } from './account.ts'
import { audibleMs, findAttempt } from './catchup-attempt.ts'
import { noSpeech, summaryFailure, transcriptionFailed } from './catchup-failures.ts'
import { summarise } from './catchup-summary.ts'
import { UpstreamError } from './errors.ts'
import type { JobOutcomes } from './job-outcomes.ts'
import type { UsageRow } from './journal.ts'
import type { Ledger } from './ledger.ts'
import type {
  CatchupProgressStore,
  Clock,
  FailureMeter,
  JobFailure,
  LanguageModel,
  LedgerStore,
  Log,
  Reservation,
  SegmentsJob,
  SpeechJobs,
  Transcript,
  TranscriptJob,
  TranscriptState,
} from './ports.ts'
import { channelCatchupCredits } from './price-list.ts'
import { toRecording } from './recording-window.ts'
import { toSegments } from './transcript-segments.ts'

export interface CatchupWorkerDependencies {
  readonly ledger: Ledger
  readonly outcomes: JobOutcomes
  readonly store: Pick<LedgerStore, 'readAccount' | 'readUsage'>
  readonly speech: Pick<SpeechJobs, 'read'>
  readonly model: LanguageModel
  readonly progress: Pick<CatchupProgressStore, 'read' | 'claim'>
  readonly failureMeter: FailureMeter
  readonly now: Clock
  readonly log: Log
  /** How long a run can last: what it has claimed for longer, it has died over. */
  readonly longestRunMs: number
}

/** What is to be summarised, and what it will have cost. */
interface Work {
  readonly reservation: Reservation
  readonly segments: readonly Segment[]
  readonly cost: number
  readonly metadata: UsageRow['metadata']
  readonly recording?: Recording
}

/**
 * Summarises a catch-up. Lambda, the vendor's call-back and the sweep may each call it more than once for one job:
 * whoever ends first decides, and where that is a failure, the other's summary is free.
 */
export class CatchupWorker {
  readonly #deps: CatchupWorkerDependencies

  constructor(dependencies: CatchupWorkerDependencies) {
    this.#deps = dependencies
  }

  /**
   * @param runId the same when the same invocation is tried again: such a try takes over what the one before it has
   *   claimed, and any other run waits until that one must have ended
   */
  async run(job: SegmentsJob | TranscriptJob, runId: string): Promise<void> {
    const work = job.kind === 'segments' ? await this.#ownTranscript(job) : await this.#channel(job, runId)
    if (work) await this.#finish(work)
  }

  async #ownTranscript(job: SegmentsJob): Promise<Work | undefined> {
    const { outcomes, now, log } = this.#deps
    const { segments } = job
    const reservation = await findAttempt(outcomes, job)
    if (reservation === undefined || isExpired(reservation.hold, now())) {
      log.info('catchup_ended_before_its_worker', idsOf(job))
      return undefined
    }
    const cost = splitTotal(reservation.hold.split)
    return { reservation, segments, cost, metadata: { segments: segments.length } }
  }

  async #channel(job: TranscriptJob, runId: string): Promise<Work | undefined> {
    const reservation = await this.#reservationOf(job)
    if (reservation === undefined) {
      this.#deps.log.info('catchup_ended_before_its_worker', idsOf(job))
      return undefined
    }
    if (await this.#isOfAnotherTranscript(job)) {
      this.#deps.log.info('catchup_transcribed_elsewhere', idsOf(job))
      return undefined
    }
    const transcript = await this.#read(job, reservation)
    if (transcript === undefined) return undefined
    if (!(await this.#claim(job, runId))) {
      this.#deps.log.info('catchup_under_way_elsewhere', idsOf(job))
      return undefined
    }
    return toWork(job, reservation, transcript)
  }

  /** What comes when the hold has expired and gone is delivered all the same, free and once, unless the account is closed. */
  async #reservationOf(job: TranscriptJob): Promise<Reservation | undefined> {
    const { outcomes, store, now } = this.#deps
    const { userId, operationId, holdExpiresAtMs } = job
    const open = await outcomes.findOpen(userId, operationId, 'catchup')
    if (open) return open.hold.expiresAtMs === holdExpiresAtMs ? open : undefined
    if (holdExpiresAtMs > now() || (await outcomes.hasFailed(userId, operationId))) return undefined
    if (!(await store.readAccount(userId))?.isActive) return undefined
    return (await store.readUsage(userId, operationId)) ? undefined : expiredReservation(job)
  }

  /** Where a fetch died between handing over and noting it, its next run has handed over another. */
  async #isOfAnotherTranscript({
    userId,
    operationId,
    holdExpiresAtMs,
    transcriptId,
  }: TranscriptJob): Promise<boolean> {
    const progress = await this.#deps.progress.read(userId, operationId)
    if (progress?.holdExpiresAtMs !== holdExpiresAtMs || progress.stage === 'fetching') return false
    return progress.transcriptId !== transcriptId
  }

  /** A vendor that can't be asked, or is not done after all, is asked again: Lambda tries again what is thrown. */
  async #read(job: TranscriptJob, reservation: Reservation): Promise<Transcript | undefined> {
    const state = await this.#ask(job.transcriptId)
    if (state.status === 'processing') throw new Error('The transcript has not ended yet.')
    if (state.status === 'completed' && state.transcript.words.length > 0) return state.transcript
    await this.#fail(reservation, state.status === 'failed' ? transcriptionFailed : noSpeech)
    return undefined
  }

  /** What can't be read for good has failed. */
  async #ask(transcriptId: string): Promise<TranscriptState> {
    const { speech, log } = this.#deps
    try {
      return await speech.read(transcriptId)
    } catch (error) {
      if (!(error instanceof UpstreamError) || error.kind !== 'unreadable') throw error
      log.error('catchup_transcript_unreadable', { transcript_id: transcriptId }, error)
      return { status: 'failed' }
    }
  }

  #claim(job: TranscriptJob, runId: string): Promise<boolean> {
    const { progress, now, longestRunMs } = this.#deps
    const nowMs = now()
    return progress.claim(job, { runId, nowMs, staleAtMs: nowMs - longestRunMs })
  }

  async #finish({ reservation, segments, cost, metadata, recording }: Work): Promise<void> {
    const { ledger, model, log } = this.#deps
    try {
      const summary = await summarise(model, segments, reservation.userId)
      await ledger.settle(reservation, { cost, metadata, result: { summary, recording } })
      log.info('catchup_completed', idsOf(reservation))
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      await this.#fail(reservation, summaryFailure(error), error)
    }
  }

  async #fail(reservation: Reservation, failure: JobFailure, error?: UpstreamError): Promise<void> {
    const { outcomes, failureMeter, log } = this.#deps
    await outcomes.fail(reservation, failure)
    await failureMeter.note(reservation.userId)
    const fields = { ...idsOf(reservation), failure: failure.code }
    if (error) log.error('catchup_failed', fields, error)
    else log.info('catchup_failed', fields)
  }
}

const toWork = (
  { window, transcriptId }: TranscriptJob,
  reservation: Reservation,
  { words }: Transcript,
): Work => {
  const audioMs = audibleMs(window)
  return {
    reservation,
    segments: toSegments(words, window.fromMs),
    // Whatever the recording's pieces came to: what was held is all that was agreed to.
    cost: Math.min(channelCatchupCredits(audioMs), splitTotal(reservation.hold.split)),
    metadata: {
      channel: window.channel,
      video_id: window.recordingId,
      audio_ms: audioMs,
      transcript_id: transcriptId,
    },
    recording: toRecording(window),
  }
}

/** The reservation of an attempt whose hold has expired and gone: nothing is held for it. */
const expiredReservation = ({
  userId,
  operationId,
  holdExpiresAtMs,
  requestHash,
}: TranscriptJob): Reservation => ({
  userId,
  operationId,
  hold: {
    service: 'catchup',
    split: { fromBalance: 0, fromGrants: {} },
    expiresAtMs: holdExpiresAtMs,
    requestHash,
  },
})

const idsOf = ({ userId, operationId }: { userId: string; operationId: string }) => ({
  user_id: userId,
  operation_id: operationId,
})

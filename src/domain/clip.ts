import type { ClipResponse } from '../contracts/transcription.ts'
import { creditsAvailable, splitTotal } from './account.ts'
import { DomainError, UpstreamError, upstreamProblem } from './errors.ts'
import type { JobOutcomes } from './job-outcomes.ts'
import type { UsageRow } from './journal.ts'
import type { Ledger, Settled } from './ledger.ts'
import type {
  ClipCallback,
  ClipInspector,
  Clock,
  FailureMeter,
  JobFailure,
  Log,
  Reservation,
  SpeechJobs,
  Transcript,
  TranscriptState,
} from './ports.ts'
import { clipCredits } from './price-list.ts'

export interface ClipDependencies {
  readonly ledger: Ledger
  readonly outcomes: JobOutcomes
  readonly clips: ClipInspector
  readonly speech: SpeechJobs
  readonly now: Clock
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly log: Log
  readonly failureMeter: FailureMeter
  /** How long the caller waits for the transcript; after it the job goes on alone. */
  readonly waitMs: number
  /** How long credits stay held for a clip: longer than the vendor takes and tries to call back. */
  readonly holdMs: number
}

export interface ClipRequest {
  readonly userId: string
  readonly operationId: string
  readonly requestHash: string
  readonly bytes: Uint8Array
}

type Reading = Exclude<TranscriptState, { status: 'processing' }>

const firstPollMs = 250
const longestPollMs = 1_500

const unreadable: Record<'empty' | 'not_audio' | 'truncated' | 'too_short', string> = {
  empty: 'The clip is empty.',
  not_audio: 'This is not audio that can be read: send wav, mp3, m4a, webm, ogg or flac.',
  truncated: 'The clip is cut off: it announces more sound than it holds.',
  too_short: 'The clip is too short: send at least 0.16 seconds.',
}

/** Why a late transcript is for nobody any more, as the log tells it. */
const lateForNobody: Partial<Record<DomainError['code'], string>> = {
  idempotency_mismatch: 'clip_late_for_another_request',
  unauthenticated: 'clip_late_for_closed_account',
}

/** Transcribing a clip: priced by its true length, charged only for a transcript. */
export class Clips {
  readonly #deps: ClipDependencies

  constructor(dependencies: ClipDependencies) {
    this.#deps = dependencies
  }

  /**
   * Transcribes a clip, or answers `processing` when the vendor takes longer than the caller should wait.
   * @throws {DomainError} whatever `Ledger.open` throws; `unsupported_media`, `upstream_failed`, `upstream_timeout`
   */
  async transcribe(request: ClipRequest): Promise<ClipResponse> {
    const audioMs = await this.#measure(request.bytes)
    const { userId, operationId, requestHash } = request
    const opened = await this.#deps.ledger.open({
      userId,
      operationId,
      service: 'clip_transcription',
      credits: clipCredits(audioMs),
      requestHash,
      holdMs: this.#deps.holdMs,
      audioMs,
    })
    if (opened.state === 'finished')
      return this.#answerAgain(opened.row, creditsAvailable(opened.account, this.#deps.now()))
    if (opened.state === 'in_progress') return processing(opened.reservation)
    return this.#run(opened.reservation, request.bytes)
  }

  async #measure(bytes: Uint8Array): Promise<number> {
    const inspection = await this.#deps.clips.inspect(bytes)
    if (inspection.kind === 'audio') return inspection.durationMs
    throw new DomainError('unsupported_media', `${unreadable[inspection.problem]} Nothing was charged.`)
  }

  async #run(reservation: Reservation, bytes: Uint8Array): Promise<ClipResponse> {
    const waitUntilMs = this.#deps.now() + this.#deps.waitMs
    const { userId, operationId } = reservation
    try {
      const transcriptId = await this.#deps.speech.submit(bytes, {
        userId,
        operationId,
        holdExpiresAtMs: reservation.hold.expiresAtMs,
        requestHash: reservation.hold.requestHash,
        audioMs: reservation.hold.audioMs ?? 0,
      })
      const reading = await this.#poll(transcriptId, waitUntilMs)
      if (reading) return await this.#finish(reservation, transcriptId, reading)
      await this.#deps.ledger.attachReference(reservation, transcriptId)
      return processing(reservation)
    } catch (error) {
      if (!(error instanceof UpstreamError || error instanceof DomainError)) throw error
      await this.#deps.ledger.release(reservation)
      await this.#deps.failureMeter.note(userId)
      throw upstreamProblem(error, 'The transcription')
    }
  }

  async #poll(transcriptId: string, untilMs: number): Promise<Reading | undefined> {
    for (let pauseMs = firstPollMs; ; pauseMs = Math.min(longestPollMs, pauseMs * 1.5)) {
      const state = await this.#readPatiently(transcriptId)
      if (state.status !== 'processing') return state
      if (this.#deps.now() + pauseMs >= untilMs) return undefined
      await this.#deps.sleep(pauseMs)
    }
  }

  /** The job is under way, so a vendor that fails to tell about it is asked again. */
  async #readPatiently(transcriptId: string): Promise<TranscriptState> {
    try {
      return await this.#deps.speech.read(transcriptId)
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      return { status: 'processing' }
    }
  }

  async #finish(reservation: Reservation, transcriptId: string, reading: Reading): Promise<ClipResponse> {
    const judged = judge(reservation, reading)
    if ('failure' in judged) throw new DomainError(judged.failure.code, judged.failure.detail)
    const settled = await this.#settle(reservation, transcriptId)
    if (settled.row.metadata.transcript_id !== transcriptId) {
      return this.#answerAgain(settled.row, settled.creditsAvailable)
    }
    return completed(settled.row, judged.transcript, settled.creditsAvailable)
  }

  #settle(reservation: Reservation, transcriptId: string): Promise<Settled> {
    const audioMs = reservation.hold.audioMs ?? 0
    return this.#deps.ledger.settle(reservation, {
      cost: splitTotal(reservation.hold.split),
      metadata: { audio_ms: audioMs, transcript_id: transcriptId },
    })
  }

  /** The transcript of a finished clip is the vendor's to keep: it is read there again. */
  async #answerAgain(row: UsageRow, available: number): Promise<ClipResponse> {
    const transcriptId = String(row.metadata.transcript_id)
    const state = await this.#deps.speech.read(transcriptId).catch((error: unknown) => {
      throw unreadableAgain(error)
    })
    if (state.status !== 'completed') throw unreadableAgain(undefined)
    return completed(row, state.transcript, available)
  }

  /**
   * Where a clip stands. A job whose call-back has not come is asked for at the vendor, and finished.
   * @throws {DomainError} `not_found`, `upstream_failed`
   */
  async read(userId: string, operationId: string): Promise<ClipResponse> {
    const found = await this.#deps.outcomes.find(userId, operationId, 'clip_transcription')
    if (found.state === 'finished') return this.#answerAgain(found.row, found.creditsAvailable)
    if (found.state === 'failed') return { operation_id: operationId, status: 'failed', error: found.failure }
    const transcriptId = found.reservation.hold.reference
    if (transcriptId === undefined) return processing(found.reservation)
    const reading = await this.#readPatiently(transcriptId)
    if (reading.status === 'processing') return processing(found.reservation)
    return this.#finishAlone(found.reservation, transcriptId, reading)
  }

  /**
   * The vendor's call-back: the job has ended. It may come twice, or for an attempt that is over. One that comes when
   * the hold has expired and gone delivers its result all the same, free.
   */
  async finishFromCallback(callback: ClipCallback, transcriptId: string): Promise<void> {
    const { userId, operationId, holdExpiresAtMs } = callback
    const open = await this.#deps.outcomes.findOpen(userId, operationId, 'clip_transcription')
    const isThisAttempt = open?.hold.expiresAtMs === holdExpiresAtMs
    const isLate = !open && holdExpiresAtMs <= this.#deps.now()
    if (!isThisAttempt && !isLate) {
      this.#deps.log.info('clip_callback_for_ended_operation', { user_id: userId, operation_id: operationId })
      return
    }
    const reading = await this.#deps.speech.read(transcriptId)
    if (reading.status === 'processing') return
    if (open) await this.#finishAlone(open, transcriptId, reading)
    else if (reading.status === 'completed') await this.#deliverLate(callback, transcriptId)
  }

  /** Free; and not at all where the key has been taken for another request meanwhile, or the account is closed. */
  async #deliverLate(callback: ClipCallback, transcriptId: string): Promise<void> {
    try {
      await this.#settle(expiredReservation(callback), transcriptId)
    } catch (error) {
      const code = error instanceof DomainError ? lateForNobody[error.code] : undefined
      if (code === undefined) throw error
      const { userId, operationId } = callback
      this.#deps.log.info(code, { user_id: userId, operation_id: operationId })
    }
  }

  async #finishAlone(
    reservation: Reservation,
    transcriptId: string,
    reading: Reading,
  ): Promise<ClipResponse> {
    const judged = judge(reservation, reading)
    if (!('failure' in judged)) return this.#finish(reservation, transcriptId, reading)
    await this.#deps.outcomes.fail(reservation, judged.failure)
    await this.#deps.failureMeter.note(reservation.userId)
    return { operation_id: reservation.operationId, status: 'failed', error: judged.failure }
  }
}

/** The reservation of an attempt whose hold has expired and gone: nothing is held for it. */
const expiredReservation = (callback: ClipCallback): Reservation => ({
  userId: callback.userId,
  operationId: callback.operationId,
  hold: {
    service: 'clip_transcription',
    split: { fromBalance: 0, fromGrants: {} },
    expiresAtMs: callback.holdExpiresAtMs,
    requestHash: callback.requestHash,
    audioMs: callback.audioMs,
  },
})

/** Why a clip is not charged, in words that its own caller can be answered too. */
type ClipFailure = JobFailure & { readonly code: 'upstream_failed' | 'unsupported_media' }

const failures = {
  vendor: {
    code: 'upstream_failed',
    detail: 'The clip could not be transcribed. Nothing was charged. Try again.',
  },
  noSpeech: { code: 'unsupported_media', detail: 'No speech was found in the clip. Nothing was charged.' },
  dishonestLength: {
    code: 'unsupported_media',
    detail: 'The clip holds more sound than its headers say. Nothing was charged. Send it in another format.',
  },
} as const satisfies Record<string, ClipFailure>

/** Headers and decoders differ by padding; a clip that is made to look shorter than it is differs by more. */
const isHonestLength = ({ hold }: Reservation, { audioSeconds, words }: Transcript): boolean => {
  const heardMs = Math.max(audioSeconds * 1_000, words.at(-1)?.end_ms ?? 0)
  return heardMs <= (hold.audioMs ?? 0) * 1.1 + 2_000
}

/** The transcript, or why the clip is not charged. */
const judge = (
  reservation: Reservation,
  reading: Reading,
): { transcript: Transcript } | { failure: ClipFailure } => {
  if (reading.status === 'failed') return { failure: failures.vendor }
  if (reading.status === 'no_speech') return { failure: failures.noSpeech }
  if (!isHonestLength(reservation, reading.transcript)) return { failure: failures.dishonestLength }
  return { transcript: reading.transcript }
}

const unreadableAgain = (cause: unknown): DomainError =>
  new DomainError(
    'upstream_failed',
    "The transcript can't be read at the moment. It is paid for and kept: nothing more is charged. Try again.",
    {},
    cause,
  )

const processing = ({ operationId, hold }: Reservation): ClipResponse => ({
  operation_id: operationId,
  status: 'processing',
  credits_held: splitTotal(hold.split),
})

const completed = (row: UsageRow, transcript: Transcript, available: number): ClipResponse => ({
  operation_id: row.operationId,
  status: 'completed',
  text: transcript.text,
  words: [...transcript.words],
  audio_seconds: Number(row.metadata.audio_ms) / 1_000,
  credits_used: row.creditsUsed,
  credits_available: available,
})

import {
  type CatchupAccepted,
  type CatchupResponse,
  type ChannelCatchupRequest,
  catchupResponseSchema,
  type Segment,
} from '../contracts/transcription.ts'
import { splitTotal } from './account.ts'
import { isFromChannel } from './catchup-attempt.ts'
import { UpstreamError, upstreamProblem } from './errors.ts'
import type { JobOutcomes } from './job-outcomes.ts'
import type { Ledger, OpenRequest } from './ledger.ts'
import type {
  CatchupJob,
  CatchupProgress,
  CatchupProgressStore,
  CatchupQueue,
  JobCallback,
  Reservation,
} from './ports.ts'
import { channelCatchupCredits, priceList } from './price-list.ts'
import { toRecording } from './recording-window.ts'

export interface CatchupDependencies {
  readonly ledger: Ledger
  readonly outcomes: JobOutcomes
  readonly queue: CatchupQueue
  readonly progress: Pick<CatchupProgressStore, 'read'>
  /** How long credits stay held for a catch-up from a transcript: longer than the worker's tries together. */
  readonly transcriptHoldMs: number
  /** For one from a channel: longer than all its steps and their tries together. */
  readonly channelHoldMs: number
}

const minuteMs = 60_000

/** What a row's result holds. */
const resultSchema = catchupResponseSchema
  .pick({ summary: true, recording: true })
  .required({ summary: true })

/** Accepting a catch-up, and telling where it stands. */
export class Catchups {
  readonly #deps: CatchupDependencies

  constructor(dependencies: CatchupDependencies) {
    this.#deps = dependencies
  }

  /**
   * From the listener's own transcript.
   * @throws {DomainError} whatever `Ledger.open` throws; `upstream_failed` where the job could not be handed over
   */
  startTranscript(
    userId: string,
    operationId: string,
    requestHash: string,
    segments: readonly Segment[],
  ): Promise<CatchupAccepted> {
    return this.#start(
      {
        userId,
        operationId,
        requestHash,
        service: 'catchup',
        credits: priceList.rates.catchup.credits,
        holdMs: this.#deps.transcriptHoldMs,
      },
      attempt => ({ kind: 'segments', ...attempt, segments }),
    )
  }

  /** From a channel's last minutes; its hold says how many. @throws {DomainError} likewise */
  startChannel(
    userId: string,
    operationId: string,
    requestHash: string,
    { channel, minutes }: ChannelCatchupRequest,
  ): Promise<CatchupAccepted> {
    const audioMs = minutes * minuteMs
    return this.#start(
      {
        userId,
        operationId,
        requestHash,
        service: 'catchup',
        credits: channelCatchupCredits(audioMs),
        holdMs: this.#deps.channelHoldMs,
        audioMs,
      },
      attempt => ({ kind: 'channel', ...attempt, channel, minutes }),
    )
  }

  async #start(request: OpenRequest, toJob: (attempt: JobCallback) => CatchupJob): Promise<CatchupAccepted> {
    const { ledger, queue } = this.#deps
    const { userId, operationId } = request
    const opened = await ledger.open(request)
    if (opened.state === 'finished')
      return { operation_id: operationId, status: 'completed', credits_held: 0 }
    const { hold } = opened.reservation
    const accepted = {
      operation_id: operationId,
      status: 'processing' as const,
      credits_held: splitTotal(hold.split),
    }
    if (opened.state === 'in_progress') return accepted
    try {
      await queue.start(toJob({ userId, operationId, holdExpiresAtMs: hold.expiresAtMs }))
      return accepted
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      await ledger.release(opened.reservation)
      throw upstreamProblem(error, 'Starting the catch-up')
    }
  }

  /** @throws {DomainError} `not_found` */
  async read(userId: string, operationId: string): Promise<CatchupResponse> {
    const found = await this.#deps.outcomes.find(userId, operationId, 'catchup')
    if (found.state === 'open') return this.#underWay(found.reservation)
    if (found.state === 'failed') {
      return { operation_id: operationId, status: 'failed', stage: 'failed', error: found.failure }
    }
    return {
      operation_id: operationId,
      status: 'completed',
      stage: 'completed',
      ...resultSchema.parse(found.row.result),
      credits_used: found.row.creditsUsed,
    }
  }

  async #underWay({ userId, operationId, hold }: Reservation): Promise<CatchupResponse> {
    const processing = { operation_id: operationId, status: 'processing' as const }
    if (!isFromChannel(hold)) return { ...processing, stage: 'summarising' }
    const progress = await this.#deps.progress.read(userId, operationId)
    if (progress?.holdExpiresAtMs !== hold.expiresAtMs) return { ...processing, stage: 'finding' }
    return { ...processing, ...describe(progress) }
  }
}

const describe = (progress: CatchupProgress) => {
  const { stage, window } = progress
  const recording = toRecording(window)
  if (stage !== 'fetching') return { stage, recording }
  const minutes = {
    minutes_done: Math.floor(progress.doneMs / minuteMs),
    minutes_total: Math.ceil((window.toMs - window.fromMs) / minuteMs),
  }
  return { stage, recording, progress: minutes }
}

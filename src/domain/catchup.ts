import {
  type CatchupAccepted,
  type CatchupResponse,
  type Segment,
  type Summary,
  summarySchema,
} from '../contracts/transcription.ts'
import { isExpired, splitTotal } from './account.ts'
import { UpstreamError, upstreamProblem } from './errors.ts'
import type { JobOutcomes } from './job-outcomes.ts'
import type { Ledger } from './ledger.ts'
import type { CatchupJob, CatchupQueue, Clock, FailureMeter, LanguageModel, Log } from './ports.ts'
import { priceList } from './price-list.ts'

export interface CatchupDependencies {
  readonly ledger: Ledger
  readonly outcomes: JobOutcomes
  readonly queue: CatchupQueue
  /** How long credits stay held for a catch-up: longer than the worker's tries together. */
  readonly holdMs: number
}

/** Accepting a catch-up from the listener's own transcript, and telling where it stands. */
export class Catchups {
  readonly #deps: CatchupDependencies

  constructor(dependencies: CatchupDependencies) {
    this.#deps = dependencies
  }

  /** @throws {DomainError} whatever `Ledger.open` throws; `upstream_failed` where the job could not be handed over */
  async start(
    userId: string,
    operationId: string,
    requestHash: string,
    segments: readonly Segment[],
  ): Promise<CatchupAccepted> {
    const { ledger, queue, holdMs } = this.#deps
    const credits = priceList.rates.catchup.credits
    const opened = await ledger.open({
      userId,
      operationId,
      service: 'catchup',
      credits,
      requestHash,
      holdMs,
    })
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
      await queue.start({ userId, operationId, holdExpiresAtMs: hold.expiresAtMs, segments })
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
    if (found.state === 'open')
      return { operation_id: operationId, status: 'processing', stage: 'summarising' }
    if (found.state === 'failed') {
      return { operation_id: operationId, status: 'failed', stage: 'failed', error: found.failure }
    }
    return {
      operation_id: operationId,
      status: 'completed',
      stage: 'completed',
      summary: summarySchema.parse(found.row.result),
      credits_used: found.row.creditsUsed,
    }
  }
}

export interface CatchupWorkerDependencies {
  readonly ledger: Ledger
  readonly outcomes: JobOutcomes
  readonly model: LanguageModel
  readonly failureMeter: FailureMeter
  readonly now: Clock
  readonly log: Log
}

/**
 * Summarises a catch-up that was accepted. Lambda may call it twice for one job: whoever ends first decides, and
 * where that is a failure, the other's summary is free.
 */
export class CatchupWorker {
  readonly #deps: CatchupWorkerDependencies

  constructor(dependencies: CatchupWorkerDependencies) {
    this.#deps = dependencies
  }

  async run(job: CatchupJob): Promise<void> {
    const { ledger, outcomes, failureMeter, log, now } = this.#deps
    const ids = { user_id: job.userId, operation_id: job.operationId }
    const reservation = await outcomes.findOpen(job.userId, job.operationId, 'catchup')
    if (reservation?.hold.expiresAtMs !== job.holdExpiresAtMs || isExpired(reservation.hold, now())) {
      log.info('catchup_ended_before_its_worker', ids)
      return
    }
    try {
      const summary = await this.#summarise(job)
      await ledger.settle(reservation, {
        cost: splitTotal(reservation.hold.split),
        metadata: { segments: job.segments.length },
        result: summary,
      })
      log.info('catchup_completed', ids)
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      const problem = upstreamProblem(error, 'The summary')
      const code = error.kind === 'timeout' ? 'upstream_timeout' : 'upstream_failed'
      await outcomes.fail(reservation, { code, detail: problem.message })
      await failureMeter.note(job.userId)
      log.error('catchup_failed', ids, error)
    }
  }

  /** Points cite where they were said: one that cites no segment is left out, and the rest stand in the order of time. */
  async #summarise(job: CatchupJob): Promise<Summary> {
    const { headline, points } = await this.#deps.model.summarise(job.segments, job.userId)
    const starts = new Set(job.segments.map(segment => segment.start_ms))
    const cited = points.filter(point => starts.has(point.at_ms)).sort((a, b) => a.at_ms - b.at_ms)
    if (cited.length === 0) throw new UpstreamError('language model', 'failed')
    return { headline, points: cited }
  }
}

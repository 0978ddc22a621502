import { isExpired } from './account.ts'
import { isFromChannel } from './catchup-attempt.ts'
import { UpstreamError } from './errors.ts'
import type { JobOutcomes } from './job-outcomes.ts'
import { givenUp } from './ledger.ts'
import type {
  CatchupProgress,
  CatchupProgressStore,
  CatchupQueue,
  Clock,
  Log,
  Reservation,
  SpeechJobs,
} from './ports.ts'

export interface StalledCatchupDependencies {
  readonly outcomes: Pick<JobOutcomes, 'fail'>
  readonly progress: Pick<CatchupProgressStore, 'read'>
  readonly speech: Pick<SpeechJobs, 'hasEnded'>
  readonly queue: CatchupQueue
  readonly now: Clock
  readonly log: Log
  /** How long the vendor is left to call back before it is asked. */
  readonly callbackDueMs: number
  /** How long a run of the worker can last. */
  readonly longestRunMs: number
  /** What is left of a channel's hold when no run that fetches its sound can still be under way. */
  readonly lifeAfterFetchMs: number
}

/** `nothing`: no catch-up from a channel, or over. `waiting`: it goes on, or its hold will expire. */
export type Resumption = 'nothing' | 'waiting' | 'resumed' | 'given_up'

type HandedOver = Exclude<CatchupProgress, { stage: 'fetching' }>

/** Catch-ups from a channel whose hand-over or call-back was lost, or whose worker died for good. */
export class StalledCatchups {
  readonly #deps: StalledCatchupDependencies

  constructor(dependencies: StalledCatchupDependencies) {
    this.#deps = dependencies
  }

  /** Looks after one open hold; repeating it changes nothing. A vendor that can't be asked is asked the next time. */
  async resume(reservation: Reservation): Promise<Resumption> {
    const { userId, operationId, hold } = reservation
    const { progress, now, log } = this.#deps
    if (!isFromChannel(hold) || isExpired(hold, now())) return 'nothing'
    const found = await progress.read(userId, operationId)
    if (found?.holdExpiresAtMs !== hold.expiresAtMs || found.stage === 'fetching') {
      return this.#giveUpLostFetch(reservation)
    }
    try {
      if (!(await this.#hasStalled(found))) return 'waiting'
      await this.#handOver(reservation, found)
      return 'resumed'
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      log.error('catchup_not_resumed', { user_id: userId, operation_id: operationId }, error)
      return 'waiting'
    }
  }

  /** A fetch that was never handed over, or died each time it ran: its credits need not wait for the hold's end. */
  async #giveUpLostFetch(reservation: Reservation): Promise<Resumption> {
    const { outcomes, now, log, lifeAfterFetchMs } = this.#deps
    const { userId, operationId, hold } = reservation
    if (hold.expiresAtMs - now() > lifeAfterFetchMs) return 'waiting'
    await outcomes.fail(reservation, givenUp)
    log.error('catchup_fetch_lost', { user_id: userId, operation_id: operationId })
    return 'given_up'
  }

  async #hasStalled({ stage, updatedAtMs, transcriptId }: HandedOver): Promise<boolean> {
    const { speech, now, callbackDueMs, longestRunMs } = this.#deps
    const ageMs = now() - updatedAtMs
    if (stage === 'summarising') return ageMs >= longestRunMs
    return ageMs >= callbackDueMs && (await speech.hasEnded(transcriptId))
  }

  async #handOver({ userId, operationId, hold }: Reservation, found: HandedOver): Promise<void> {
    const { transcriptId, window } = found
    await this.#deps.queue.start({
      kind: 'transcript',
      userId,
      operationId,
      holdExpiresAtMs: hold.expiresAtMs,
      requestHash: hold.requestHash,
      window,
      transcriptId,
    })
    this.#deps.log.info('catchup_resumed', { user_id: userId, operation_id: operationId })
  }
}

import { isExpired } from './account.ts'
import { findAttempt } from './catchup-attempt.ts'
import { recordingFailure, refusalOf, submissionFailure } from './catchup-failures.ts'
import { FetchNotes } from './catchup-fetch-notes.ts'
import { SourceError, UpstreamError } from './errors.ts'
import type { JobOutcomes } from './job-outcomes.ts'
import type {
  Backoff,
  CatchupProgressStore,
  ChannelJob,
  ChannelRecordings,
  Clock,
  FailureMeter,
  FoundRecording,
  JobFailure,
  Log,
  Reservation,
  SpeechJobs,
} from './ports.ts'

export interface CatchupFetcherDependencies {
  readonly outcomes: JobOutcomes
  readonly recordings: ChannelRecordings
  readonly speech: Pick<SpeechJobs, 'submitStream'>
  readonly progress: CatchupProgressStore
  readonly failureMeter: FailureMeter
  readonly now: Clock
  readonly backoff: Backoff
  readonly log: Log
  /** How long a run can last: what it has claimed for longer, it has died over. */
  readonly longestRunMs: number
}

type Found = Extract<FoundRecording, { found: true }>

/**
 * Finds a channel's sound and hands it to the speech vendor. Lambda calls it again where it dies: what was handed
 * over is then left alone, and what was not is begun anew. Where it fails, it has tried again itself.
 */
export class CatchupFetcher {
  readonly #deps: CatchupFetcherDependencies

  constructor(dependencies: CatchupFetcherDependencies) {
    this.#deps = dependencies
  }

  /**
   * @param runId the same when the same invocation is tried again: such a try takes over what the one before it has
   *   claimed; any other run leaves it alone, until that one must have ended
   */
  async run(job: ChannelJob, runId: string): Promise<void> {
    const { outcomes, now, log } = this.#deps
    const reservation = await findAttempt(outcomes, job)
    if (reservation === undefined || isExpired(reservation.hold, now())) {
      log.info('catchup_ended_before_its_fetch', idsOf(job))
      return
    }
    if (await this.#isHandedOver(job)) {
      log.info('catchup_fetched_already', idsOf(job))
      return
    }
    const found = await this.#find(job, reservation)
    if (found) await this.#fetch(job, reservation, found, runId)
  }

  async #isHandedOver({ userId, operationId, holdExpiresAtMs }: ChannelJob): Promise<boolean> {
    const progress = await this.#deps.progress.read(userId, operationId)
    return progress?.holdExpiresAtMs === holdExpiresAtMs && progress.stage !== 'fetching'
  }

  async #find(job: ChannelJob, reservation: Reservation): Promise<Found | undefined> {
    try {
      const found = await this.#deps.recordings.findLast(job.channel, job.minutes)
      if (found.found) return found
      await this.#end(reservation, refusalOf(found.refusal))
      this.#deps.log.info('catchup_refused', { ...idsOf(job), failure: found.refusal })
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      await this.#fail(reservation, recordingFailure(error), error)
    }
    return undefined
  }

  async #fetch(job: ChannelJob, reservation: Reservation, found: Found, runId: string): Promise<void> {
    const { progress, now, log, longestRunMs } = this.#deps
    const nowMs = now()
    const run = { runId, nowMs, staleAtMs: nowMs - longestRunMs }
    if (!(await progress.begin(job, found.window, run))) {
      log.info('catchup_fetched_elsewhere', idsOf(job))
      return
    }
    try {
      await this.#handOver(job, reservation, found, runId)
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      const why = error instanceof SourceError ? recordingFailure(error) : submissionFailure(error)
      await this.#fail(reservation, why, error)
    }
  }

  async #handOver(
    job: ChannelJob,
    { hold: { requestHash } }: Reservation,
    { window, audio }: Found,
    runId: string,
  ): Promise<void> {
    const { userId, operationId, holdExpiresAtMs } = job
    const notes = new FetchNotes(this.#deps, { job, window, runId })
    try {
      const sound = audio.read(doneMs => notes.tell(doneMs))
      const callback = { userId, operationId, holdExpiresAtMs, requestHash, window }
      const transcriptId = await this.#deps.speech.submitStream(sound, callback)
      await notes.handedOver(transcriptId)
    } finally {
      await notes.written()
    }
    this.#deps.log.info('catchup_fetched', { ...idsOf(job), audio_ms: window.toMs - window.fromMs })
  }

  async #fail(reservation: Reservation, failure: JobFailure, error: UpstreamError): Promise<void> {
    await this.#end(reservation, failure)
    this.#deps.log.error('catchup_fetch_failed', { ...idsOf(reservation), failure: failure.code }, error)
  }

  /** Counted too: Twitch answers us only so many requests a minute, for all listeners together. */
  async #end(reservation: Reservation, failure: JobFailure): Promise<void> {
    await this.#deps.outcomes.fail(reservation, failure)
    await this.#deps.failureMeter.note(reservation.userId)
  }
}

const idsOf = ({ userId, operationId }: { userId: string; operationId: string }) => ({
  user_id: userId,
  operation_id: operationId,
})

import { isExpired } from './account.ts'
import { findAttempt } from './catchup-attempt.ts'
import { recordingFailure, refusalOf, submissionFailure } from './catchup-failures.ts'
import { UpstreamError } from './errors.ts'
import type { JobOutcomes } from './job-outcomes.ts'
import type {
  CatchupProgressStore,
  ChannelJob,
  ChannelRecordings,
  Clock,
  FailureMeter,
  FoundRecording,
  JobFailure,
  Log,
  RecordedAudio,
  RecordingWindow,
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
  readonly log: Log
}

type Found = Extract<FoundRecording, { found: true }>

/** Who waits sees how far it is; each telling is a write. */
const progressEveryMs = 5_000

/**
 * Finds a channel's sound and hands it to the speech vendor. Lambda calls it again where it dies: what was handed
 * over is then left alone, and what was not is begun anew. Where it fails, it has tried again itself.
 */
export class CatchupFetcher {
  readonly #deps: CatchupFetcherDependencies

  constructor(dependencies: CatchupFetcherDependencies) {
    this.#deps = dependencies
  }

  async run(job: ChannelJob): Promise<void> {
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
    if (found) await this.#handOver(job, reservation, found)
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

  async #handOver(job: ChannelJob, reservation: Reservation, { window, audio }: Found): Promise<void> {
    const { speech, progress, now, log } = this.#deps
    await progress.begin(job, window, now())
    const sound = new FollowedSound(audio, this.#teller(job, window))
    const { userId, operationId, holdExpiresAtMs } = job
    const { requestHash } = reservation.hold
    try {
      const callback = { userId, operationId, holdExpiresAtMs, requestHash, window }
      const transcriptId = await speech.submitStream(sound, callback)
      await progress.advance(job, {
        holdExpiresAtMs,
        window,
        updatedAtMs: now(),
        stage: 'transcribing',
        transcriptId,
      })
      log.info('catchup_fetched', { ...idsOf(job), audio_ms: window.toMs - window.fromMs })
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      const why = error === sound.failure ? recordingFailure(error) : submissionFailure(error)
      await this.#fail(reservation, why, error)
    }
  }

  /** Tells how far the fetching has come, every few seconds. */
  #teller(job: ChannelJob, window: RecordingWindow): (doneMs: number) => Promise<void> {
    const { progress, now } = this.#deps
    const { holdExpiresAtMs } = job
    let toldAtMs = now()
    return async doneMs => {
      const updatedAtMs = now()
      if (updatedAtMs - toldAtMs < progressEveryMs) return
      toldAtMs = updatedAtMs
      await progress.advance(job, { holdExpiresAtMs, window, updatedAtMs, stage: 'fetching', doneMs })
    }
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

/** A recording's sound as it is read: tells how far it is before each piece, and keeps what failed in reading it. */
class FollowedSound implements AsyncIterable<Uint8Array> {
  readonly #audio: RecordedAudio
  readonly #tell: (doneMs: number) => Promise<void>
  failure: unknown

  constructor(audio: RecordedAudio, tell: (doneMs: number) => Promise<void>) {
    this.#audio = audio
    this.#tell = tell
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    let doneMs = 0
    const sound = this.#audio.read(ms => {
      doneMs = ms
    })
    const iterator = sound[Symbol.asyncIterator]()
    return {
      next: async () => {
        await this.#tell(doneMs)
        try {
          return await iterator.next()
        } catch (error) {
          this.failure = error
          throw error
        }
      },
      // Passed on at once: it ends a fetch that is being waited for.
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    }
  }
}

import type {
  Backoff,
  CatchupProgress,
  CatchupProgressStore,
  ChannelJob,
  Clock,
  Log,
  RecordingWindow,
} from './ports.ts'

export interface FetchNotesDependencies {
  readonly progress: Pick<CatchupProgressStore, 'advance'>
  readonly now: Clock
  readonly backoff: Backoff
  readonly log: Log
}

/** What is being fetched, and by which run. */
export interface Fetching {
  readonly job: ChannelJob
  readonly window: RecordingWindow
  readonly runId: string
}

/** Who waits sees how far it is; each telling is a write. */
const notedEveryMs = 5_000
/** What was handed over is paid for: a note that is lost costs the sweep its sight of it. */
const handOverTries = 3

/** Notes how far a fetch has come. A note that can't be written is left out: no credits depend on it. */
export class FetchNotes {
  readonly #deps: FetchNotesDependencies
  readonly #fetching: Fetching
  #notedAtMs: number
  #writing: Promise<void> | undefined

  constructor(dependencies: FetchNotesDependencies, fetching: Fetching) {
    this.#deps = dependencies
    this.#fetching = fetching
    this.#notedAtMs = dependencies.now()
  }

  /** Told with each piece of sound; writes every few seconds, and holds nobody up. */
  tell(doneMs: number): void {
    const nowMs = this.#deps.now()
    if (this.#writing !== undefined || nowMs - this.#notedAtMs < notedEveryMs) return
    this.#notedAtMs = nowMs
    this.#writing = this.#note({ stage: 'fetching', doneMs }, 1).finally(() => {
      this.#writing = undefined
    })
  }

  async handedOver(transcriptId: string): Promise<void> {
    await this.written()
    await this.#note({ stage: 'transcribing', transcriptId }, handOverTries)
  }

  /** Waits for a note that is being written. */
  written(): Promise<void> {
    return this.#writing ?? Promise.resolve()
  }

  async #note(stage: StageOf<CatchupProgress>, tries: number): Promise<void> {
    const { progress, now, backoff, log } = this.#deps
    const { job, window, runId } = this.#fetching
    const { userId, operationId, holdExpiresAtMs } = job
    for (let attempt = 0; ; attempt++) {
      try {
        await progress.advance(job, { holdExpiresAtMs, window, updatedAtMs: now(), ...stage }, runId)
        return
      } catch (error) {
        if (attempt + 1 < tries) {
          await backoff(attempt)
          continue
        }
        const fields = { user_id: userId, operation_id: operationId, stage: stage.stage }
        log.error('catchup_progress_not_noted', fields, error)
        return
      }
    }
  }
}

/** What tells one stage from another, of each of them. */
type StageOf<Progress> = Progress extends unknown
  ? Omit<Progress, 'holdExpiresAtMs' | 'window' | 'updatedAtMs'>
  : never

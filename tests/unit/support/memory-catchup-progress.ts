import type {
  CatchupProgress,
  CatchupProgressStore,
  JobCallback,
  RecordingWindow,
  Run,
  TranscriptJob,
} from '../../../src/domain/ports.ts'

type Kept = CatchupProgress & { readonly runId: string }

const mayTakeOver = (found: Kept, { runId, staleAtMs }: Run): boolean =>
  found.runId === runId || found.updatedAtMs <= staleAtMs

/** The `CatchupProgressStore` port in memory. */
export class MemoryCatchupProgress implements CatchupProgressStore {
  readonly items = new Map<string, Kept>()
  writes = 0
  /** How many of the next advances fail. */
  failures = 0

  async read(userId: string, operationId: string): Promise<CatchupProgress | undefined> {
    const found = this.items.get(`${userId} ${operationId}`)
    if (found === undefined) return undefined
    const { runId: _, ...progress } = found
    return progress
  }

  async begin(job: JobCallback, window: RecordingWindow, run: Run): Promise<boolean> {
    const { holdExpiresAtMs } = job
    return this.#put(
      job,
      { holdExpiresAtMs, window, updatedAtMs: run.nowMs, stage: 'fetching', doneMs: 0, runId: run.runId },
      found =>
        found.holdExpiresAtMs !== holdExpiresAtMs || (found.stage === 'fetching' && mayTakeOver(found, run)),
    )
  }

  async advance(job: JobCallback, progress: CatchupProgress, runId: string): Promise<boolean> {
    if (this.failures > 0) {
      this.failures -= 1
      throw new Error('The table does not answer.')
    }
    return this.#put(
      job,
      { ...progress, runId },
      found =>
        found.holdExpiresAtMs === job.holdExpiresAtMs && found.stage === 'fetching' && found.runId === runId,
    )
  }

  async claim(job: TranscriptJob, run: Run): Promise<boolean> {
    const { holdExpiresAtMs, window, transcriptId } = job
    return this.#put(
      job,
      {
        holdExpiresAtMs,
        window,
        updatedAtMs: run.nowMs,
        stage: 'summarising',
        transcriptId,
        runId: run.runId,
      },
      found =>
        found.holdExpiresAtMs !== holdExpiresAtMs || found.stage !== 'summarising' || mayTakeOver(found, run),
    )
  }

  #put({ userId, operationId }: JobCallback, progress: Kept, mayReplace: (found: Kept) => boolean): boolean {
    const key = `${userId} ${operationId}`
    const found = this.items.get(key)
    if (found && !mayReplace(found)) return false
    this.writes += 1
    this.items.set(key, progress)
    return true
  }
}

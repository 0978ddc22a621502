import type {
  CatchupProgress,
  CatchupProgressStore,
  JobCallback,
  RecordingWindow,
  TranscriptJob,
} from '../../../src/domain/ports.ts'

type Kept = CatchupProgress & { readonly runId?: string }

/** The `CatchupProgressStore` port in memory. */
export class MemoryCatchupProgress implements CatchupProgressStore {
  readonly items = new Map<string, Kept>()
  writes = 0

  async read(userId: string, operationId: string): Promise<CatchupProgress | undefined> {
    return this.items.get(`${userId} ${operationId}`)
  }

  async begin(job: JobCallback, window: RecordingWindow, nowMs: number): Promise<boolean> {
    const { holdExpiresAtMs } = job
    const progress: Kept = { holdExpiresAtMs, window, updatedAtMs: nowMs, stage: 'fetching', doneMs: 0 }
    return this.#put(
      job,
      progress,
      found => found.holdExpiresAtMs !== holdExpiresAtMs || found.stage === 'fetching',
    )
  }

  async advance(job: JobCallback, progress: CatchupProgress): Promise<boolean> {
    return this.#put(
      job,
      progress,
      found => found.holdExpiresAtMs === job.holdExpiresAtMs && found.stage === 'fetching',
    )
  }

  async claim(job: TranscriptJob, runId: string, nowMs: number, staleAtMs: number): Promise<boolean> {
    const { holdExpiresAtMs, window, transcriptId } = job
    const progress: Kept = {
      holdExpiresAtMs,
      window,
      updatedAtMs: nowMs,
      stage: 'summarising',
      transcriptId,
      runId,
    }
    return this.#put(
      job,
      progress,
      found =>
        found.holdExpiresAtMs !== holdExpiresAtMs ||
        found.stage !== 'summarising' ||
        found.runId === runId ||
        found.updatedAtMs <= staleAtMs,
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

import type { TranscriptSegment } from '../transcript/model.ts'
import { storageProblem } from '../transcript/storage-problem.ts'
import type { TranscriptStore } from '../transcript/store.ts'
import { backoffMs } from './backoff.ts'
import { type Clock, sleep } from './clock.ts'
import { type Gap, Joiner, type Strand } from './joiner.ts'
import { segmentsOf } from './segments.ts'
import type { ProblemView } from './view.ts'
import type { SpokenWord } from './word.ts'

export interface RecorderOptions {
  readonly sessionId: string
  readonly store: Pick<TranscriptStore, 'appendSegment'>
  readonly clock: Clock
  readonly random: () => number
  /** A segment is final: it is being stored. */
  onSegment(segment: TranscriptSegment): void
  /** Segments can't be stored for now, or can again where no problem is given. */
  onProblem(problem: ProblemView | undefined): void
  /** They can't for a while: what is said now would be lost. */
  onFailure(problem: ProblemView): void
}

type NewSegment = Omit<TranscriptSegment, 'index'>

/** After this long without a segment that could be stored, it is told. */
const failsAfterMs = 30_000
/** Room on the disk, or a transcript that was deleted, does not come back by asking often. */
const lastingRetryMs = 10_000
const lasting: ReadonlySet<string> = new Set(['storage_full', 'transcript_deleted'])
/** How long the end waits for what is not stored yet. */
const settledWithinMs = 10_000

/** Writes a session's transcript: what its lines understood, joined, in segments that are stored as soon as they are final. */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #joiner: Joiner
  /** In order. */
  readonly #unstored: NewSegment[] = []
  #writing: Promise<void> | undefined
  #problem: ProblemView | undefined
  #failingSinceMs: number | undefined
  #count = 0
  #endMs = 0

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#joiner = new Joiner({
      onWords: words => this.#write(words),
      onGap: gap => this.#writeGap(gap),
    })
  }

  /** Session time up to which words are written. */
  get writtenToMs(): number {
    return this.#joiner.knownToMs
  }

  /** Words that are final, and wait for those of an earlier line. */
  get waiting(): readonly SpokenWord[] {
    return this.#joiner.waiting
  }

  /** The words of the next line. @param overlaps whether it begins within sound that the one before has heard too */
  strand(overlaps: boolean): Strand {
    return this.#joiner.strand(overlaps)
  }

  /** Sound was lost: it is marked in its place. */
  gap(gap: Gap): void {
    if (gap.toMs > gap.fromMs) this.#joiner.gap(gap)
  }

  /** Why what is final can't be stored now, if it can't. */
  get problem(): ProblemView | undefined {
    return this.#problem
  }

  /** Is fulfilled once all is stored that is final, or can't be within 10 s. */
  async settled(): Promise<void> {
    await Promise.race([this.#writing, sleep(this.#options.clock, settledWithinMs, never)])
  }

  #write(words: readonly SpokenWord[]): void {
    const { sessionId } = this.#options
    for (const segment of segmentsOf(words)) this.#append({ ...segment, sessionId, kind: 'speech' })
  }

  #writeGap({ fromMs, toMs, reason }: Gap): void {
    const { sessionId } = this.#options
    if (toMs <= this.#endMs) return
    this.#append({ sessionId, startMs: fromMs, endMs: toMs, kind: 'gap', text: '', reason })
  }

  /** Segments follow one another in time, though word times of two lines may not. */
  #append(segment: NewSegment): void {
    const startMs = Math.round(Math.max(segment.startMs, this.#endMs))
    const endMs = Math.round(Math.max(segment.endMs, startMs))
    this.#endMs = endMs
    const whole = { ...segment, startMs, endMs }
    this.#unstored.push(whole)
    this.#options.onSegment({ ...whole, index: this.#count++ })
    this.#writing ??= this.#storeAll()
  }

  /** Stores one segment after the other, each until it is. */
  async #storeAll(): Promise<void> {
    const { store, clock, random } = this.#options
    let tries = 0
    for (let [next] = this.#unstored; next; [next] = this.#unstored) {
      const problem = await store.appendSegment(next).then(() => undefined, storageProblem)
      if (problem === undefined) {
        this.#unstored.shift()
        tries = 0
        this.#succeeded()
        continue
      }
      tries += 1
      if (this.#failed(problem.view)) break
      const isLasting = tries > 1 && lasting.has(problem.view.code)
      await sleep(clock, isLasting ? lastingRetryMs : backoffMs(tries, random), never)
    }
    this.#writing = undefined
  }

  #succeeded(): void {
    this.#failingSinceMs = undefined
    if (this.#problem === undefined) return
    this.#problem = undefined
    this.#options.onProblem(undefined)
  }

  /** @returns whether it is given up */
  #failed(problem: ProblemView): boolean {
    const { clock, onProblem, onFailure } = this.#options
    const nowMs = clock.elapsedMs()
    this.#failingSinceMs ??= nowMs
    const isNew = this.#problem?.code !== problem.code
    this.#problem = problem
    if (isNew) onProblem(problem)
    if (nowMs - this.#failingSinceMs < failsAfterMs) return false
    onFailure(problem)
    return true
  }
}

const never = new AbortController().signal

import { problemOf } from '../messages/problem.ts'
import type { TranscriptSegment } from '../transcript/model.ts'
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
  /** A segment is stored. */
  onSegment(segment: TranscriptSegment): void
  /** A segment can't be stored, and is lost. */
  onFailure(problem: ProblemView): void
}

type NewSegment = Omit<TranscriptSegment, 'index'>

const triesToStore = 4

/** Writes a session's transcript: what its lines understood, joined, in segments that are stored as soon as they are final. */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #joiner: Joiner
  #writing: Promise<void> = Promise.resolve()
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

  /** Is fulfilled once all is stored that is final. */
  settled(): Promise<void> {
    return this.#writing
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
    this.#writing = this.#writing.then(() => this.#store({ ...segment, startMs, endMs }))
  }

  async #store(segment: NewSegment): Promise<void> {
    const { store, clock, random, onSegment, onFailure } = this.#options
    for (let tries = 1; ; tries++) {
      const outcome = await store.appendSegment(segment).then(
        stored => ({ stored }),
        (error: unknown) => ({ problem: problemOf(error).view }),
      )
      if ('stored' in outcome) {
        onSegment(outcome.stored)
        return
      }
      if (tries === triesToStore) {
        onFailure(outcome.problem)
        return
      }
      await sleep(clock, backoffMs(tries, random), never)
    }
  }
}

const never = new AbortController().signal

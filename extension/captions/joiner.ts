import type { GapReason } from '../transcript/model.ts'
import { countRepeated } from './repeated-words.ts'
import { middleMs, type SpokenWord } from './word.ts'

/** A stretch of sound that was lost. */
export interface Gap {
  readonly fromMs: number
  readonly toMs: number
  readonly reason: GapReason
}

export interface JoinerOptions {
  /** Is given each word once, in order of time. */
  onWords(words: readonly SpokenWord[]): void
  onGap(gap: Gap): void
}

/** What one line contributes. */
export interface Strand {
  /** Words that are final. */
  add(words: readonly SpokenWord[]): void
  /** Words from this session time on are left to the next strand. */
  limit(ms: number): void
  /** No more words come. */
  end(): void
  /** What all later strands have said is dropped: their sound is sent again, to another line. */
  dropLater(): void
}

/** How much of what is final a line that begins in it may hear again. */
const rememberedMs = 15_000

interface OpenStrand {
  /** Whether it may still repeat what the strand before has heard too. */
  overlaps: boolean
  /** What it has said that was known. */
  readonly repeated: SpokenWord[]
  readonly waiting: SpokenWord[][]
  limitMs: number
  hasEnded: boolean
}

/**
 * Joins what several lines have understood, each of its stretch of sound, into one transcript: a strand waits until the
 * one before has ended, and of words that both have heard one is taken.
 */
export class Joiner {
  readonly #options: JoinerOptions
  readonly #strands: OpenStrand[] = []
  #gaps: Gap[] = []
  #known: SpokenWord[] = []

  constructor(options: JoinerOptions) {
    this.#options = options
  }

  /** Session time at which the last word that was given out ends. */
  get knownToMs(): number {
    return Math.max(0, ...this.#known.map(word => word.endMs))
  }

  /** The next strand. @param overlaps whether it begins within sound that the one before has heard too */
  strand(overlaps: boolean): Strand {
    const strand: OpenStrand = {
      overlaps,
      repeated: [],
      waiting: [],
      limitMs: Number.POSITIVE_INFINITY,
      hasEnded: false,
    }
    this.#strands.push(strand)
    return {
      add: words => {
        strand.waiting.push([...words])
        this.#give()
      },
      limit: ms => {
        strand.limitMs = ms
      },
      end: () => {
        strand.hasEnded = true
        this.#give()
      },
      dropLater: () => {
        for (const later of this.#strands.splice(this.#strands.indexOf(strand) + 1)) {
          later.limitMs = Number.NEGATIVE_INFINITY
          later.waiting.length = 0
        }
      },
    }
  }

  /** Sound was lost. It is told in its place: before the first word after it. */
  gap(gap: Gap): void {
    this.#gaps = [...this.#gaps, gap].sort((a, b) => a.fromMs - b.fromMs)
    if (this.#strands.length === 0) this.#giveGapsBefore(Number.POSITIVE_INFINITY)
  }

  /** What waits for an earlier strand: it is final, and has yet to be given out. */
  get waiting(): readonly SpokenWord[] {
    return this.#strands.flatMap(strand => strand.waiting.flat())
  }

  #give(): void {
    for (let first = this.#strands[0]; first; first = this.#strands[0]) {
      for (const words of first.waiting.splice(0)) this.#giveFrom(first, words)
      if (!first.hasEnded) return
      this.#strands.shift()
    }
    this.#giveGapsBefore(Number.POSITIVE_INFINITY)
  }

  #giveFrom(strand: OpenStrand, words: readonly SpokenWord[]): void {
    const own = words.filter(word => middleMs(word) < strand.limitMs)
    const fresh = strand.overlaps ? this.#freshOf(strand, own) : own
    if (fresh.length === 0) return
    strand.overlaps = false
    this.#giveAround(fresh)
  }

  /** What is not known yet; the repeated words before help to tell. */
  #freshOf({ repeated }: OpenStrand, words: readonly SpokenWord[]): readonly SpokenWord[] {
    const count = countRepeated(this.#known, [...repeated, ...words])
    const fresh = words.slice(Math.max(0, count - repeated.length))
    repeated.push(...words)
    return fresh
  }

  /** Words that a gap lies between are given apart. */
  #giveAround(words: readonly SpokenWord[]): void {
    const [gap] = this.#gaps
    const before = gap ? words.filter(word => middleMs(word) < gap.fromMs) : words
    if (before.length > 0) this.#tell(before)
    const after = words.slice(before.length)
    if (!gap || after.length === 0) return
    this.#giveGapsBefore(gap.fromMs + 1)
    this.#giveAround(after)
  }

  #giveGapsBefore(ms: number): void {
    const due = this.#gaps.filter(gap => gap.fromMs < ms)
    this.#gaps = this.#gaps.filter(gap => gap.fromMs >= ms)
    for (const gap of due) this.#options.onGap(gap)
  }

  #tell(words: readonly SpokenWord[]): void {
    this.#options.onWords(words)
    const all = [...this.#known, ...words]
    const toMs = Math.max(...all.map(word => word.endMs))
    this.#known = all.filter(word => word.endMs > toMs - rememberedMs)
  }
}

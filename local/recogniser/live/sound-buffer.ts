/** The last stretch of a stream of samples. Positions count from the beginning of the stream. */
export type SoundBuffer = {
  /** The position of the first sample that is kept. */
  readonly start: number
  /** The position after the last one: how many samples there were in all. */
  readonly end: number
  append(samples: Float32Array): void
  /** A copy of the samples between two positions, as far as they are kept. */
  copy(from: number, to: number): Float32Array<ArrayBuffer>
  /** All that is kept; to be read before the next change. */
  all(): Float32Array
  /** Lets go of what lies before a position. */
  dropBefore(position: number): void
}

export function createSoundBuffer(): SoundBuffer {
  let start = 0
  let kept = new Float32Array(0)
  return {
    get start() {
      return start
    },
    get end() {
      return start + kept.length
    },
    append(samples) {
      const joined = new Float32Array(kept.length + samples.length)
      joined.set(kept)
      joined.set(samples, kept.length)
      kept = joined
    },
    copy: (from, to) => kept.slice(Math.max(0, from - start), Math.max(0, to - start)),
    all: () => kept,
    dropBefore(position) {
      const dropped = Math.min(kept.length, position - start)
      if (dropped <= 0) return
      kept = kept.slice(dropped)
      start += dropped
    },
  }
}

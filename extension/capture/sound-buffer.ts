import { frameMs, type SoundFrame } from './sound.ts'

export interface SoundBufferOptions {
  /** Seconds of sound that are kept at most: 32 kB each, so 90 s are 2.9 MB. */
  readonly maxSeconds?: number
  /**
   * The oldest sound had to go because the buffer is full: session time from, up to. Called once for each frame that
   * goes; stretches that adjoin are one.
   */
  readonly onLost: (fromMs: number, toMs: number) => void
}

/**
 * The latest sound of a session, from which each socket is fed. All times are session time. There may be holes where
 * no sound was captured.
 */
export interface SoundBuffer {
  /** Where the oldest frame begins; `endMs` where there is none. */
  readonly startMs: number
  /** The live edge: where the newest frame ever added ends. */
  readonly endMs: number
  /** @throws {RangeError} for a frame that begins before `endMs` */
  add(frame: SoundFrame): void
  /** The frame that sounds at a time; undefined before, after and in a hole. */
  frameAt(ms: number): SoundFrame | undefined
  /** The first frame that begins at a time or later. */
  frameFrom(ms: number): SoundFrame | undefined
  /** How much sound there is, holes not counted, in the frames that begin in a span of time. */
  heldMs(fromMs: number, toMs?: number): number
  /** Drops the frames that end at a time or before: what they held is final and stored. Nothing is called lost. */
  forgetBefore(ms: number): void
}

export function createSoundBuffer({ maxSeconds = 90, onLost }: SoundBufferOptions): SoundBuffer {
  const maxFrames = Math.floor((maxSeconds * 1_000) / frameMs)
  const frames: SoundFrame[] = []
  let endMs = 0

  /** The index of the first frame that begins at a time or later. */
  const indexFrom = (ms: number): number => {
    let low = 0
    let high = frames.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((frames[middle]?.startMs ?? ms) < ms) low = middle + 1
      else high = middle
    }
    return low
  }
  /** The index of the first frame that ends after a time: all begin at whole milliseconds. */
  const indexAfter = (ms: number): number => indexFrom(Math.floor(ms) - frameMs + 1)

  return {
    get startMs() {
      return frames[0]?.startMs ?? endMs
    },
    get endMs() {
      return endMs
    },
    add: frame => {
      if (frame.startMs < endMs) throw new RangeError('Sound comes in order.')
      frames.push(frame)
      endMs = frame.startMs + frameMs
      const lost = frames.length > maxFrames ? frames.shift() : undefined
      if (lost) onLost(lost.startMs, lost.startMs + frameMs)
    },
    frameAt: ms => {
      const frame = frames[indexAfter(ms)]
      return frame && frame.startMs <= ms ? frame : undefined
    },
    frameFrom: ms => frames[indexFrom(ms)],
    heldMs: (fromMs, toMs = Number.POSITIVE_INFINITY) =>
      Math.max(0, indexFrom(toMs) - indexFrom(fromMs)) * frameMs,
    forgetBefore: ms => {
      frames.splice(0, indexAfter(ms))
    },
  }
}

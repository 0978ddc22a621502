import { frameMs } from './sound.ts'
import type { SoundBuffer } from './sound-buffer.ts'

const shortestPauseMs = 200
/** A pause of this length is as good as any: between two sentences, not in one. */
const amplePauseMs = 400

export interface SeamOptions {
  readonly buffer: SoundBuffer
  /** Session time. */
  readonly fromMs: number
  readonly toMs: number
}

interface Pause {
  readonly startMs: number
  readonly endMs: number
}

/**
 * Where in a span of session time one socket may hand over to the next without cutting a word: in the middle of the
 * longest pause of 200 ms or more. Of several of 400 ms or more, the latest that sound has followed is taken. Where
 * nothing was captured is a pause too.
 *
 * @returns session time at which a frame begins or could; undefined where there is no pause
 */
export function findSeam(options: SeamOptions): number | undefined {
  const pauses = pausesIn(options)
  const endMs = Math.min(options.toMs, options.buffer.endMs)
  const isComplete = (pause: Pause): boolean => pause.endMs < endMs
  const pause = pauses.findLast(each => lengthMs(each) >= amplePauseMs && isComplete(each)) ?? longest(pauses)
  return pause && Math.floor((pause.startMs + pause.endMs) / 2 / frameMs) * frameMs
}

/** All that is not sound. */
function pausesIn({ buffer, fromMs, toMs }: SeamOptions): Pause[] {
  const pauses: Pause[] = []
  const endMs = Math.min(toMs, buffer.endMs)
  let startMs = Math.max(fromMs, buffer.startMs)
  for (
    let frame = buffer.frameFrom(startMs);
    frame && frame.startMs < endMs;
    frame = buffer.frameFrom(frame.startMs + frameMs)
  ) {
    if (!frame.isSound) continue
    pauses.push({ startMs, endMs: frame.startMs })
    startMs = frame.startMs + frameMs
  }
  pauses.push({ startMs, endMs })
  return pauses.filter(pause => lengthMs(pause) >= shortestPauseMs)
}

const lengthMs = ({ startMs, endMs }: Pause): number => endMs - startMs

/** The first of several that are as long. */
const longest = (pauses: readonly Pause[]): Pause | undefined =>
  pauses.reduce<Pause | undefined>(
    (best, pause) => (best && lengthMs(best) >= lengthMs(pause) ? best : pause),
    undefined,
  )

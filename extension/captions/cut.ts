import { findSeam } from '../capture/seam.ts'
import { frameMs } from '../capture/sound.ts'
import type { SoundBuffer } from '../capture/sound-buffer.ts'

/** Where one line hands over to the next. All times are session time. */
export interface Cut {
  /** The line before is sent sound up to here. */
  readonly stopsAtMs: number
  /** The next line is sent sound from here on. */
  readonly startsAtMs: number
  /** From here on the next line understands all by itself. */
  readonly knownFromMs: number
  /** Of the line before, words count up to here. */
  readonly ownsToMs: number
  /** Whether both hear some speech, so that words must be told apart. */
  readonly overlaps: boolean
}

/** How far back a pause is looked for in what the line before was sent already. */
const lookBackMs = 500
/** The silence before a "d" can be as long as two frames, and is no pause. */
const quietBeforeMs = 100
const quietAfterMs = 200
/** What both hear, where there is no pause. */
const overlapMs = 2_000
/** What a line hears first and last may be half a word: that is left to the other one, which hears it whole. */
const doubtfulMs = 700

/**
 * A cut in a pause: no word is near it, so each is heard by one line whole.
 *
 * @param sentToMs how far the line before was sent sound
 * @param reachMs how much more it still can be sent
 * @returns undefined where nobody pauses
 */
export function cutInPause(buffer: SoundBuffer, sentToMs: number, reachMs: number): Cut | undefined {
  const toMs = Math.min(buffer.endMs, sentToMs + Math.max(0, reachMs))
  const seamMs = findSeam({ buffer, fromMs: sentToMs - lookBackMs, toMs })
  if (seamMs === undefined) return undefined
  const quietToMs = Math.max(seamMs + quietAfterMs, sentToMs)
  if (quietToMs > buffer.endMs || hasSound(buffer, seamMs - quietBeforeMs, quietToMs)) return undefined
  return {
    stopsAtMs: Math.max(seamMs, sentToMs),
    startsAtMs: seamMs,
    knownFromMs: seamMs,
    ownsToMs: Number.POSITIVE_INFINITY,
    overlaps: false,
  }
}

/** A cut where the line before is now, in the middle of speech: the next line hears the last two seconds again. */
export const cutInSpeech = (sentToMs: number): Cut => ({
  stopsAtMs: sentToMs,
  startsAtMs: Math.max(0, sentToMs - overlapMs),
  knownFromMs: sentToMs - overlapMs + doubtfulMs,
  ownsToMs: sentToMs - doubtfulMs,
  overlaps: true,
})

/** A cut in silence that lasts. @param atMs session time */
export const cutInSilence = (atMs: number): Cut => ({
  stopsAtMs: atMs,
  startsAtMs: atMs,
  knownFromMs: atMs,
  ownsToMs: Number.POSITIVE_INFINITY,
  overlaps: false,
})

/** Whether something can be heard in a span of session time. */
export function hasSound(buffer: SoundBuffer, fromMs: number, toMs: number): boolean {
  for (
    let frame = buffer.frameFrom(fromMs);
    frame && frame.startMs < toMs;
    frame = buffer.frameFrom(frame.startMs + frameMs)
  ) {
    if (frame.isSound) return true
  }
  return false
}

import { tooFast, wrongDuration } from './failure.ts'

/** AssemblyAI's limits for one audio message. */
const SHORTEST_MS = 50
const LONGEST_MS = 1_000

/**
 * How far audio may run ahead of the clock. AssemblyAI does not publish how much it bears; a client that makes up
 * for a hiccup of a few seconds passes here, one that sends a recording as fast as it can does not.
 */
const MOST_AHEAD_MS = 3_000

/** Checks that audio comes in messages of the right length and not faster than it is spoken. */
export type Pace = {
  /** @throws SessionFailure when the message is too short, too long or too early */
  check(durationMs: number, nowMs: number): void
}

/** @param openedAtMs when the session began */
export function createPace(openedAtMs: number): Pace {
  let aheadMs = 0
  let lastMs = openedAtMs
  let audioMs = 0
  return {
    check(durationMs, nowMs) {
      if (durationMs < SHORTEST_MS || durationMs > LONGEST_MS) throw wrongDuration(durationMs)
      aheadMs = Math.max(0, aheadMs - (nowMs - lastMs)) + durationMs
      lastMs = nowMs
      audioMs += durationMs
      if (aheadMs > MOST_AHEAD_MS) throw tooFast(audioMs / 1000, (nowMs - openedAtMs) / 1000)
    },
  }
}

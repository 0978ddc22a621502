import { frameMs, frameSamples, sampleRateHz } from './sound.ts'

/** What may be late without anything missing. */
const toleratedMs = 1_000
/** By how much a sound card's clock and the computer's may go apart; 0.7 s an hour. Crystals keep within half of it. */
const driftPartsPerMillion = 200
const driftMsPerFrame = (frameMs * driftPartsPerMillion) / 1e6

export interface FramePlace {
  /** Of the frame's first sample, with what is missing counted in. */
  readonly sampleIndex: number
  /** Sound that should have come before this frame and did not: whole frames, 0 mostly. */
  readonly missingMs: number
}

/**
 * Holds the count of samples against the wall clock, so that a clock of samples that stood still is noticed: the
 * computer slept, sound was suspended, or frames were dropped under load. More than a second must be missing, at once
 * or bit by bit; the slow drift of two clocks is followed, and so is a wall clock that is set back. One that is set
 * ahead looks like sleep.
 */
export interface SampleClock {
  /** @param atMs wall clock when the next frame was full */
  place(atMs: number): FramePlace
}

export function createSampleClock(): SampleClock {
  let nextIndex = 0
  let dueAtMs = Number.POSITIVE_INFINITY
  return {
    place: atMs => {
      const lateMs = Math.max(0, atMs - dueAtMs)
      const missingMs = lateMs > toleratedMs ? Math.floor(lateMs / frameMs) * frameMs : 0
      const sampleIndex = nextIndex + (missingMs * sampleRateHz) / 1_000
      const caughtUpMs = missingMs > 0 ? missingMs : Math.min(lateMs, driftMsPerFrame)
      dueAtMs = Math.min(atMs, dueAtMs + caughtUpMs) + frameMs
      nextIndex = sampleIndex + frameSamples
      return { sampleIndex, missingMs }
    },
  }
}

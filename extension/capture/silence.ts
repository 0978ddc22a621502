import type { SilenceSettings } from '../settings/model.ts'
import { sampleRateHz } from './sound.ts'

export interface Heard {
  /** Whether anything can be heard in what was just passed in. In doubt it can. */
  readonly isSound: boolean
  /** Since the last sound, or since the detector was made; 0 with sound. */
  readonly silentForMs: number
}

/** Tells sound from silence, frame by frame. */
export interface SilenceDetector {
  /** @param samples 16 kHz, one channel; the next of the stream, a tenth of a second best */
  hear(samples: Int16Array<ArrayBuffer>): Heard
  /** Whether the listener wants captions to pause now, by the silence so far. Always false where they never do. */
  readonly shouldPause: boolean
  /** Takes settings that the listener has changed; what was heard so far still counts. */
  configure(settings: SilenceSettings): void
}

interface Levels {
  /** What is quieter is silence. Dither is at -93 dBFS, what codecs leave of silence at -80. */
  readonly silentBelowDbfs: number
  /** What is louder is sound, however steady. */
  readonly soundAboveDbfs: number
  /** Between the two, what is this much louder than the quietest of the last seconds is sound. */
  readonly aboveNoiseDb: number
}

/**
 * By measurement, of frames of 100 ms. The recordings in tests/fixtures, of an ordinary loudness of -25 dBFS over all,
 * have their words' weakest frames 21 dB below that, and in pauses the noise of their room, at -49 to -54 dBFS. From
 * its quietest to its loudest frame in 30 s, white noise varies by 0.4 dB, a room's by 4, pink noise by 6, brown noise
 * by 10; speech by more than 20 within any five seconds. So:
 *
 * - `high` hears all of speech at -60 dBFS, a whisper or a player turned down to a fiftieth, over silence or faint
 *   noise.
 * - `medium` hears all of speech at -50 dBFS, and takes the hiss of an ordinary recording for silence.
 * - `low` hears all of speech at -40 dBFS, and takes louder steady noise for silence too.
 */
const levelsOf: Readonly<Record<SilenceSettings['sensitivity'], Levels>> = {
  high: { silentBelowDbfs: -75, soundAboveDbfs: -58, aboveNoiseDb: 4 },
  medium: { silentBelowDbfs: -68, soundAboveDbfs: -46, aboveNoiseDb: 6 },
  low: { silentBelowDbfs: -58, soundAboveDbfs: -40, aboveNoiseDb: 9 },
}

/** Speech has a pause or a stop in any five seconds, which shows the noise under it. */
const noiseFrames = 50

/** The first five seconds, and five seconds of a new steady noise, are sound unless they are below the lowest level. */
export function createSilenceDetector(settings: SilenceSettings): SilenceDetector {
  let { pauseAfterSeconds, sensitivity } = settings
  const recentDbfs: number[] = []
  let silentForMs = 0

  const thresholdDbfs = (): number => {
    const { silentBelowDbfs, soundAboveDbfs, aboveNoiseDb } = levelsOf[sensitivity]
    const noiseDbfs = recentDbfs.length < noiseFrames ? Number.NEGATIVE_INFINITY : Math.min(...recentDbfs)
    return Math.min(soundAboveDbfs, Math.max(silentBelowDbfs, noiseDbfs + aboveNoiseDb))
  }

  return {
    hear: samples => {
      const levelDbfs = dbfsOf(samples)
      recentDbfs.push(levelDbfs)
      if (recentDbfs.length > noiseFrames) recentDbfs.shift()
      const isSound = levelDbfs >= thresholdDbfs()
      silentForMs = isSound ? 0 : silentForMs + (samples.length * 1_000) / sampleRateHz
      return { isSound, silentForMs }
    },
    get shouldPause() {
      return pauseAfterSeconds > 0 && silentForMs >= pauseAfterSeconds * 1_000
    },
    configure: changed => {
      pauseAfterSeconds = changed.pauseAfterSeconds
      sensitivity = changed.sensitivity
    },
  }
}

/** The level of what varies in samples, full scale being 0; a constant offset can't be heard. -Infinity for none. */
function dbfsOf(samples: Int16Array<ArrayBuffer>): number {
  let sum = 0
  let squares = 0
  for (const sample of samples) {
    sum += sample
    squares += sample * sample
  }
  const mean = sum / samples.length
  const variance = Math.max(0, squares / samples.length - mean * mean)
  return 10 * Math.log10(variance / 32_768 ** 2)
}

/** What AssemblyAI is sent: 16-bit samples at this rate, one channel. */
export const sampleRateHz = 16_000
/** One frame: AssemblyAI takes messages of 50 to 1000 ms. */
export const frameMs = 100
export const frameSamples = (sampleRateHz * frameMs) / 1_000

/** A tenth of a second of a tab's sound. */
export interface SoundFrame {
  /** From the session's start, by the count of samples; a whole number of frames. */
  readonly startMs: number
  readonly samples: Int16Array<ArrayBuffer>
  /** Whether anything can be heard in it, by the listener's sensitivity. In doubt it can. */
  readonly isSound: boolean
}

import { frameSamples } from './sound.ts'

/** What the audio worklet posts: its `samples` are transferred. */
export interface PcmFrame {
  readonly samples: Int16Array<ArrayBuffer>
  /** The wall clock when its last sample was rendered, by the audio thread, which a busy page does not hold up. */
  readonly atMs: number
}

/** Gathers what the browser renders, a few milliseconds at a time, into frames. */
export interface PcmFrames {
  /**
   * The next samples of one channel, each from -1 to 1; what is louder is clipped.
   *
   * @param channel undefined for silence
   */
  write(channel: Float32Array | undefined, sampleCount: number): void
}

/** @param onFrame is given each frame of 16-bit samples once it is full, to keep */
export function createPcmFrames(onFrame: (samples: Int16Array<ArrayBuffer>) => void): PcmFrames {
  let frame = new Int16Array(frameSamples)
  let filled = 0
  return {
    write: (channel, sampleCount) => {
      for (let index = 0; index < sampleCount; index += 1) {
        const sample = channel?.[index] ?? 0
        frame[filled] = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767)
        filled += 1
        if (filled < frameSamples) continue
        onFrame(frame)
        frame = new Int16Array(frameSamples)
        filled = 0
      }
    },
  }
}

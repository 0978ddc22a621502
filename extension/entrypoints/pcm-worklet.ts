import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script'
import { createPcmFrames, type PcmFrame } from '../capture/pcm-frames.ts'

// The audio worklet's own globals, which TypeScript's DOM library does not have.
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void

/** What the browser renders at a time, as the Web Audio API has it. */
const quantumSamples = 128

export default defineUnlistedScript(() => {
  /** Posts its input, mixed down to one channel by its node, as `PcmFrame`s, until its context is closed. */
  class PcmProcessor extends AudioWorkletProcessor {
    readonly #frames = createPcmFrames(samples => {
      const frame: PcmFrame = { samples, atMs: Date.now() }
      this.port.postMessage(frame, [samples.buffer])
    })

    process([input]: readonly Float32Array[][]): boolean {
      const channel = input?.[0]
      this.#frames.write(channel, channel?.length ?? quantumSamples)
      return true
    }
  }

  registerProcessor('pcm', PcmProcessor)
})

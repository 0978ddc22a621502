import { describe, expect, it } from 'vitest'
import { createPcmFrames } from '../../../../extension/capture/pcm-frames.ts'

const quantumSamples = 128

const written = (quanta: readonly (Float32Array | undefined)[]): Int16Array[] => {
  const frames: Int16Array[] = []
  const pcm = createPcmFrames(frame => frames.push(frame))
  for (const quantum of quanta) pcm.write(quantum, quantumSamples)
  return frames
}

describe('frames of PCM', () => {
  it('hold 1600 samples each, in order, over the bounds of what is rendered at a time', () => {
    const quanta = Array.from({ length: 25 }, (_, quantum) =>
      Float32Array.from(
        { length: quantumSamples },
        (_, index) => (quantum * quantumSamples + index) / 32_767,
      ),
    )
    const frames = written(quanta)
    expect(frames.map(({ length }) => length)).toEqual([1_600, 1_600])
    expect(frames.flatMap(frame => [...frame])).toEqual(Array.from({ length: 3_200 }, (_, index) => index))
  })

  it('round each sample and clip what is too loud', () => {
    const samples = Float32Array.from([1, -1, 1.5, -7, 0.000_02, -0.000_02, 0.4, Number.NaN])
    const [frame] = written([samples, ...Array.from({ length: 12 }, () => undefined)])
    expect([...(frame ?? [])].slice(0, 8)).toEqual([32_767, -32_767, 32_767, -32_767, 1, -1, 13_107, 0])
  })

  it('are zeros where there is no sound', () => {
    const [frame] = written(Array.from({ length: 13 }, () => undefined))
    expect(frame).toEqual(new Int16Array(1_600))
  })
})

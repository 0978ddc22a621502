/** Changes the rate of a stream of samples. */
export type Resampler = (samples: Float32Array) => Float32Array

/** How many zero crossings of the filter lie on each side of a sample. */
const LOBES = 8

/**
 * A resampler from one rate to another, by a windowed sinc, which also takes away what the lower rate cannot hold:
 * without that, the s of speech at 48 kHz would come back as a hiss among the vowels. It looks a few milliseconds
 * ahead, so that much of the end of the stream stays in it.
 */
export function createResampler(fromHz: number, toHz: number): Resampler {
  if (fromHz === toHz) return samples => samples
  const step = fromHz / toHz
  const cutoff = Math.min(1, toHz / fromHz)
  const reach = Math.ceil(LOBES / cutoff)

  let kept: Float32Array = new Float32Array(reach)
  /** Where the next sample is taken, as an index into `kept`. */
  let position = reach
  return samples => {
    const input = new Float32Array(kept.length + samples.length)
    input.set(kept)
    input.set(samples, kept.length)

    const output: number[] = []
    for (; position + reach < input.length; position += step)
      output.push(sampleAt(input, position, cutoff, reach))
    const unneeded = Math.max(0, Math.floor(position) - reach)
    kept = input.slice(unneeded)
    position -= unneeded
    return Float32Array.from(output)
  }
}

function sampleAt(input: Float32Array, position: number, cutoff: number, reach: number): number {
  const middle = Math.floor(position)
  let sum = 0
  let weights = 0
  for (let index = middle - reach + 1; index <= middle + reach; index++) {
    const weight = windowedSinc((index - position) * cutoff)
    sum += (input[index] ?? 0) * weight
    weights += weight
  }
  return sum / weights
}

/** The sinc under a Hann window. */
function windowedSinc(x: number): number {
  if (x === 0) return 1
  if (Math.abs(x) >= LOBES) return 0
  return (Math.sin(Math.PI * x) / (Math.PI * x)) * 0.5 * (1 + Math.cos((Math.PI * x) / LOBES))
}

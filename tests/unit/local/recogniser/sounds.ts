import { SAMPLE_RATE_HZ } from '../../../../local/recogniser/decode.ts'

/** Sounds made up for tests, as samples at 16 kHz. */
export function silence(seconds: number): Float32Array {
  return new Float32Array(seconds * SAMPLE_RATE_HZ)
}

/** White noise, the same each time. */
export function noise(seconds: number, amplitude: number): Float32Array {
  let seed = 1
  return silence(seconds).map(() => {
    seed = (seed * 48_271) % 0x7fffffff
    return ((seed / 0x7fffffff) * 2 - 1) * amplitude
  })
}

/** A steady tone of 440 Hz. */
export function tone(seconds: number, amplitude: number): Float32Array {
  return silence(seconds).map(
    (_, index) => amplitude * Math.sin((2 * Math.PI * 440 * index) / SAMPLE_RATE_HZ),
  )
}

export function joined(...parts: Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

export function mixed(one: Float32Array, other: Float32Array): Float32Array {
  return one.map((sample, index) => sample + (other[index] ?? 0))
}

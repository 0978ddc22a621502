import { expect, test } from 'vitest'
import { createResampler } from '../../../../local/stand-ins/assemblyai/streaming/resampler.ts'

const tone = (hz: number, rate: number, seconds: number) =>
  Float32Array.from({ length: rate * seconds }, (_, index) => Math.sin((2 * Math.PI * hz * index) / rate))

const rms = (samples: Float32Array) =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)

test.each([8_000, 22_050, 44_100, 48_000])('a tone at %i samples a second comes out as itself', rate => {
  const output = createResampler(rate, 16_000)(tone(440, rate, 0.5))
  const expected = tone(440, 16_000, 0.5)
  expect(Math.abs(output.length - expected.length)).toBeLessThan(40)
  const worst = output.slice(200, -200).reduce((most, sample, index) => {
    return Math.max(most, Math.abs(sample - (expected[index + 200] ?? 0)))
  }, 0)
  expect(worst).toBeLessThan(0.02)
})

test('what the lower rate cannot hold is taken away', () => {
  const output = createResampler(48_000, 16_000)(tone(11_000, 48_000, 0.2))
  expect(rms(output.slice(100))).toBeLessThan(0.02)
})

test('messages of any length give the same as the whole', () => {
  const whole = tone(300, 44_100, 0.3)
  const resample = createResampler(44_100, 16_000)
  const parts: number[] = []
  for (let from = 0, length = 37; from < whole.length; from += length, length = (length * 7) % 2_003) {
    parts.push(...resample(whole.subarray(from, from + length)))
  }
  const once = createResampler(44_100, 16_000)(whole)
  expect(parts).toHaveLength(once.length)
  expect(Math.max(...parts.map((sample, index) => Math.abs(sample - (once[index] ?? 0))))).toBeLessThan(1e-6)
})

test('the same rate is left alone', () => {
  const samples = tone(440, 16_000, 0.1)
  expect(createResampler(16_000, 16_000)(samples)).toBe(samples)
})

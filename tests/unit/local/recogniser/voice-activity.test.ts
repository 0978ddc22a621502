import { describe, expect, test } from 'vitest'
import { decodeAudio, SAMPLE_RATE_HZ } from '../../../../local/recogniser/decode.ts'
import { findVoicedSpans, softestSample } from '../../../../local/recogniser/voice-activity.ts'
import { fixturePath } from '../../../support/speech.ts'
import { joined, mixed, noise, silence, tone } from './sounds.ts'

const speech = await decodeAudio(fixturePath('austen-0880.wav'))

function spansInSeconds(samples: Float32Array): number[][] {
  return findVoicedSpans(samples).map(({ start, end }) => [start / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ])
}

describe('what is not speech', () => {
  test.each([
    ['nothing at all', new Float32Array(0)],
    ['digital silence', silence(3)],
    ['faint noise', noise(3, 0.001)],
    ['loud steady noise', noise(3, 0.5)],
    ['a steady hum', tone(3, 0.3)],
    ['a constant offset', silence(3).fill(0.4)],
    [
      'noise below the level of any speech',
      mixed(silence(3), joined(silence(1), noise(1, 0.0003), silence(1))),
    ],
  ])('%s has no voiced span', (_what, samples) => {
    expect(findVoicedSpans(samples)).toEqual([])
  })

  test('a click of 20 ms between silences has no voiced span', () => {
    expect(findVoicedSpans(joined(silence(1), noise(0.02, 0.8), silence(1)))).toEqual([])
  })
})

describe('speech', () => {
  test('is one span where the reader does not pause, without the silence at the edges', () => {
    const spans = spansInSeconds(speech)
    expect(spans).toHaveLength(1)
    expect(spans[0]?.[0]).toBeCloseTo(0.25, 1)
    expect(spans[0]?.[1]).toBeCloseTo(2.85, 1)
  })

  test('is found where it lies between silences, and once for each time it is said', () => {
    const spans = spansInSeconds(joined(silence(2), speech, silence(4), speech, silence(1)))
    expect(spans).toHaveLength(2)
    for (const [index, startOfRecording] of [2, 2 + 2.99 + 4].entries()) {
      expect(spans[index]?.[0]).toBeGreaterThan(startOfRecording + 0.1)
      expect(spans[index]?.[0]).toBeLessThan(startOfRecording + 0.3)
      expect(spans[index]?.[1]).toBeGreaterThan(startOfRecording + 2.8)
      expect(spans[index]?.[1]).toBeLessThan(startOfRecording + 2.9)
    }
  })

  test('is found over steady noise, and the noise around it is not', () => {
    const noisy = mixed(joined(silence(3), speech, silence(3)), noise(8.99, 0.02))
    const spans = spansInSeconds(noisy)
    expect(spans[0]?.[0]).toBeGreaterThan(2.9)
    expect(spans.at(-1)?.[1]).toBeLessThan(6.1)
  })

  test.each([0.05, 0.2, 3])('is found as well when it is recorded at %d times the level', gain => {
    const [span] = spansInSeconds(speech.map(sample => sample * gain))
    expect(span?.[0]).toBeCloseTo(0.25, 0.5)
    expect(span?.[1]).toBeCloseTo(2.85, 0.5)
  })

  test('is found in a soft recording that begins minutes after a loud one', () => {
    const soft = speech.map(sample => sample * 0.05)
    const loud = Array.from({ length: 20 }, () => speech)
    const spans = spansInSeconds(joined(...loud, silence(30), soft))
    expect(spans.at(-1)?.[0]).toBeGreaterThan(20 * 2.99 + 29.9)
    expect(spans.at(-1)?.[0]).toBeLessThan(20 * 2.99 + 30.5)
    expect(spans.at(-1)?.[1]).toBeGreaterThan(20 * 2.99 + 30 + 2.7)
  })
})

test('the softest place of a stretch is in its pause', () => {
  const samples = joined(noise(1, 0.5), silence(0.2), noise(1, 0.5))
  const middle = softestSample(samples, { start: 0, end: samples.length }) / SAMPLE_RATE_HZ
  expect(middle).toBeGreaterThan(1)
  expect(middle).toBeLessThan(1.2)
})

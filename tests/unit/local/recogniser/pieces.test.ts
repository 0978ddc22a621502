import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { SAMPLE_RATE_HZ } from '../../../../local/recogniser/decode.ts'
import { cutIntoPieces } from '../../../../local/recogniser/pieces.ts'
import type { Span } from '../../../../local/recogniser/voice-activity.ts'
import { joined, noise, silence } from './sounds.ts'

const seconds = (count: number) => count * SAMPLE_RATE_HZ

/** Voiced spans in order and apart, and the length of their recording, all in samples. */
const recording = fc
  .array(
    fc.record({
      pause: fc.integer({ min: 4_800, max: 60_000 }),
      voice: fc.integer({ min: 960, max: 640_000 }),
    }),
    {
      maxLength: 12,
    },
  )
  .map(parts => {
    const voiced: Span[] = []
    let position = 0
    for (const { pause, voice } of parts) {
      voiced.push({ start: position + pause, end: position + pause + voice })
      position += pause + voice
    }
    return { voiced, length: position + 4_800 }
  })

test('pieces hold all that is voiced once and in order, do not overlap and are at most 15.4 s long', () => {
  fc.assert(
    fc.property(recording, ({ voiced, length }) => {
      const pieces = cutIntoPieces(new Float32Array(length), voiced)

      const heard = pieces.flatMap(piece => piece.voiced)
      expect(sum(heard)).toBe(sum(voiced))
      expect(heard.every((span, index) => span.start >= (heard[index - 1]?.end ?? 0))).toBe(true)
      for (const [index, piece] of pieces.entries()) {
        expect(piece.start).toBeGreaterThanOrEqual(pieces[index - 1]?.end ?? 0)
        expect(piece.start).toBeLessThanOrEqual(piece.voiced[0]?.start ?? -1)
        expect(piece.end).toBeGreaterThanOrEqual(piece.voiced.at(-1)?.end ?? Number.POSITIVE_INFINITY)
        expect(piece.end).toBeLessThanOrEqual(length)
        expect(piece.end - piece.start).toBeLessThanOrEqual(seconds(15.4))
      }
    }),
    { numRuns: 50 },
  )
})

test('what is said without a pause for 40 s is cut where it is softest', () => {
  const samples = joined(noise(12, 0.5), silence(0.1), noise(12, 0.5), silence(0.1), noise(14, 0.5))
  const pieces = cutIntoPieces(samples, [{ start: 0, end: samples.length }])
  const cuts = pieces.slice(1).map(piece => piece.start / SAMPLE_RATE_HZ)
  expect(cuts).toHaveLength(2)
  expect(cuts[0]).toBeCloseTo(12.05, 1)
  expect(cuts[1]).toBeCloseTo(24.15, 1)
})

test('a pause of over a second always ends a piece; shorter ones only where the piece would be too long', () => {
  const voiced = [
    { start: seconds(0), end: seconds(2) },
    { start: seconds(2.5), end: seconds(4) },
    { start: seconds(5.1), end: seconds(12) },
    { start: seconds(12.9), end: seconds(22) },
  ]
  const pieces = cutIntoPieces(silence(23), voiced)
  expect(pieces.map(piece => piece.voiced.length)).toEqual([2, 1, 1])
})

test('where nothing is voiced there are no pieces', () => {
  expect(cutIntoPieces(silence(5), [])).toEqual([])
})

function sum(spans: Span[]): number {
  return spans.reduce((total, span) => total + span.end - span.start, 0)
}

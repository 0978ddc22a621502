import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { estimateWordTimes } from '../../../../local/recogniser/word-times.ts'

const ms = (start: number, end: number) => ({ start: start * 16, end: end * 16 })

test('words share the voiced time in proportion to their length', () => {
  expect(estimateWordTimes(['ab', 'abcde'], [ms(100, 1000)])).toEqual([
    { start_ms: 100, end_ms: 400 },
    { start_ms: 400, end_ms: 1000 },
  ])
})

test('no word is placed in a pause or across one', () => {
  const times = estimateWordTimes(['one', 'two', 'six', 'ten'], [ms(0, 900), ms(2000, 2600), ms(5000, 5500)])
  expect(times).toEqual([
    { start_ms: 0, end_ms: 500 },
    { start_ms: 500, end_ms: 900 },
    { start_ms: 2100, end_ms: 2600 },
    { start_ms: 5000, end_ms: 5500 },
  ])
})

test('times are in order, each within a voiced span, for any words and spans', () => {
  const spans = fc
    .array(
      fc.record({ pause: fc.integer({ min: 0, max: 3000 }), voice: fc.integer({ min: 60, max: 9000 }) }),
      {
        minLength: 1,
        maxLength: 8,
      },
    )
    .map(parts => {
      let position = 0
      return parts.map(({ pause, voice }) => {
        const start = position + pause
        position = start + voice
        return { start_ms: start, end_ms: position }
      })
    })
  const words = fc.array(fc.stringMatching(/^\w{1,12}$/), { maxLength: 30 })

  fc.assert(
    fc.property(words, spans, (texts, voiced) => {
      const times = estimateWordTimes(
        texts,
        voiced.map(span => ms(span.start_ms, span.end_ms)),
      )
      expect(times).toHaveLength(texts.length)
      for (const [index, time] of times.entries()) {
        expect(time.end_ms).toBeGreaterThanOrEqual(time.start_ms)
        expect(time.start_ms).toBeGreaterThanOrEqual(times[index - 1]?.end_ms ?? 0)
        expect(voiced.some(span => span.start_ms <= time.start_ms && time.end_ms <= span.end_ms)).toBe(true)
      }
    }),
  )
})

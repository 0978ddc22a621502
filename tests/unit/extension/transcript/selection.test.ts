import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TranscriptSegment } from '../../../../extension/transcript/model.ts'
import { lastMinutes } from '../../../../extension/transcript/range.ts'
import { selectSegments } from '../../../../extension/transcript/selection.ts'
import { askRequestSchema, maxTranscriptCharacters } from '../../../../src/contracts/transcription.ts'
import { jsonBody } from '../../../../src/http/request.ts'
import { apiEvent } from '../../support/api-event.ts'
import { segmentOf } from './samples.ts'

const hourMs = 3_600_000

/** Segments of a second each. */
const said = (...texts: string[]): TranscriptSegment[] =>
  texts.map((text, index) => ({ ...segmentOf('a', text, index * 1_000), index }))

const select = (segments: readonly TranscriptSegment[]) =>
  selectSegments(segments, lastMinutes(segments, 'all'))

/** What the backend reads of a question about them: it throws where it would refuse it. */
const taken = (segments: readonly TranscriptSegment[]) => {
  const body = JSON.stringify({ question: '\u0101'.repeat(1_000), segments: select(segments).segments })
  return jsonBody(apiEvent({ method: 'POST', body }), askRequestSchema).segments
}

describe('what is selected', () => {
  test('is what was said, without gaps, spaces and empty texts', () => {
    const gap: TranscriptSegment = {
      ...segmentOf('a', '', 2_000),
      index: 2,
      kind: 'gap',
      reason: 'offline',
    }
    const segments = [...said(' one ', '  '), gap]
    expect(select(segments)).toEqual({
      segments: [{ start_ms: 0, end_ms: 1_000, text: 'one' }],
      leftOut: 0,
      fromMs: 0,
    })
  })

  test('names the speaker, in as many characters as the API takes', () => {
    const segments = said('one', 'two', 'three').map((segment, index) => ({
      ...segment,
      speaker: ['Ann', '  ', 'x'.repeat(101)][index] ?? '',
    }))
    expect(taken(segments).map(segment => segment.speaker)).toEqual(['Ann', undefined, 'x'.repeat(100)])
  })

  test('is of a range only', () => {
    const { segments } = selectSegments(said('one', 'two', 'three'), { fromMs: 1_000, toMs: 2_000 })
    expect(segments.map(segment => segment.text)).toEqual(['two'])
  })

  test('is nothing where nothing was said', () => {
    expect(select([])).toEqual({ segments: [], leftOut: 0, fromMs: 0 })
  })

  test('has whole milliseconds', () => {
    const segments = [{ ...segmentOf('a', 'one', 0.4, 999.6), index: 0 }]
    expect(taken(segments)).toEqual([{ start_ms: 0, end_ms: 1_000, text: 'one' }])
  })
})

describe('at the bounds', () => {
  test('10,000 segments are all taken; of one more the first is left out', () => {
    const segments = said(...Array(10_001).fill('word'))
    expect(taken(segments.slice(0, 10_000))).toHaveLength(10_000)
    expect(taken(segments)).toHaveLength(10_000)
    expect(select(segments)).toMatchObject({ leftOut: 1, fromMs: 1_000 })
  })

  test('300,000 characters are all taken; of one more the first segment is left out', () => {
    const texts: string[] = Array(maxTranscriptCharacters / 1_000).fill('x'.repeat(1_000))
    expect(taken(said(...texts))).toHaveLength(300)
    expect(select(said(...texts)).leftOut).toBe(0)
    expect(taken(said('first', ...texts))).toHaveLength(300)
    expect(select(said('first', ...texts)).leftOut).toBe(1)
  })

  test('speakers count as the backend counts them', () => {
    const segments = said(...Array(300).fill('x'.repeat(1_000))).map(segment => ({
      ...segment,
      speaker: 'Ann',
    }))
    expect(taken(segments)).toHaveLength(299)
  })

  test('a body of texts that are long in bytes is no larger than the backend takes', () => {
    const segments = said(...Array(300).fill('字'.repeat(1_000)))
    expect(taken(segments).length).toBeGreaterThan(290)
    expect(select(segments).leftOut).toBeGreaterThan(0)
  })

  test('a text of 5,000 characters stays whole; a longer one is cut between words', () => {
    const whole = 'x'.repeat(5_000)
    expect(taken(said(whole)).map(segment => segment.text)).toEqual([whole])
    const words = `${'x'.repeat(4_000)} ${'y'.repeat(4_000)}`
    expect(taken(said(words))).toEqual([
      { start_ms: 0, end_ms: 500, text: 'x'.repeat(4_000) },
      { start_ms: 500, end_ms: 1_000, text: 'y'.repeat(4_000) },
    ])
  })

  test('a text without spaces is cut between characters', () => {
    const texts = taken(said(`x${'😀'.repeat(3_000)}`)).map(segment => segment.text)
    expect(texts.map(text => text.length)).toEqual([4_999, 1_002])
    expect(texts.every(text => text.isWellFormed())).toBe(true)
  })

  test('48 hours are taken, and nothing after them', () => {
    const segments = [
      { ...segmentOf('a', 'in time', 48 * hourMs - 1_000), index: 0 },
      { ...segmentOf('a', 'too late', 48 * hourMs), index: 1 },
    ]
    expect(taken(segments).map(segment => segment.text)).toEqual(['in time'])
    expect(select(segments).leftOut).toBe(1)
  })

  test('a selection is taken whatever was said, and misses only the earliest', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.constant('long '.repeat(3_000)))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 60 }), texts => {
        const segments = said(...texts)
        const { segments: selected, leftOut } = select(segments)
        const speech = texts.map(text => text.trim()).filter(text => text !== '')
        const withoutSpaces = (of: readonly string[]) => of.join('').replaceAll(/\s/g, '')
        expect(withoutSpaces(selected.map(segment => segment.text))).toBe(
          withoutSpaces(speech.slice(leftOut)),
        )
        if (selected.length > 0) taken(segments)
      }),
      { numRuns: 50 },
    )
  })
})

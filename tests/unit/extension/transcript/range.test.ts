import { describe, expect, test } from 'vitest'
import type { TranscriptSegment } from '../../../../extension/transcript/model.ts'
import { lastMinutes, segmentsWithin } from '../../../../extension/transcript/range.ts'
import { segmentOf } from './samples.ts'

const minuteMs = 60_000

const said = (...times: [startMs: number, endMs: number][]): TranscriptSegment[] =>
  times.map(([startMs, endMs], index) => ({ ...segmentOf('a', 'words', startMs, endMs), index }))

const indexesWithin = (segments: readonly TranscriptSegment[], fromMs: number, toMs: number): number[] =>
  segmentsWithin(segments, { fromMs, toMs }).map(segment => segment.index)

describe('the last minutes', () => {
  const segments = said([0, 1_000], [9 * minuteMs, 10 * minuteMs])

  test('are counted back from the last words', () => {
    expect(lastMinutes(segments, 2)).toEqual({ fromMs: 8 * minuteMs, toMs: 10 * minuteMs })
  })

  test('are counted back from now, and end with the last words all the same', () => {
    expect(lastMinutes(segments, 2, 11 * minuteMs)).toEqual({ fromMs: 9 * minuteMs, toMs: 10 * minuteMs })
  })

  test('are none where all was said before', () => {
    const range = lastMinutes(segments, 2, 30 * minuteMs)
    expect(segmentsWithin(segments, range)).toEqual([])
  })

  test('never begin before the captions', () => {
    expect(lastMinutes(segments, 30).fromMs).toBe(0)
  })

  test('may be all of them, the first and last included', () => {
    const all = said([0, 0], [0, 1_000], [5_000, 5_000])
    expect(segmentsWithin(all, lastMinutes(all, 'all'))).toEqual(all)
  })

  test('are nothing where nothing was said', () => {
    expect(lastMinutes([], 'all')).toEqual({ fromMs: 0, toMs: 0 })
  })
})

describe('a range', () => {
  const segments = said([0, 1_000], [1_000, 2_000], [2_000, 3_000])

  test('has what overlaps it, whole', () => {
    expect(indexesWithin(segments, 1_500, 2_500)).toEqual([1, 2])
  })

  test('has nothing of what ends as it begins, or begins as it ends', () => {
    expect(indexesWithin(segments, 1_000, 2_000)).toEqual([1])
  })

  test('may lie within one segment', () => {
    expect(indexesWithin(segments, 1_200, 1_300)).toEqual([1])
  })
})

import { expect, it } from 'vitest'
import { segmentAt } from '../../../../../extension/panel/transcript/segment-at.ts'
import { segment } from './segment.ts'

const list = [segment(0, { startMs: 500 }), segment(1), segment(2)]

it('is the segment that begins at a time, or the last that began before it', () => {
  expect(segmentAt(list, 3_000)).toBe(1)
  expect(segmentAt(list, 5_900)).toBe(1)
  expect(segmentAt(list, 900_000)).toBe(2)
})

it('is the first where a time is before all of them, and none where there are none', () => {
  expect(segmentAt(list, 0)).toBe(0)
  expect(segmentAt([], 0)).toBeUndefined()
})

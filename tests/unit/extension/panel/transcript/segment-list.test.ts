import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  firstMissing,
  type SegmentList,
  withSegments,
} from '../../../../../extension/panel/transcript/segment-list.ts'
import { segment } from './segment.ts'

const said = (count: number) => Array.from({ length: count }, (_, index) => segment(index))

/** Batches as they may come from the port and the store: each segment at least once, some often, in any order. */
const arrivals = fc.integer({ min: 1, max: 40 }).chain(count =>
  fc
    .array(fc.nat({ max: count - 1 }), { maxLength: 80 })
    .chain(more =>
      fc.shuffledSubarray([...said(count), ...more.map(index => segment(index))], {
        minLength: count + more.length,
      }),
    )
    .chain(order => fc.tuple(fc.constant(count), fc.constant(order), fc.integer({ min: 1, max: 15 }))),
)

describe('a list of segments', () => {
  it('holds each segment once and in order, however they come', () => {
    fc.assert(
      fc.property(arrivals, ([count, order, batch]) => {
        let list: SegmentList = []
        for (let from = 0; from < order.length; from += batch) {
          list = withSegments(list, order.slice(from, from + batch))
          const indexes = list.map(({ index }) => index)
          expect(indexes).toEqual([...new Set(indexes)].sort((one, other) => one - other))
        }
        expect(list).toEqual(said(count))
      }),
    )
  })

  it('names a missing index exactly as long as one is missing', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 30 })), indexes => {
        const list = withSegments(
          [],
          indexes.map(index => segment(index)),
        )
        const missing = said(31).findIndex(({ index }) => !indexes.includes(index))
        const last = Math.max(-1, ...indexes)
        expect(firstMissing(list)).toBe(missing !== -1 && missing < last ? missing : undefined)
      }),
    )
  })

  it('is the same list where nothing is new, so that nothing is drawn again', () => {
    const list = withSegments([], said(3))
    expect(withSegments(list, [segment(1), segment(2)])).toBe(list)
  })
})

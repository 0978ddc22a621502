import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTimeStamp, rangeOf } from '../../../../../extension/panel/range/range-choice.ts'
import { timeStamp } from '../../../../../extension/ui/format.ts'
import { segment } from '../transcript/segment.ts'

const list = Array.from({ length: 400 }, (_, index) => segment(index))
const endMs = 399 * 3_000 + 2_500

describe('a stretch of a transcript', () => {
  it('is all of it, or its last minutes', () => {
    expect(rangeOf({ name: 'all' }, list)).toEqual({ fromMs: 0, toMs: endMs })
    expect(rangeOf({ name: 'last', minutes: 2 }, list)).toEqual({ fromMs: endMs - 120_000, toMs: endMs })
  })

  it('goes from one time stamp to the end of the second that another one names', () => {
    expect(rangeOf({ name: 'between', from: '1:30', to: '12:05' }, list)).toEqual({
      fromMs: 90_000,
      toMs: 726_000,
    })
    expect(rangeOf({ name: 'between', from: '1:30', to: '1:30' }, list)).toEqual({
      fromMs: 90_000,
      toMs: 91_000,
    })
  })

  it('is none where the times are none, or the wrong way round', () => {
    expect(rangeOf({ name: 'between', from: '2:00', to: '1:00' }, list)).toBeUndefined()
    expect(rangeOf({ name: 'between', from: '2:00', to: '' }, list)).toBeUndefined()
  })
})

describe('a time stamp', () => {
  it('is read as it is written', () => {
    fc.assert(
      fc.property(fc.nat({ max: 48 * 3_600 }), seconds => {
        expect(parseTimeStamp(timeStamp(seconds * 1_000))).toBe(seconds * 1_000)
      }),
    )
    expect(parseTimeStamp(' 90:00 ')).toBe(5_400_000)
  })

  it.each(['', '12', '1:2', '0:60', '1:60:00', '-1:00', '1:00:00:00', 'soon'])('is not %j', stamp => {
    expect(parseTimeStamp(stamp)).toBeUndefined()
  })
})

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MediaSegment } from '../../../../src/upstream/hls/playlist.ts'
import { mutedMs, withPublicName } from '../../../../src/upstream/twitch/muted.ts'

/** Ten seconds each, from this position of the recording on. */
const segmentsOf = (names: readonly string[], startMs = 0): MediaSegment[] =>
  names.map((name, index) => ({
    url: new URL(`https://a.cloudfront.net/x-muted.ts/${name}?sig=1-muted.ts`),
    initUrl: undefined,
    fromMs: startMs + index * 10_000,
    toMs: startMs + (index + 1) * 10_000,
  }))

describe('how much is muted', () => {
  test.each([
    [['0.ts', '1.ts'], 0],
    [['0.ts', '1-muted.ts'], 10_000],
    [['0-unmuted.ts', '1-muted.ts'], 20_000],
    [['0-muted.mp4', '1.mp4'], 10_000],
    [['0-mutedly.ts', 'muted.ts'], 0],
    [[], 0],
  ])('of %j, by their names, is %i ms', (names, expected) => {
    expect(mutedMs(segmentsOf(names), null)).toBe(expected)
  })

  test('never counts anything twice, nor what is outside', () => {
    const second = fc.integer({ min: 0, max: 200 })
    const span = fc.record({ offset: second, duration: second })
    const named = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(named, fc.array(span, { maxLength: 5 }), second, (isNamed, spans, startSeconds) => {
        const names = isNamed.map((is, index) => (is ? `${index}-muted.ts` : `${index}.ts`))
        const isMuted = (at: number): boolean =>
          isNamed[Math.floor((at - startSeconds) / 10)] === true ||
          spans.some(({ offset, duration }) => offset <= at && at < offset + duration)
        const seconds = Array.from({ length: isNamed.length * 10 }, (_, index) => startSeconds + index)
        const expected = seconds.filter(isMuted).length * 1_000
        expect(mutedMs(segmentsOf(names, startSeconds * 1_000), spans)).toBe(expected)
      }),
    )
  })

  test('is a whole number', () => {
    expect(mutedMs(segmentsOf(['0.ts']), [{ offset: 1.0004, duration: 2.0004 }])).toBe(2_000)
  })
})

test.each([
  ['0.ts', '0.ts'],
  ['0-muted.ts', '0-muted.ts'],
  ['0-unmuted.ts', '0-muted.ts'],
  ['0-unmuted.mp4', '0-muted.mp4'],
  ['0-unmuted', '0-unmuted'],
])('%s is to be had as %s', (name, publicName) => {
  const [segment] = segmentsOf([name])
  const [expected] = segmentsOf([publicName])
  expect(withPublicName(segment as MediaSegment)).toEqual(expected)
})

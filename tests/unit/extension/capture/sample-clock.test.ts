import { describe, expect, it } from 'vitest'
import { createSampleClock, type FramePlace } from '../../../../extension/capture/sample-clock.ts'
import { frameMs, frameSamples } from '../../../../extension/capture/sound.ts'

const startMs = 1_700_000_000_000

/** Places frames that were full at these times after the start. */
const placed = (timesMs: Iterable<number>): FramePlace[] => {
  const clock = createSampleClock()
  return Array.from(timesMs, ms => clock.place(startMs + ms))
}

const missing = (places: readonly FramePlace[]): number =>
  places.reduce((total, { missingMs }) => total + missingMs, 0)

const every = (frames: number, stepMs: number): number[] =>
  Array.from({ length: frames }, (_, index) => index * stepMs)

describe('a clock of samples', () => {
  it('counts frames, and misses nothing where they come in time or up to a second late', () => {
    const times = every(200, frameMs).map((ms, index) => ms + ((index * 37) % 1_000))
    expect(placed(times)).toEqual(
      times.map((_, index) => ({ sampleIndex: index * frameSamples, missingMs: 0 })),
    )
  })

  it('leaves room for what is missing after a sleep, once, in whole frames', () => {
    const times = [0, 100, 200, 3_600_250, 3_600_350]
    expect(placed(times)).toEqual([
      { sampleIndex: 0, missingMs: 0 },
      { sampleIndex: 1_600, missingMs: 0 },
      { sampleIndex: 3_200, missingMs: 0 },
      { sampleIndex: 3_600_200 * 16, missingMs: 3_599_900 },
      { sampleIndex: 3_600_300 * 16, missingMs: 0 },
    ])
  })

  it('keeps what is less than a frame for the next time', () => {
    const places = placed([0, 1_390, 2_480])
    expect(places.map(({ missingMs }) => missingMs)).toEqual([0, 1_200, 1_000])
  })

  it('misses what is lost bit by bit, so that it is never a second behind', () => {
    const places = placed(every(2_000, frameMs + 2))
    expect(missing(places)).toBeGreaterThan(2_900)
    expect(missing(places)).toBeLessThanOrEqual(4_000)
    const behindMs = places.map(({ sampleIndex }, index) => index * (frameMs + 2) - sampleIndex / 16)
    // What drift accounts for is followed, and not counted.
    expect(Math.max(...behindMs)).toBeLessThan(1_000 + 2_000 * 0.02 + frameMs)
  })

  it.each([150, -150])(
    'follows a sound card whose clock is off by %d millionths for ten hours',
    millionths => {
      expect(missing(placed(every(360_000, frameMs * (1 + millionths / 1e6))))).toBe(0)
    },
  )

  it('takes no note of a wall clock that is set back, and notices what is missing after that', () => {
    const places = placed([0, 100, -3_599_800, -3_599_700, -3_597_600])
    expect(places.map(({ missingMs }) => missingMs)).toEqual([0, 0, 0, 0, 2_000])
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frameMs, type SoundFrame } from '../../../../extension/capture/sound.ts'
import { createSoundBuffer } from '../../../../extension/capture/sound-buffer.ts'

const frame = (startMs: number): SoundFrame => ({ startMs, samples: new Int16Array(1), isSound: true })

const buffered = (startsMs: readonly number[], maxSeconds = 90) => {
  const lost: [number, number][] = []
  const buffer = createSoundBuffer({ maxSeconds, onLost: (fromMs, toMs) => lost.push([fromMs, toMs]) })
  for (const startMs of startsMs) buffer.add(frame(startMs))
  return { buffer, lost }
}

/** Where frames begin that come in order, with holes here and there. */
const startsMs = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 20 })), {
    maxLength: 60,
  })
  .map(holes => {
    let nextMs = 0
    return holes.map(frames => {
      const startMs = nextMs + frames * frameMs
      nextMs = startMs + frameMs
      return startMs
    })
  })

/** Also right where a frame begins or ends. */
const anyMs = fc.oneof(
  fc.double({ min: -500, max: 20_000, noNaN: true }),
  fc.integer({ min: -5, max: 200 }).map(frames => frames * frameMs),
)

describe('a buffer of sound', () => {
  it('keeps the newest sound up to its bound and tells of all that it loses, oldest first', () => {
    fc.assert(
      fc.property(startsMs, fc.integer({ min: 1, max: 30 }), (starts, tenths) => {
        const { buffer, lost } = buffered(starts, tenths / 10)
        const kept = starts.slice(-tenths)
        expect(starts.filter(startMs => buffer.frameAt(startMs))).toEqual(kept)
        expect(lost).toEqual(starts.slice(0, starts.length - kept.length).map(ms => [ms, ms + frameMs]))
        expect(buffer.heldMs(0)).toBe(kept.length * frameMs)
        const endMs = (starts.at(-1) ?? -frameMs) + frameMs
        expect([buffer.startMs, buffer.endMs]).toEqual([kept[0] ?? endMs, endMs])
      }),
    )
  })

  it('finds the frame that sounds at a time, and the first from it on', () => {
    fc.assert(
      fc.property(startsMs, anyMs, (starts, ms) => {
        const { buffer } = buffered(starts)
        const at = starts.find(startMs => startMs <= ms && ms < startMs + frameMs)
        const from = starts.find(startMs => startMs >= ms)
        expect([buffer.frameAt(ms)?.startMs, buffer.frameFrom(ms)?.startMs]).toEqual([at, from])
      }),
    )
  })

  it('forgets the frames that have ended by a time, and calls none of them lost', () => {
    fc.assert(
      fc.property(startsMs, anyMs, (starts, ms) => {
        const { buffer, lost } = buffered(starts)
        buffer.forgetBefore(ms)
        const kept = starts.filter(startMs => startMs + frameMs > ms)
        expect(starts.filter(startMs => buffer.frameAt(startMs))).toEqual(kept)
        expect(lost).toEqual([])
      }),
    )
  })

  it('counts the sound in a span of time without its holes', () => {
    const { buffer } = buffered([0, 100, 5_000, 5_100, 5_200])
    expect(buffer.heldMs(100, 5_100)).toBe(200)
    expect(buffer.heldMs(5_100, 100)).toBe(0)
  })

  it('goes on from where it was, once all is forgotten', () => {
    const { buffer } = buffered([0, 100])
    buffer.forgetBefore(60_000)
    expect([buffer.startMs, buffer.endMs]).toEqual([200, 200])
    expect(() => buffer.add(frame(100))).toThrow(RangeError)
    buffer.add(frame(200))
    expect(buffer.endMs).toBe(300)
  })

  it('holds 90 seconds unless told otherwise', () => {
    const buffer = createSoundBuffer({ onLost: () => undefined })
    for (let index = 0; index < 1_000; index += 1) buffer.add(frame(index * frameMs))
    expect(buffer.heldMs(0)).toBe(90_000)
  })
})

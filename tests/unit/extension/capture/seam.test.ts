import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findSeam } from '../../../../extension/capture/seam.ts'
import { frameMs } from '../../../../extension/capture/sound.ts'
import { createSoundBuffer, type SoundBuffer } from '../../../../extension/capture/sound-buffer.ts'

/** A frame for each character: `#` is sound, `.` silence, a space nothing captured. */
const bufferOf = (picture: string): SoundBuffer => {
  const buffer = createSoundBuffer({ onLost: () => undefined })
  for (const [index, character] of [...picture].entries()) {
    if (character === ' ') continue
    const isSound = character === '#'
    buffer.add({ startMs: index * frameMs, samples: new Int16Array(1), isSound })
  }
  return buffer
}

const seamOf = (picture: string, fromMs = 0, toMs = picture.length * frameMs): number | undefined =>
  findSeam({ buffer: bufferOf(picture), fromMs, toMs })

describe('a seam', () => {
  it.each([
    ['the middle of a pause', '###....###', 500],
    ['the longest pause', '##...###.......##..##', 1_100],
    ['the first of two that are as long', '##..##...##...##', 700],
    ['the latest of several ample pauses that sound has followed', '##......##....##..', 1_200],
    ['no pause that still goes on, where another is complete', '##......###....##....', 1_300],
    ['a pause that still goes on, where it is the only one', '#####....', 700],
    ['a pause at the start', '....#####', 200],
    ['the time in which nothing was captured', '###      .###', 600],
  ])('is %s', (_, picture, seamMs) => {
    expect(seamOf(picture)).toBe(seamMs)
  })

  it.each([
    ['in sound', '########'],
    ['in silences of a tenth of a second', '##.##.##.'],
    ['in nothing', ''],
  ])('is nowhere %s', (_, picture) => {
    expect(seamOf(picture)).toBeUndefined()
  })

  it('counts only what is in the span of a pause', () => {
    expect(seamOf('##......##......##', 600, 900)).toBe(700)
    expect(seamOf('##......##......##', 700, 1_100)).toBeUndefined()
  })

  it('is not in what the buffer no longer holds, nor in what is yet to come', () => {
    const buffer = bufferOf('########')
    buffer.forgetBefore(500)
    expect(findSeam({ buffer, fromMs: 0, toMs: 5_000 })).toBeUndefined()
  })

  it('never lies next to sound and never outside the span', () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.constantFrom('#', '.', '..', '##', '   '), { maxLength: 60 })
          .map(parts => parts.join('')),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 100 }),
        (picture, from, length) => {
          const fromMs = from * frameMs
          const toMs = fromMs + length * frameMs
          const seamMs = seamOf(picture, fromMs, toMs)
          if (seamMs === undefined) return
          const buffer = bufferOf(picture)
          expect(buffer.frameAt(seamMs - 1)?.isSound ?? false).toBe(false)
          expect(buffer.frameAt(seamMs)?.isSound ?? false).toBe(false)
          expect(seamMs % frameMs).toBe(0)
          expect(seamMs).toBeGreaterThan(fromMs)
          expect(seamMs).toBeLessThan(toMs)
        },
      ),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { cutInPause, cutInSpeech, hasSound } from '../../../../extension/captions/cut.ts'
import { frameMs } from '../../../../extension/capture/sound.ts'
import { createSoundBuffer, type SoundBuffer } from '../../../../extension/capture/sound-buffer.ts'
import { frameOf } from './support/speech-script.ts'

/** Sound by frames of 100 ms: `#` is loud, `.` is silent. */
const soundOf = (frames: string): SoundBuffer => {
  const buffer = createSoundBuffer({ onLost: () => undefined })
  for (const [index, frame] of [...frames].entries()) {
    buffer.add({ startMs: index * frameMs, samples: frameOf(index, frame === '#'), isSound: frame === '#' })
  }
  return buffer
}

describe('a cut in a pause', () => {
  it('is in the middle of it, and the line before gets what it was sent already', () => {
    expect(cutInPause(soundOf('######....'), 1_000, 0)).toEqual({
      stopsAtMs: 1_000,
      startsAtMs: 800,
      knownFromMs: 800,
      ownsToMs: Number.POSITIVE_INFINITY,
      overlaps: false,
    })
  })

  it('is not made in speech, nor in the short silence before a consonant', () => {
    expect(cutInPause(soundOf('##########'), 1_000, 0)).toBeUndefined()
    expect(cutInPause(soundOf('########..'), 1_000, 0)).toBeUndefined()
    expect(cutInPause(soundOf('#####..###'), 1_000, 0)).toBeUndefined()
  })

  it('is not made where speech has gone on and was sent to the line before', () => {
    expect(cutInPause(soundOf('#####....#'), 1_000, 0)).toBeUndefined()
  })

  it('is made ahead of a line that lags behind, as far as that can still be fed', () => {
    const sound = soundOf('####################....######')
    expect(cutInPause(sound, 500, 2_000)).toMatchObject({ stopsAtMs: 2_200, startsAtMs: 2_200 })
    expect(cutInPause(sound, 500, 1_000)).toBeUndefined()
  })
})

it('a cut in speech lets the next line hear two seconds again, and the last word of the one before', () => {
  expect(cutInSpeech(10_000)).toEqual({
    stopsAtMs: 10_000,
    startsAtMs: 8_000,
    knownFromMs: 8_700,
    ownsToMs: 9_300,
    overlaps: true,
  })
  expect(cutInSpeech(500)).toMatchObject({ startsAtMs: 0 })
})

it('sound is found in a span of time, its end left out', () => {
  const sound = soundOf('..#..')
  expect([hasSound(sound, 0, 200), hasSound(sound, 0, 201), hasSound(sound, 300, 900)]).toEqual([
    false,
    true,
    false,
  ])
})

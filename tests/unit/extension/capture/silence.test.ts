import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createSilenceDetector } from '../../../../extension/capture/silence.ts'
import { frameMs } from '../../../../extension/capture/sound.ts'
import { type SilenceSettings, silenceSensitivities } from '../../../../extension/settings/model.ts'
import { fixturePath } from '../../../support/speech.ts'
import {
  atDbfs,
  cut,
  framesOf,
  hum,
  joined,
  looped,
  music,
  pinkNoise,
  recording,
  type Sound,
  silence,
  whiteNoise,
} from './sounds.ts'

type Sensitivity = SilenceSettings['sensitivity']

const settings = (sensitivity: Sensitivity, pauseAfterSeconds = 10): SilenceSettings => ({
  sensitivity,
  pauseAfterSeconds,
})

/** Which frames are sound. */
const heard = (sensitivity: Sensitivity, sound: Sound): boolean[] => {
  const detector = createSilenceDetector(settings(sensitivity))
  return framesOf(sound).map(samples => detector.hear(samples).isSound)
}

const wordTimes = z
  .object({ 'austen-0870.wav': z.array(z.tuple([z.string(), z.number(), z.number()])) })
  .parse(JSON.parse(readFileSync(fixturePath('austen-word-times.json'), 'utf8')))['austen-0870.wav']

const speech = recording('austen-0870.wav')
/** What the microphone picks up while nobody speaks, from before the first word and after the last. */
const room = joined(cut(recording('austen-0880.wav'), 0, 190), cut(speech, 6_850, 7_090))

const leadSeconds = 6

/** The words in which some frame is not heard, after a while of what was there before them. */
const wordsMissed = (sensitivity: Sensitivity, before: Sound, words: Sound): string[] => {
  const frames = heard(sensitivity, joined(looped(before, leadSeconds), words)).slice(
    (leadSeconds * 1_000) / frameMs,
  )
  return wordTimes
    .filter(([, fromMs, toMs]) =>
      frames.some((isSound, index) => !isSound && index * frameMs >= fromMs && (index + 1) * frameMs <= toMs),
    )
    .map(([word]) => word)
}

describe('speech', () => {
  it.each([
    ['low', -40],
    ['medium', -50],
    ['high', -60],
  ] as const)('is heard whole with sensitivity %s at %d dBFS', (sensitivity, dbfs) => {
    expect(wordsMissed(sensitivity, silence(1), atDbfs(speech, dbfs))).toEqual([])
  })

  it.each(silenceSensitivities)(
    'at its ordinary loudness is heard whole over the noise of its room, with sensitivity %s',
    sensitivity => {
      expect(wordsMissed(sensitivity, room, speech)).toEqual([])
    },
  )

  it.each(silenceSensitivities)('is heard over music that goes on, with sensitivity %s', sensitivity => {
    const background = atDbfs(music(7), -35)
    const both = speech.map((sample, index) => sample + (background[index] ?? 0))
    expect(wordsMissed(sensitivity, background, both)).toEqual([])
  })
})

describe('silence', () => {
  const afterSixSeconds = (frames: readonly boolean[]): boolean[] => frames.slice(60)
  const allSilent = (sensitivity: Sensitivity, sound: Sound): boolean =>
    afterSixSeconds(heard(sensitivity, sound)).every(isSound => !isSound)

  it.each(silenceSensitivities)(
    'is what is all zeros, from the first frame, with sensitivity %s',
    sensitivity => {
      expect(heard(sensitivity, silence(1))).not.toContain(true)
    },
  )

  it('is a constant offset, however large', () => {
    expect(heard('high', silence(1).fill(0.25))).not.toContain(true)
  })

  it.each([
    ['high', -62],
    ['medium', -52],
    ['low', -46],
  ] as const)('is steady noise, with sensitivity %s at %d dBFS', (sensitivity, dbfs) => {
    expect(allSilent(sensitivity, atDbfs(whiteNoise(12), dbfs))).toBe(true)
    expect(allSilent(sensitivity, atDbfs(hum(12), dbfs))).toBe(true)
    expect(allSilent(sensitivity, atDbfs(pinkNoise(12), dbfs))).toBe(true)
  })

  it('is the noise of the room in an ordinary recording, after the last word, with medium sensitivity', () => {
    expect(allSilent('medium', joined(looped(room, 2), speech, looped(room, 8)).slice(speech.length))).toBe(
      true,
    )
  })

  it('is not loud noise, however steady', () => {
    for (const sensitivity of silenceSensitivities) {
      expect(heard(sensitivity, atDbfs(whiteNoise(12), -35))).not.toContain(false)
    }
  })

  it('is not a new noise, until it has been steady for five seconds', () => {
    const frames = heard('medium', joined(silence(6), atDbfs(whiteNoise(8), -55))).slice(60)
    expect(frames.slice(0, 49)).not.toContain(false)
    expect(frames.slice(52)).not.toContain(true)
  })

  it.each([
    ['high', -60],
    ['medium', -55],
    ['low', -45],
  ] as const)('does not last in quiet music, with sensitivity %s at %d dBFS', (sensitivity, dbfs) => {
    const detector = createSilenceDetector(settings(sensitivity))
    const longest = Math.max(
      ...framesOf(atDbfs(music(20), dbfs)).map(samples => detector.hear(samples).silentForMs),
    )
    expect(longest).toBeLessThan(500)
  })
})

describe('a pause', () => {
  const hear = (detector: ReturnType<typeof createSilenceDetector>, sound: Sound): number =>
    Math.max(...framesOf(sound).map(samples => detector.hear(samples).silentForMs))

  it('is due after as many seconds of silence as the listener wants, and over with the first sound', () => {
    const detector = createSilenceDetector(settings('medium', 10))
    expect(hear(detector, silence(9.9))).toBe(9_900)
    expect(detector.shouldPause).toBe(false)
    expect(hear(detector, silence(0.1))).toBe(10_000)
    expect(detector.shouldPause).toBe(true)
    expect(hear(detector, cut(speech, 700, 800))).toBe(0)
    expect(detector.shouldPause).toBe(false)
  })

  it('is never due where the listener wants none', () => {
    const detector = createSilenceDetector(settings('medium', 0))
    hear(detector, silence(60))
    expect(detector.shouldPause).toBe(false)
  })

  it('follows what the listener changes, without forgetting the silence so far', () => {
    const detector = createSilenceDetector(settings('medium', 30))
    hear(detector, silence(12))
    detector.configure(settings('medium', 10))
    expect(detector.shouldPause).toBe(true)
    detector.configure(settings('high', 10))
    const faint = framesOf(atDbfs(whiteNoise(0.1), -70))
    expect(faint.map(samples => detector.hear(samples).isSound)).toEqual([true])
  })
})

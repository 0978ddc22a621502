import { readFileSync } from 'node:fs'
import { frameSamples, sampleRateHz } from '../../../../extension/capture/sound.ts'
import { fixturePath } from '../../../support/speech.ts'

/** Samples from -1 to 1, 16 kHz, one channel. */
export type Sound = Float64Array

const wavHeaderBytes = 44
const fullScale = 32_768

/** A recording in tests/fixtures: 16 kHz, 16 bit, one channel. */
export function recording(name: string): Sound {
  const wav = readFileSync(fixturePath(name))
  const samples = new Float64Array((wav.length - wavHeaderBytes) / 2)
  return samples.map((_, index) => wav.readInt16LE(wavHeaderBytes + index * 2) / fullScale)
}

/** Loudness over all, full scale being 0. */
export const dbfsOf = (sound: Sound): number =>
  10 * Math.log10(sound.reduce((sum, sample) => sum + sample ** 2, 0) / sound.length)

/** The same sound at another loudness over all. */
export const atDbfs = (sound: Sound, dbfs: number): Sound => {
  const factor = 10 ** ((dbfs - dbfsOf(sound)) / 20)
  return sound.map(sample => sample * factor)
}

export const silence = (seconds: number): Sound => new Float64Array(seconds * sampleRateHz)

export const cut = (sound: Sound, fromMs: number, toMs: number): Sound =>
  sound.slice((fromMs * sampleRateHz) / 1_000, (toMs * sampleRateHz) / 1_000)

export const joined = (...sounds: readonly Sound[]): Sound =>
  Float64Array.from(sounds.flatMap(sound => [...sound]))

/** A sound over and over, until it has lasted for a time. */
export const looped = (sound: Sound, seconds: number): Sound =>
  silence(seconds).map((_, index) => sound[index % sound.length] ?? 0)

const ofTime = (seconds: number, sampleAt: (timeSeconds: number) => number): Sound =>
  silence(seconds).map((_, index) => sampleAt(index / sampleRateHz))

/** The same numbers from -1 to 1 each time. */
function createRandom(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state / 2 ** 32) * 2 - 1
  }
}

export const whiteNoise = (seconds: number): Sound => {
  const random = createRandom()
  return ofTime(seconds, () => random())
}

/** Rain, a fan, the hiss of a microphone: 3 dB less an octave, by Paul Kellet's economy filter. */
export const pinkNoise = (seconds: number): Sound => {
  const random = createRandom()
  const state = { low: 0, middle: 0, high: 0 }
  return ofTime(seconds, () => {
    const white = random()
    state.low = 0.997_65 * state.low + white * 0.099_046
    state.middle = 0.963 * state.middle + white * 0.296_516_4
    state.high = 0.57 * state.high + white * 1.052_691_3
    return state.low + state.middle + state.high + white * 0.1848
  })
}

const tone = (hertz: number, timeSeconds: number): number => Math.sin(2 * Math.PI * hertz * timeSeconds)

export const hum = (seconds: number): Sound => ofTime(seconds, time => tone(50, time) + 0.3 * tone(150, time))

/** Three notes struck together, twice a second. */
export const music = (seconds: number): Sound =>
  ofTime(seconds, time => (tone(220, time) + tone(277, time) + tone(330, time)) * Math.exp(-4 * (time % 0.5)))

/** Whole frames of 16-bit samples, as they are captured. */
export function framesOf(sound: Sound): Int16Array<ArrayBuffer>[] {
  const count = Math.floor(sound.length / frameSamples)
  return Array.from({ length: count }, (_, index) => {
    const samples = sound.subarray(index * frameSamples, (index + 1) * frameSamples)
    return Int16Array.from(samples, sample => Math.round(Math.max(-1, Math.min(1, sample)) * 32_767))
  })
}

import { frameMs, frameSamples } from '../../../../../extension/capture/sound.ts'

/** A word that is spoken in a tab. Times are session time. */
export interface ScriptedWord {
  readonly text: string
  readonly startMs: number
  readonly endMs: number
}

const indexBits = 24

/** A frame of sound that tells which it is, so that a recogniser of a test knows what is said in it. */
export function frameOf(index: number, isLoud: boolean): Int16Array<ArrayBuffer> {
  const samples = new Int16Array(frameSamples)
  if (isLoud) for (let at = 0; at < frameSamples; at++) samples[at] = at % 2 === 0 ? 8_000 : -8_000
  for (let bit = 0; bit < indexBits; bit++) samples[bit] = (samples[bit] ?? 0) + ((index >> bit) & 1)
  return samples
}

export function indexOf(samples: Int16Array<ArrayBuffer>): number {
  let index = 0
  for (let bit = 0; bit < indexBits; bit++) index |= ((samples[bit] ?? 0) & 1) << bit
  return index
}

export const framesOf = ({ startMs, endMs }: ScriptedWord): { first: number; last: number } => ({
  first: Math.floor(startMs / frameMs),
  last: Math.floor((endMs - 1) / frameMs),
})

export interface ScriptOptions {
  readonly fromMs?: number
  readonly words: number
  readonly wordMs?: number
  /** After so many words there is a pause. 0: never. */
  readonly pauseAfter?: number
  readonly pauseMs?: number
}

/** Words that are all different, one after the other: `w0 w1 w2 …`, numbered on from `firstNumber`. */
export function speak(
  { fromMs = 500, words, wordMs = 350, pauseAfter = 0, pauseMs = 800 }: ScriptOptions,
  firstNumber = 0,
): ScriptedWord[] {
  let atMs = fromMs
  return Array.from({ length: words }, (_, index) => {
    if (index > 0 && pauseAfter > 0 && index % pauseAfter === 0) atMs += pauseMs
    const startMs = atMs
    atMs += wordMs
    return { text: nameOf(firstNumber + index), startMs, endMs: atMs - 20 }
  })
}

const letters = 'abcdefghijklmnopqrstuvwxyz'

/** Each number has a word of its own, at its end the number; neighbours are spelt as differently as words are. */
export const nameOf = (number: number): string =>
  [7, 11, 19, 23, 29].map(step => letters[(number * step + step) % 26]).join('') + String(number)

export const textOf = (words: readonly ScriptedWord[]): string => words.map(({ text }) => text).join(' ')

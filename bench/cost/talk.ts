import { readFileSync } from 'node:fs'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { mersenne } from 'pure-rand/generator/mersenne'
import type { Recogniser } from '../../local/recogniser/recogniser.ts'
import type { Segment } from '../../src/contracts/transcription.ts'

/** As people talk in streams: 150 words a minute. */
const msAWord = 400
const wordsASegment = 12
const samplesAMs = 16

/** Words of the repository's own prose, in an order that the seed says: no sentence comes twice. */
const vocabulary = [
  ...new Set(
    readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
      .toLowerCase()
      .match(/\b[a-z]{2,12}\b/g),
  ),
]

const talk = (count: number, seed: number): string[] => {
  const random = mersenne(seed)
  return Array.from({ length: count }, () => vocabulary[uniformInt(random, 0, vocabulary.length - 1)] ?? '')
}

/** What was said in so many minutes, as the extension hands it over. */
export const segmentsOf = (minutes: number, seed: number): Segment[] => {
  const words = talk(Math.floor((minutes * 60_000) / msAWord), seed)
  return Array.from({ length: Math.ceil(words.length / wordsASegment) }, (_, index) => ({
    start_ms: index * wordsASegment * msAWord,
    end_ms: (index + 1) * wordsASegment * msAWord,
    text: `${words.slice(index * wordsASegment, (index + 1) * wordsASegment).join(' ')}.`,
  }))
}

/** Hears as many words as there is time for, at once: what is measured here is not the vendor. */
export const quickRecogniser: Recogniser = {
  transcribe: async samples => {
    const words = talk(Math.floor(samples.length / samplesAMs / msAWord), samples.length).map(
      (text, index) => ({
        text: index % wordsASegment === wordsASegment - 1 ? `${text}.` : text,
        start_ms: index * msAWord,
        end_ms: (index + 1) * msAWord,
        confidence: 0.9,
      }),
    )
    return { text: words.map(({ text }) => text).join(' '), words }
  },
  hear: async () => [],
  close: async () => undefined,
}

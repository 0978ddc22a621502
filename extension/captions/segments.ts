import { type SpokenWord, textOf } from './word.ts'

/** What is said at most in one segment. */
const longestMs = 12_000
const mostCharacters = 240

/** Words that make one segment. */
export interface SpokenSegment {
  readonly startMs: number
  readonly endMs: number
  readonly text: string
  readonly speaker?: string
}

/**
 * Parts a turn into segments. A short turn of one speaker is one; a long one is parted between sentences, a long
 * sentence between clauses, and one without any between words.
 */
export function segmentsOf(words: readonly SpokenWord[]): SpokenSegment[] {
  return bySpeaker(words)
    .flatMap(said => partToFit(said, 0))
    .map(toSegment)
}

function bySpeaker(words: readonly SpokenWord[]): SpokenWord[][] {
  return groups(words, (word, before) => word.speaker !== before.speaker)
}

const sentenceEnd = /[.!?…。！？]["'”’)\]]*$/u
const clauseEnd = /[,;:–—、，]["'”’)\]]*$/u

/** Where a stretch that is too long may be parted, the best places first. */
const places: readonly ((before: SpokenWord) => boolean)[] = [
  before => sentenceEnd.test(before.text),
  before => clauseEnd.test(before.text),
  () => true,
]

/** Parts words until each part fits, and joins small parts again as far as they fit together. */
function partToFit(words: readonly SpokenWord[], place: number): SpokenWord[][] {
  const mayPart = places[place]
  if (fits(words) || mayPart === undefined) return [[...words]]
  const packed: SpokenWord[][] = []
  for (const piece of groups(words, (_, before) => mayPart(before))) {
    for (const part of partToFit(piece, place + 1)) {
      const last = packed.at(-1)
      if (last && fits([...last, ...part])) last.push(...part)
      else packed.push(part)
    }
  }
  return packed
}

function fits(words: readonly SpokenWord[]): boolean {
  const [first] = words
  const last = words.at(-1)
  if (!first || !last) return true
  return last.endMs - first.startMs <= longestMs && textOf(words).length <= mostCharacters
}

/** Parts a list wherever it is said to. */
function groups(
  words: readonly SpokenWord[],
  begins: (word: SpokenWord, before: SpokenWord) => boolean,
): SpokenWord[][] {
  const parts: SpokenWord[][] = []
  let before: SpokenWord | undefined
  for (const word of words) {
    const last = parts.at(-1)
    if (last && before && !begins(word, before)) last.push(word)
    else parts.push([word])
    before = word
  }
  return parts
}

function toSegment(words: readonly SpokenWord[]): SpokenSegment {
  const [first] = words
  return {
    startMs: first?.startMs ?? 0,
    endMs: words.at(-1)?.endMs ?? 0,
    text: textOf(words),
    ...(first?.speaker === undefined ? {} : { speaker: first.speaker }),
  }
}

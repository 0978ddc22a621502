import type { Segment, Word } from '../contracts/transcription.ts'

/** After a silence this long, something else may have begun: a game, another speaker. */
const longestPauseMs = 2_000
/** About half a minute of speech: a point that cites a segment leads near to what it says, also without punctuation. */
const longestCharacters = 500

/** Less says nothing by itself, or is no sentence at all ("And Mr."): it stays with the next one. */
const fewestWords = 3

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' })
const wordsIn = new Intl.Segmenter('en', { granularity: 'word' })

const textOf = (words: readonly Word[]): string => words.map(({ text }) => text).join(' ')

/** Not one for each of the vendor's: those of other scripts may be whole clauses. */
const isShort = (words: readonly Word[]): boolean =>
  [...wordsIn.segment(textOf(words))].filter(({ isWordLike }) => isWordLike).length < fewestWords

/** Which words begin a sentence, by their places in the list. */
const sentenceStarts = (words: readonly Word[]): ReadonlySet<number> => {
  const starts = new Set<number>()
  for (const { index } of sentences.segment(textOf(words))) starts.add(index)
  let offset = 0
  const begins = words.flatMap(({ text }, place) => {
    const start = offset
    offset += text.length + 1
    return starts.has(start) ? [place] : []
  })
  return new Set(begins)
}

const lengthOf = (words: readonly Word[]): number => words.reduce((sum, { text }) => sum + text.length + 1, 0)

const startsAnother = (group: readonly Word[], word: Word): boolean => {
  const last = group.at(-1)
  if (last === undefined) return true
  return (
    word.start_ms - last.end_ms >= longestPauseMs || lengthOf(group) + word.text.length > longestCharacters
  )
}

/**
 * Cuts what was heard into segments: a sentence each, a very short one with the next; or less where there is a long
 * pause or no end to a sentence.
 * @param offsetMs where the sound began in its recording
 */
export const toSegments = (words: readonly Word[], offsetMs: number): Segment[] => {
  const starts = sentenceStarts(words)
  const groups: Word[][] = []
  for (const [place, word] of words.entries()) {
    const group = groups.at(-1) ?? []
    const isSentence = starts.has(place) && !isShort(group)
    if (isSentence || startsAnother(group, word)) groups.push([word])
    else group.push(word)
  }
  return groups.map(group => {
    const startMs = group[0]?.start_ms ?? 0
    return {
      start_ms: offsetMs + startMs,
      end_ms: offsetMs + Math.max(startMs, group.at(-1)?.end_ms ?? 0),
      text: textOf(group),
    }
  })
}

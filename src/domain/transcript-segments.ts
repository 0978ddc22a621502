import type { Segment, Word } from '../contracts/transcription.ts'

/** After a silence this long, something else may have begun: a game, another speaker. */
const longestPauseMs = 2_000
/** About half a minute of speech: a point that cites a segment leads near to what it says, also without punctuation. */
const longestCharacters = 500

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' })

/** Which words begin a sentence, by their places in the list. */
const sentenceStarts = (words: readonly Word[]): ReadonlySet<number> => {
  const starts = new Set<number>()
  for (const { index } of sentences.segment(words.map(({ text }) => text).join(' '))) starts.add(index)
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
 * Cuts what was heard into segments: a sentence each, or less where there is a long pause or no end to a sentence.
 * @param offsetMs where the sound began in its recording
 */
export const toSegments = (words: readonly Word[], offsetMs: number): Segment[] => {
  const starts = sentenceStarts(words)
  const groups: Word[][] = []
  for (const [place, word] of words.entries()) {
    const group = groups.at(-1) ?? []
    if (starts.has(place) || startsAnother(group, word)) groups.push([word])
    else group.push(word)
  }
  return groups.map(group => {
    const startMs = group[0]?.start_ms ?? 0
    return {
      start_ms: offsetMs + startMs,
      end_ms: offsetMs + Math.max(startMs, group.at(-1)?.end_ms ?? 0),
      text: group.map(({ text }) => text).join(' '),
    }
  })
}

import { middleMs, type SpokenWord } from './word.ts'

/** What several lines have understood and is not written yet, in order of time, each word once. @param afterMs session time */
export function inSequence(words: readonly SpokenWord[], afterMs: number): SpokenWord[] {
  const shown: SpokenWord[] = []
  let toMs = afterMs
  for (const word of words.toSorted((a, b) => a.startMs - b.startMs)) {
    if (middleMs(word) < toMs) continue
    shown.push(word)
    toMs = word.endMs
  }
  return shown
}

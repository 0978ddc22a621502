import { distance } from 'fastest-levenshtein'

/** Spellings that the reference texts write out. */
const WRITTEN_OUT: Record<string, string> = { mr: 'mister', mrs: 'missus', dr: 'doctor' }

/**
 * The word error rate: how many words must be replaced, inserted or left out to turn `heard` into `said`,
 * divided by the number of words said. Case, punctuation and hyphens do not count.
 */
export function wordErrorRate(said: string, heard: string): number {
  const saidWords = plainWords(said)
  const lettersByWord = new Map<string, string>()
  const spell = (words: string[]) => words.map(word => letterFor(word, lettersByWord)).join('')
  return distance(spell(saidWords), spell(plainWords(heard))) / saidWords.length
}

/** The words of a text as {@link wordErrorRate} compares them. */
export function plainWords(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []
  return words.map(word => WRITTEN_OUT[word] ?? word)
}

/** One character for each different word, so that a distance of characters is one of words. */
function letterFor(word: string, lettersByWord: Map<string, string>): string {
  const letter = lettersByWord.get(word) ?? String.fromCharCode(0x100 + lettersByWord.size)
  lettersByWord.set(word, letter)
  return letter
}

import { distance } from 'fastest-levenshtein'
import { middleMs, type SpokenWord } from './word.ts'

/** How far apart two hearings of one word can be in time, where a neighbour is heard alike too. */
const apartInRunMs = 700
/** And where it stands alone, or is not heard quite the same: a word as short as "the" is said again soon. */
const apartAloneMs = 300
/** The part of a word's letters that may differ. */
const differentPart = 0.34

/** A word that was heard twice: its index in what is known, and in what came. */
interface Match {
  readonly known: number
  readonly came: number
}

/**
 * How many of the first words that came are known already, because two recognisers have heard the same stretch of
 * sound. What is spelt alike at about the same time is the same word; between words that are not, the time decides.
 *
 * @param known the last words that are final, in order
 * @param came words that begin at about the same time or later, in order
 */
export function countRepeated(known: readonly SpokenWord[], came: readonly SpokenWord[]): number {
  const knownToMs = Math.max(Number.NEGATIVE_INFINITY, ...known.map(word => word.endMs))
  const matches = align(
    known,
    came.filter(word => word.startMs < knownToMs + apartAloneMs),
  )
  const last = matches.at(-1)
  if (last && last.known === known.length - 1) return last.came + 1
  const from = last ? last.came + 1 : 0
  const fresh = came.findIndex((word, index) => index >= from && middleMs(word) > knownToMs)
  return fresh === -1 ? came.length : fresh
}

/**
 * The pairs of words that are most alike and nearest in time, in order: the heaviest common subsequence.
 */
function align(known: readonly SpokenWord[], came: readonly SpokenWord[]): Match[] {
  const pairs = pairsOf(known, came)
  const best = known.map(() => came.map(() => 0))
  const bestAt = (row: number, column: number): number => best[row]?.[column] ?? 0
  known.forEach((_, row) => {
    came.forEach((_, column) => {
      const taken = bestAt(row - 1, column - 1) + weightAt(pairs, row, column)
      const line = best[row]
      if (line) line[column] = Math.max(bestAt(row - 1, column), bestAt(row, column - 1), taken)
    })
  })
  return backtrack(known.length - 1, came.length - 1, bestAt)
}

function backtrack(
  lastRow: number,
  lastColumn: number,
  bestAt: (row: number, column: number) => number,
): Match[] {
  const matches: Match[] = []
  let row = lastRow
  let column = lastColumn
  while (row >= 0 && column >= 0) {
    const best = bestAt(row, column)
    if (best === bestAt(row - 1, column)) row -= 1
    else if (best === bestAt(row, column - 1)) column -= 1
    else {
      matches.unshift({ known: row, came: column })
      row -= 1
      column -= 1
    }
  }
  return matches
}

/** Two hearings that may be of one word. */
interface Pair {
  /** From 0 to 1, which is the same spelling. */
  readonly likeness: number
  readonly apartMs: number
}

const pairsOf = (known: readonly SpokenWord[], came: readonly SpokenWord[]): Pair[][] =>
  known.map(first =>
    came.map(second => ({
      likeness: likenessOf(plain(first.text), plain(second.text)),
      apartMs: Math.abs(middleMs(first) - middleMs(second)),
    })),
  )

/**
 * From 0, where two words are not the same, to 1, where they are and at the same time. Where words are said again at
 * once, two pairs that are a word apart must weigh less than one that is not.
 */
function weightAt(pairs: readonly (readonly Pair[])[], row: number, column: number): number {
  const pair = pairs[row]?.[column]
  if (!pair) return 0
  const isInRun = isSame(pairs[row - 1]?.[column - 1]) || isSame(pairs[row + 1]?.[column + 1])
  const mostApartMs = isInRun && pair.likeness === 1 ? apartInRunMs : apartAloneMs
  return pair.apartMs > mostApartMs ? 0 : pair.likeness * (1 - pair.apartMs / (apartInRunMs + 1)) ** 3
}

const isSame = (pair: Pair | undefined): boolean =>
  pair !== undefined && pair.likeness > 0 && pair.apartMs <= apartInRunMs

/** Without case and punctuation. */
const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')

function likenessOf(first: string, second: string): number {
  const letters = Math.max(first.length, second.length)
  if (letters === 0) return 0
  const different = distance(first, second) / letters
  return different > differentPart ? 0 : 1 - different
}

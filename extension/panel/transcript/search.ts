import type { SegmentList } from './segment-list.ts'

/** Where something was found: in the text of the segment at a place in the list. */
export interface Match {
  readonly place: number
  readonly from: number
  readonly to: number
}

/**
 * Finds a phrase, whatever its case and however its words are spaced. Matches don't overlap and are in the order of the
 * text; a phrase that goes over two segments is not found.
 */
export function findMatches(list: SegmentList, phrase: string): Match[] {
  const pattern = patternOf(phrase)
  if (pattern === undefined) return []
  return list.flatMap(({ text }, place) =>
    [...text.matchAll(pattern)].map(({ index, 0: { length } }) => ({
      place,
      from: index,
      to: index + length,
    })),
  )
}

function patternOf(phrase: string): RegExp | undefined {
  const words = phrase.trim().split(/\s+/)
  if (words[0] === '') return undefined
  return new RegExp(words.map(escaped).join('\\s+'), 'giu')
}

const escaped = (word: string): string => word.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** The first match in or after the segment at a place; the first of all where none is. */
export function matchFrom(matches: readonly Match[], place: number): number {
  return Math.max(
    0,
    matches.findIndex(match => match.place >= place),
  )
}

/** The next match or the one before, round and round. */
export const stepMatch = (current: number, step: 1 | -1, count: number): number =>
  count === 0 ? 0 : (current + step + count) % count

/** Of many matches those around the current one: more are not worth being marked at once. */
export function matchesAround<Value>(matches: readonly Value[], current: number, most: number): Value[] {
  const from = Math.min(Math.max(0, current - Math.floor(most / 2)), Math.max(0, matches.length - most))
  return matches.slice(from, from + most)
}

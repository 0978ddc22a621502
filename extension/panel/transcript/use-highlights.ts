import { useEffect } from 'preact/hooks'
import { type Match, matchesAround } from './search.ts'
import { segmentId } from './segment-chunk.tsx'
import type { SegmentList } from './segment-list.ts'

/** More are not marked at once: nobody sees them, and each costs time. */
const mostMarked = 1_000

/** Marks what was found, and the current match in another colour, without touching the text. */
export function useHighlights(segments: SegmentList, matches: readonly Match[], current: number): void {
  useEffect(() => {
    const found = new Highlight(...rangesOf(segments, matchesAround(matches, current, mostMarked)))
    const now = new Highlight(...rangesOf(segments, matches.slice(current, current + 1)))
    now.priority = 1
    CSS.highlights.set('found', found)
    CSS.highlights.set('found-now', now)
    return () => {
      CSS.highlights.delete('found')
      CSS.highlights.delete('found-now')
    }
  }, [segments, matches, current])
}

const rangesOf = (segments: SegmentList, matches: readonly Match[]): StaticRange[] =>
  matches.flatMap(({ place, from, to }) => {
    const node = textOf(segments[place]?.index)
    return node === undefined || to > node.length
      ? []
      : [new StaticRange({ startContainer: node, startOffset: from, endContainer: node, endOffset: to })]
  })

function textOf(index: number | undefined): Text | undefined {
  if (index === undefined) return undefined
  const node = document.getElementById(segmentId(index))?.querySelector('.said')?.firstChild
  return node instanceof Text ? node : undefined
}

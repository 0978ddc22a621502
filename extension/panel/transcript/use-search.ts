import type { RefObject } from 'preact'
import { useMemo, useRef, useState } from 'preact/hooks'
import { findMatches, type Match, matchFrom, stepMatch } from './search.ts'
import type { Search } from './search-bar.tsx'
import { segmentId } from './segment-chunk.tsx'
import type { SegmentList } from './segment-list.ts'
import type { FollowingList } from './use-follow.ts'
import { useHighlights } from './use-highlights.ts'

/** Searches a transcript and leads from match to match, from the place that was in sight when the search began. */
export function useSearch(
  segments: SegmentList,
  scroller: RefObject<HTMLElement | null>,
  list: Pick<FollowingList, 'toElement'>,
) {
  const [phrase, setPhrase] = useState('')
  const [current, setCurrent] = useState(0)
  const origin = useRef(0)
  const matches = useMemo(() => findMatches(segments, phrase), [segments, phrase])
  useHighlights(segments, matches, current)

  const goTo = (match: number, among: readonly Match[]): void => {
    setCurrent(match)
    const index = segments[among[match]?.place ?? -1]?.index
    const element = index === undefined ? null : document.getElementById(segmentId(index))
    if (element) list.toElement(element)
  }
  const search: Search = { phrase, count: matches.length, current }
  return {
    search,
    onPhrase: (next: string): void => {
      if (phrase === '') origin.current = placeInSight(segments, scroller.current)
      setPhrase(next)
      const found = findMatches(segments, next)
      goTo(matchFrom(found, origin.current), found)
    },
    onStep: (step: 1 | -1): void => goTo(stepMatch(current, step, matches.length), matches),
  }
}

/** The place in the list of the first segment that is in sight. */
function placeInSight(segments: SegmentList, scroller: HTMLElement | null): number {
  if (!scroller) return 0
  const { left, top, width } = scroller.getBoundingClientRect()
  const id = document.elementFromPoint(left + width / 2, top + 16)?.closest('.segment')?.id
  return Math.max(
    0,
    segments.findIndex(({ index }) => segmentId(index) === id),
  )
}

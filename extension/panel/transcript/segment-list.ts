import type { TranscriptSegment } from '../../transcript/model.ts'

/** Segments of one session in the order of their indexes, each once. */
export type SegmentList = readonly TranscriptSegment[]

/**
 * Takes segments in, from the store or from the port, in whatever order and however often they come. What is there
 * stays as it is: segments never change. Gives the same list where nothing is new.
 */
export function withSegments(list: SegmentList, arrived: readonly TranscriptSegment[]): SegmentList {
  const added = new Map<number, TranscriptSegment>()
  const known = new Set(list.map(segment => segment.index))
  for (const segment of arrived) {
    if (!known.has(segment.index) && !added.has(segment.index)) added.set(segment.index, segment)
  }
  if (added.size === 0) return list
  return [...list, ...added.values()].sort((one, other) => one.index - other.index)
}

/** The first index that is missing before one that is there; undefined where none is. */
export function firstMissing(list: SegmentList): number | undefined {
  const place = list.findIndex((segment, index) => segment.index !== index)
  return place === -1 ? undefined : place
}

import type { SegmentList } from './segment-list.ts'

/** The index of the segment that is said at a time, or of the last before it; undefined where there is none. */
export const segmentAt = (list: SegmentList, ms: number): number | undefined =>
  (list.findLast(segment => segment.startMs <= ms) ?? list[0])?.index

import { useMemo } from 'preact/hooks'
import type { TranscriptRange } from '../../transcript/range.ts'
import { type Selection, selectSegments } from '../../transcript/selection.ts'
import type { SegmentList } from '../transcript/segment-list.ts'

const nothing: SegmentList = []

/** What would be sent of a range. In a tab that is not shown nothing is reckoned: a long transcript takes a while. */
export function useSelection(segments: SegmentList, range: TranscriptRange, isShown: boolean): Selection {
  const considered = isShown ? segments : nothing
  return useMemo(() => selectSegments(considered, range), [considered, range.fromMs, range.toMs])
}

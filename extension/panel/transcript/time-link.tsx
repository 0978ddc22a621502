import { timeStamp } from '../../ui/format.ts'
import { segmentAt } from './segment-at.ts'
import { segmentId } from './segment-chunk.tsx'
import type { SegmentList } from './segment-list.ts'

/** A time of the transcript: following it leads to what was said then. */
export function TimeLink(props: {
  readonly ms: number
  readonly segments: SegmentList
  readonly onFollow: (index: number) => void
}) {
  const index = segmentAt(props.segments, props.ms)
  const label = timeStamp(props.ms)
  if (index === undefined) return <span class="number">{label}</span>
  return (
    <a
      class="number"
      href={`#${segmentId(index)}`}
      onClick={event => {
        event.preventDefault()
        props.onFollow(index)
      }}
    >
      {label}
    </a>
  )
}

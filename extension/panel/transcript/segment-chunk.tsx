import { Component } from 'preact'
import type { TranscriptSegment } from '../../transcript/model.ts'
import { duration, timeStamp } from '../../ui/format.ts'
import { text } from '../../ui/text.ts'
import type { SegmentList } from './segment-list.ts'

/** As many segments are drawn, laid out and skipped together. */
export const segmentsInChunk = 50

interface ChunkProps {
  readonly segments: SegmentList
  readonly startedAtMs: number
  /** Of the time by the clock. Making one takes longer than drawing a segment. */
  readonly clock: Intl.DateTimeFormat
}

/**
 * Some segments that follow one another. Segments don't change, so a chunk is drawn again only when it grows; what is far
 * out of sight is not laid out, but stays in the document: to be found, selected and copied.
 */
export class SegmentChunk extends Component<ChunkProps> {
  override shouldComponentUpdate({ segments }: ChunkProps): boolean {
    const before = this.props.segments
    return segments.length !== before.length || segments.some((segment, place) => segment !== before[place])
  }

  override render({ segments, startedAtMs, clock }: ChunkProps) {
    return (
      <div class="chunk">
        {segments.map(segment => (
          <Segment
            key={segment.index}
            segment={segment}
            clockTime={clock.format(startedAtMs + segment.startMs)}
          />
        ))}
      </div>
    )
  }
}

/** The id of a segment's element: links to a time lead to it. */
export const segmentId = (index: number): string => `segment-${index}`

function Segment(props: { readonly segment: TranscriptSegment; readonly clockTime: string }) {
  const { segment, clockTime } = props
  return (
    <div class="segment" id={segmentId(segment.index)} tabIndex={-1}>
      <span class="stamp number" title={clockTime}>
        {timeStamp(segment.startMs)}
      </span>
      {segment.kind === 'gap' ? (
        <div class="gap">{gapText(segment)}</div>
      ) : (
        <div>
          {segment.speaker === undefined ? null : <b>{segment.speaker}: </b>}
          <span class="said">{segment.text}</span>
        </div>
      )}
    </div>
  )
}

const gapText = ({ reason = 'interrupted', startMs, endMs }: TranscriptSegment): string =>
  text(`panel_gap_${reason}`, duration((endMs - startMs) / 1_000))

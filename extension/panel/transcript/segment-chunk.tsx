import { Component } from 'preact'
import type { TranscriptSegment } from '../../transcript/model.ts'
import { duration, timeStamp } from '../../ui/format.ts'
import { formatLanguage, text } from '../../ui/text.ts'
import type { SegmentList } from './segment-list.ts'

/** As many segments are drawn, laid out and skipped together. */
export const segmentsInChunk = 50

interface ChunkProps {
  readonly segments: SegmentList
  readonly startedAtMs: number
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

  override render({ segments, startedAtMs }: ChunkProps) {
    return (
      <div class="chunk">
        {segments.map(segment => (
          <Segment key={segment.index} segment={segment} startedAtMs={startedAtMs} />
        ))}
      </div>
    )
  }
}

/** The id of a segment's element: links to a time lead to it. */
export const segmentId = (index: number): string => `segment-${index}`

function Segment({
  segment,
  startedAtMs,
}: {
  readonly segment: TranscriptSegment
  readonly startedAtMs: number
}) {
  return (
    <div class="segment" id={segmentId(segment.index)} tabIndex={-1}>
      <span class="stamp number" title={clockTime(startedAtMs + segment.startMs)}>
        {timeStamp(segment.startMs)}
      </span>
      {segment.kind === 'gap' ? (
        <p class="gap">{gapText(segment)}</p>
      ) : (
        <p>
          {segment.speaker === undefined ? null : <b>{segment.speaker}: </b>}
          <span class="said">{segment.text}</span>
        </p>
      )}
    </div>
  )
}

const gapText = ({ reason = 'interrupted', startMs, endMs }: TranscriptSegment): string =>
  text(`panel_gap_${reason}`, duration((endMs - startMs) / 1_000))

const clockTime = (ms: number): string =>
  new Intl.DateTimeFormat(formatLanguage(), { timeStyle: 'medium' }).format(ms)

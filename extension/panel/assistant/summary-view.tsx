import type { CatchupResponse } from '../../../src/contracts/transcription.ts'
import { timeStamp } from '../../ui/format.ts'
import { text } from '../../ui/text.ts'
import type { SegmentList } from '../transcript/segment-list.ts'
import { TimeLink } from '../transcript/time-link.tsx'
import { recordingUrl } from './recording-url.ts'

/** What a catch-up has come to: points with their times, in the transcript or in the recording on Twitch. */
export function SummaryView(props: {
  readonly answer: CatchupResponse
  readonly segments: SegmentList
  readonly onFollow: (index: number) => void
}) {
  const { summary, recording } = props.answer
  if (!summary) return null
  return (
    <>
      <h3>{summary.headline}</h3>
      <ul class="points">
        {summary.points.map((point, place) => (
          <li key={place}>
            {recording ? (
              <a
                class="number"
                href={recordingUrl(recording.video_id, point.at_ms)}
                target="_blank"
                rel="noopener noreferrer"
                title={text('panel_on_twitch')}
              >
                {timeStamp(point.at_ms)}
              </a>
            ) : (
              <TimeLink ms={point.at_ms} segments={props.segments} onFollow={props.onFollow} />
            )}
            <span>{point.text}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

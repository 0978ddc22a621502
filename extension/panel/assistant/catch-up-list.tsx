import type { AssistantRequest } from '../../transcript/model.ts'
import { moment, timeStamp } from '../../ui/format.ts'
import { plural, text } from '../../ui/text.ts'
import type { SegmentList } from '../transcript/segment-list.ts'
import { catchupIn } from './reading.ts'
import { RequestNote } from './request-note.tsx'
import type { RequestState } from './request-state.ts'
import { SummaryView } from './summary-view.tsx'

/** Catch-ups, newest first, with what they have come to. */
export function CatchUpList(props: {
  readonly history: readonly RequestState[]
  readonly segments: SegmentList
  readonly onFollow: (index: number) => void
  readonly onTryAgain: (operationId: string) => void
}) {
  if (props.history.length === 0) return <p class="quiet">{text('panel_catch_up_none')}</p>
  return (
    <section class="stack" aria-label={text('panel_catch_ups')}>
      <h2 class="visually-hidden">{text('panel_catch_ups')}</h2>
      {props.history.map(state => (
        <CatchUp key={state.request.operationId} {...props} state={state} />
      ))}
    </section>
  )
}

function CatchUp(props: {
  readonly state: RequestState
  readonly segments: SegmentList
  readonly onFollow: (index: number) => void
  readonly onTryAgain: (operationId: string) => void
}) {
  const { request } = props.state
  const answer = catchupIn(request)
  return (
    <article class="card stack">
      {answer ? <SummaryView answer={answer} segments={props.segments} onFollow={props.onFollow} /> : null}
      <RequestNote state={props.state} onTryAgain={() => props.onTryAgain(request.operationId)} />
      <p class="quiet small">
        {[
          aboutText(request.body),
          moment(request.askedAtMs),
          answer?.credits_used === undefined ? '' : plural('credits', answer.credits_used),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </article>
  )
}

function aboutText(body: AssistantRequest['body']): string {
  return body.kind === 'catchup_channel'
    ? text('panel_about_channel', body.channel, body.minutes)
    : text('panel_range', timeStamp(body.fromMs), timeStamp(body.toMs))
}

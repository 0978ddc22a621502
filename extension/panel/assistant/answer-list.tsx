import { moment } from '../../ui/format.ts'
import { plural, text } from '../../ui/text.ts'
import type { SegmentList } from '../transcript/segment-list.ts'
import { TimeLink } from '../transcript/time-link.tsx'
import { answerIn } from './reading.ts'
import { RequestNote } from './request-note.tsx'
import type { RequestState } from './request-state.ts'

/** Questions, newest first, with their answers. */
export function AnswerList(props: {
  readonly history: readonly RequestState[]
  readonly segments: SegmentList
  readonly onFollow: (index: number) => void
  readonly onTryAgain: (operationId: string) => void
}) {
  if (props.history.length === 0) return null
  return (
    <section class="stack" aria-label={text('panel_answers')}>
      <h2 class="visually-hidden">{text('panel_answers')}</h2>
      {props.history.map(state => (
        <Answer key={state.request.operationId} {...props} state={state} />
      ))}
    </section>
  )
}

function Answer(props: {
  readonly state: RequestState
  readonly segments: SegmentList
  readonly onFollow: (index: number) => void
  readonly onTryAgain: (operationId: string) => void
}) {
  const { request } = props.state
  const answer = answerIn(request)
  return (
    <article class="card stack">
      <h3>{request.body.kind === 'ask' ? request.body.question : ''}</h3>
      {answer ? <p class="answer">{answer.answer}</p> : null}
      {answer && answer.cited.length > 0 ? (
        <p class="cited">
          <span class="quiet">{text('panel_cited')}</span>
          {answer.cited.map(ms => (
            <TimeLink key={ms} ms={ms} segments={props.segments} onFollow={props.onFollow} />
          ))}
        </p>
      ) : null}
      <RequestNote state={props.state} onTryAgain={() => props.onTryAgain(request.operationId)} />
      <p class="quiet small">
        {moment(request.askedAtMs)}
        {answer ? ` · ${plural('credits', answer.credits_used)}` : null}
      </p>
    </article>
  )
}

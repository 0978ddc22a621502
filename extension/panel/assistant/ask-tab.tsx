import { useEffect, useState } from 'preact/hooks'
import { BusyButton } from '../../ui/busy-button.tsx'
import { Field } from '../../ui/field.tsx'
import { timeStamp } from '../../ui/format.ts'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { text } from '../../ui/text.ts'
import { useTask } from '../../ui/use-task.ts'
import type { Credits } from '../account/use-credits.ts'
import type { PanelState } from '../panel-state.ts'
import { type Minutes, MinutesPills, minutesChoice } from '../range/minutes-pills.tsx'
import { rangeOf } from '../range/range-choice.ts'
import { useSelection } from '../range/use-selection.ts'
import type { ShownSession } from '../sessions/shown-session.ts'
import { AnswerList } from './answer-list.tsx'
import { costOf } from './cost.ts'
import { CostNote } from './cost-note.tsx'
import { historyOf, questionKinds } from './history.ts'
import { isUnderWay, type RequestState } from './request-state.ts'
import { useSpokenStatus } from './use-spoken-status.ts'

/** As long as the backend takes a question. */
const longestQuestion = 1_000

/** Questions about the transcript, and their answers. */
export function AskTab(props: {
  readonly panel: PanelState
  readonly credits: Credits
  readonly isShown: boolean
  readonly onFollow: (index: number) => void
}) {
  const { panel } = props
  const shown = panel.shown.value
  const segments = panel.transcript.value?.segments.value ?? []
  const history = historyOf(panel.assistant.requests.value, questionKinds, shown?.sessionId)
  const spoken = useSpokenStatus(history[0], 'panel_answer_ready')
  if (!shown || segments.length === 0) {
    return (
      <div class="tab">
        <p class="quiet">{text('panel_ask_empty')}</p>
      </div>
    )
  }
  return (
    <div class="tab stack">
      <QuestionForm key={shown.sessionId} {...props} shown={shown} history={history} />
      <ProblemNote problem={panel.assistant.problem.value} />
      <p class="visually-hidden" role="status">
        {spoken}
      </p>
      <AnswerList
        history={history}
        segments={segments}
        onFollow={props.onFollow}
        onTryAgain={id => panel.assistant.tryAgain(id)}
      />
    </div>
  )
}

function QuestionForm(props: {
  readonly panel: PanelState
  readonly credits: Credits
  readonly isShown: boolean
  readonly shown: ShownSession
  readonly history: readonly RequestState[]
}) {
  const { panel, credits, shown, history } = props
  const segments = panel.transcript.value?.segments.value ?? []
  const [question, setQuestion] = useQuestion(history)
  const [minutes, setMinutes] = useState<Minutes>('all')
  const [isEmpty, setEmpty] = useState(false)
  const range = rangeOf(minutesChoice(minutes), segments) ?? { fromMs: 0, toMs: 0 }
  const selection = useSelection(segments, range, props.isShown)
  const body = { kind: 'ask', question: question.trim(), ...range } as const
  const isBusy = history.some(isUnderWay)
  const cost = credits.rates && costOf(body, credits.rates)
  const send = useTask(async () => {
    setEmpty(body.question === '')
    if (body.question === '' || isBusy || !cost || !(await credits.suffice(cost))) return
    await panel.assistant.send(body, shown.sessionId)
  })
  return (
    <form
      class="stack"
      noValidate
      onSubmit={event => {
        event.preventDefault()
        void send.run()
      }}
      onKeyDown={event => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
        event.preventDefault()
        void send.run()
      }}
    >
      <Field
        label={text('panel_question')}
        hint={text('panel_question_hint')}
        error={isEmpty && body.question === '' ? text('panel_question_empty') : undefined}
      >
        {ids => (
          <textarea
            {...ids}
            rows={3}
            maxLength={longestQuestion}
            value={question}
            onInput={event => setQuestion(event.currentTarget.value)}
          />
        )}
      </Field>
      <MinutesPills legend={text('panel_ask_about')} selected={minutes} onSelect={setMinutes} />
      {selection.leftOut > 0 ? (
        <p class="quiet">{text('panel_left_out', timeStamp(selection.fromMs))}</p>
      ) : null}
      <CostNote cost={cost} credits={credits} />
      <ProblemNote problem={send.problem} />
      <div>
        <BusyButton type="submit" class="primary" busy={send.busy || isBusy} disabled={!credits.rates}>
          {text('panel_ask')}
        </BusyButton>
      </div>
    </form>
  )
}

/** What is written in the field: it stays until it is answered, and comes back where that failed before the panel opened. */
function useQuestion(history: readonly RequestState[]) {
  const [question, setQuestion] = useState('')
  const newest = history[0]
  const asked = newest?.request.body.kind === 'ask' ? newest.request.body.question : ''
  const standing = newest?.standing.name
  useEffect(() => {
    if (standing === 'answered') setQuestion(written => (written.trim() === asked ? '' : written))
    else if (standing === 'failed') setQuestion(written => written || asked)
  }, [standing, asked])
  return [question, setQuestion] as const
}

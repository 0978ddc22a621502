import { useState } from 'preact/hooks'
import { BusyButton } from '../../ui/busy-button.tsx'
import { timeStamp } from '../../ui/format.ts'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { text } from '../../ui/text.ts'
import { useTask } from '../../ui/use-task.ts'
import type { Credits } from '../account/use-credits.ts'
import { type Minutes, MinutesPills, minutesChoice } from '../range/minutes-pills.tsx'
import { rangeOf } from '../range/range-choice.ts'
import { useSelection } from '../range/use-selection.ts'
import type { SegmentList } from '../transcript/segment-list.ts'
import type { Assistant } from './assistant.ts'
import { costOf } from './cost.ts'
import { CostNote } from './cost-note.tsx'

/** Asks for a catch-up from the transcript. */
export function TranscriptForm(props: {
  readonly assistant: Assistant
  readonly credits: Credits
  readonly isBusy: boolean
  readonly isShown: boolean
  readonly sessionId: string | undefined
  readonly segments: SegmentList
}) {
  const { assistant, credits, segments, sessionId } = props
  const [minutes, setMinutes] = useState<Minutes>('10')
  const range = rangeOf(minutesChoice(minutes), segments) ?? { fromMs: 0, toMs: 0 }
  const body = { kind: 'catchup_transcript', ...range } as const
  const selection = useSelection(segments, range, props.isShown)
  const cost = credits.rates && costOf(body, credits.rates)
  const send = useTask(async () => {
    if (!cost || props.isBusy || !(await credits.suffice(cost))) return
    await assistant.send(body, sessionId)
  })
  if (segments.length === 0) {
    const nothingYet = credits.offersChannels ? 'panel_catch_up_empty' : 'panel_catch_up_only_captions'
    return <p class="quiet">{text(nothingYet)}</p>
  }
  const isSilent = selection.segments.length === 0
  return (
    <form
      class="stack"
      noValidate
      onSubmit={event => {
        event.preventDefault()
        void send.run()
      }}
    >
      <MinutesPills legend={text('panel_how_much')} selected={minutes} onSelect={setMinutes} />
      <p class="quiet">
        {isSilent
          ? text('panel_silent')
          : text('panel_range', timeStamp(selection.fromMs), timeStamp(range.toMs))}{' '}
        {selection.leftOut > 0 ? text('panel_left_out', timeStamp(selection.fromMs)) : null}
      </p>
      <CostNote cost={cost} credits={credits} />
      <ProblemNote problem={send.problem} />
      <div>
        <BusyButton
          type="submit"
          class="primary"
          busy={send.busy || props.isBusy}
          disabled={isSilent || !credits.rates}
        >
          {text('panel_catch_me_up')}
        </BusyButton>
      </div>
    </form>
  )
}

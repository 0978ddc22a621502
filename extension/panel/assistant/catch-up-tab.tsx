import { useEffect, useState } from 'preact/hooks'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { text } from '../../ui/text.ts'
import type { Credits } from '../account/use-credits.ts'
import type { PanelIntent } from '../intent.ts'
import type { PanelState } from '../panel-state.ts'
import { Pills } from '../range/pills.tsx'
import { CatchUpList } from './catch-up-list.tsx'
import { ChannelForm } from './channel-form.tsx'
import { catchupKinds, historyOf } from './history.ts'
import { isUnderWay } from './request-state.ts'
import { TranscriptForm } from './transcript-form.tsx'
import { useSpokenStatus } from './use-spoken-status.ts'

type Source = 'transcript' | 'channel'

/** What was missed, in some points: from the transcript, or from a stream that was not captioned. */
export function CatchUpTab(props: {
  readonly panel: PanelState
  readonly credits: Credits
  readonly isShown: boolean
  /** What the popup has sent the listener here for. */
  readonly intent: PanelIntent | undefined
  readonly onFollow: (index: number) => void
}) {
  const { panel, credits, intent } = props
  const [chosen, setChosen] = useState<Source>()
  useEffect(() => {
    if (intent?.channel !== undefined) setChosen('channel')
  }, [intent])
  const shown = panel.shown.value
  const segments = panel.transcript.value?.segments.value ?? []
  const source = credits.offersChannels
    ? (chosen ?? (segments.length > 0 ? 'transcript' : 'channel'))
    : 'transcript'
  const history = historyOf(panel.assistant.requests.value, catchupKinds, shown?.sessionId)
  const isBusy = history.some(isUnderWay)
  const spoken = useSpokenStatus(history[0], 'panel_catch_up_ready')
  const form = { credits, assistant: panel.assistant, isBusy }
  return (
    <div class="tab stack">
      {credits.offersChannels ? (
        <Pills<Source>
          legend={text('panel_source')}
          selected={source}
          onSelect={setChosen}
          options={[
            { value: 'transcript', label: text('panel_source_transcript') },
            { value: 'channel', label: text('panel_source_channel') },
          ]}
        />
      ) : null}
      {source === 'transcript' ? (
        <TranscriptForm {...form} isShown={props.isShown} sessionId={shown?.sessionId} segments={segments} />
      ) : (
        <ChannelForm {...form} shown={shown} intent={intent} />
      )}
      <ProblemNote problem={panel.assistant.problem.value} />
      <p class="visually-hidden" role="status">
        {spoken}
      </p>
      <CatchUpList
        history={history}
        segments={segments}
        onFollow={props.onFollow}
        onTryAgain={id => panel.assistant.tryAgain(id)}
      />
    </div>
  )
}

import type { ComponentChildren } from 'preact'
import type { PriceList } from '../../../src/contracts/credits.ts'
import { isRunning } from '../../background/captioned-tabs.ts'
import { send } from '../../messages/send.ts'
import { BusyButton } from '../../ui/busy-button.tsx'
import { duration, liveSecondsOf } from '../../ui/format.ts'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { plural, text } from '../../ui/text.ts'
import { useTask } from '../../ui/use-task.ts'
import type { Credits } from '../account/use-credits.ts'
import type { PanelState } from '../panel-state.ts'
import type { ShownSession } from './shown-session.ts'
import { stateSentence, stateTone } from './state-text.ts'
import { titleOf } from './title.ts'
import { TranscriptsButton } from './transcripts-dialog.tsx'
import { WarningNote } from './warning-note.tsx'

/** Which captions are shown, where they stand, and what is left to spend. */
export function SessionHeader(props: {
  readonly panel: PanelState
  readonly credits: Credits
  /** What is missing before anything can be done. */
  readonly children: ComponentChildren
}) {
  const { panel, credits } = props
  const shown = panel.shown.value
  const tabId = shown?.view && isRunning(shown.view) ? shown.view.tabId : undefined
  const stop = useTask(async () => {
    if (tabId !== undefined) await send('captions/stop', { tabId })
  })
  return (
    <header class="stack tight">
      <div class="title">
        <h1 title={shown?.page.title}>{shown ? titleOf(shown) : text('panel_no_session')}</h1>
        <TranscriptsButton panel={panel} />
      </div>
      <div class="row apart">
        <State shown={shown} />
        {tabId === undefined ? null : (
          <BusyButton busy={stop.busy || shown?.state?.name === 'stopping'} onClick={() => void stop.run()}>
            {text('panel_stop')}
          </BusyButton>
        )}
      </div>
      <TimeLeft
        seconds={shown?.view && isRunning(shown.view) ? shown.view.secondsLeft : undefined}
        credits={credits.available}
        rates={credits.rates}
      />
      <ProblemNote problem={stop.problem} />
      <ProblemNote problem={shown?.view?.problem} />
      <WarningNote view={shown?.view} />
      <RunningElsewhere panel={panel} />
      {props.children}
    </header>
  )
}

/** The word is read out as it changes, the sentence with its numbers is not. */
const State = ({ shown }: { readonly shown: ShownSession | undefined }) => (
  <div class="state">
    <span role="status">
      {shown?.state ? (
        <span class={`badge ${stateTone(shown.state)}`}>{text(`panel_state_${shown.state.name}`)}</span>
      ) : null}
    </span>
    {shown?.state ? <span class="quiet">{stateSentence(shown.state)}</span> : null}
  </div>
)

/** What is left, in time: what the captions that run say of it, else what the balance comes to. */
function TimeLeft(props: {
  readonly seconds: number | undefined
  readonly credits: number | undefined
  readonly rates: PriceList['rates'] | undefined
}) {
  const sentence = timeLeftText(props.seconds, props.credits, props.rates)
  return sentence === '' ? null : <p class="quiet number">{sentence}</p>
}

/** While captions run, credits are set aside for them: the balance alone would be too little. */
function timeLeftText(
  seconds: number | undefined,
  credits: number | undefined,
  rates: PriceList['rates'] | undefined,
): string {
  if (seconds !== undefined) return text('panel_time_left_running', duration(seconds))
  if (credits === undefined) return ''
  if (!rates) return plural('credits', credits)
  return text('panel_time_left', duration(liveSecondsOf(credits, rates)), plural('credits', credits))
}

function RunningElsewhere({ panel }: { readonly panel: PanelState }) {
  const running = panel.elsewhere.value
  if (!running) return null
  return (
    <div class="note row apart">
      <p>{text('panel_elsewhere', titleOf(running))}</p>
      <button type="button" onClick={() => panel.choose(running.sessionId)}>
        {text('panel_show_running')}
      </button>
    </div>
  )
}

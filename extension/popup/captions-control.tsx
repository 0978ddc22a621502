import { useEffect, useState } from 'preact/hooks'
import { isRunning } from '../background/captioned-tabs.ts'
import type { CaptionedTab } from '../background/stored.ts'
import type { ProblemView } from '../captions/view.ts'
import { send } from '../messages/send.ts'
import { BusyButton } from '../ui/busy-button.tsx'
import { text } from '../ui/text.ts'
import { useTask } from '../ui/use-task.ts'
import { CaptionsProblem } from './captions-problem.tsx'
import { CaptionsState } from './captions-state.tsx'
import type { PopupTab } from './snapshot.ts'
import { endProblem } from './state-words.ts'
import { useStart } from './use-start.ts'

/** Starts and stops the captions of the tab, and says where they stand. */
export function CaptionsControl(props: {
  readonly tab: PopupTab
  readonly captioned: CaptionedTab | undefined
  readonly mayCapture: boolean
  /** Why captions did not start here the last time. It is kept on the screen though it is forgotten once seen. */
  readonly lastProblem: ProblemView | undefined
}) {
  const { tab, captioned, mayCapture } = props
  const kept = useKept(props.lastProblem)
  const start = useStart(tab.id, mayCapture)
  const stop = useTask(async () => {
    await send('captions/stop', { tabId: tab.id })
  })
  const isOn = captioned !== undefined && isRunning(captioned.view)
  const begin = (takeOver: boolean): void => {
    kept.forget()
    void start.run(takeOver)
  }
  const failed = start.problem ?? kept.problem ?? (captioned && endProblem(captioned.view))

  return (
    <div class="stack">
      <BusyButton
        class={isOn ? 'wide' : 'primary wide'}
        busy={start.busy || stop.busy}
        disabled={!tab.isCaptionable && !isOn}
        onClick={() => (isOn ? void stop.run() : begin(false))}
      >
        {text(isOn ? 'popup_stop' : 'popup_start')}
      </BusyButton>
      {isOn ? null : <BeforeStart tab={tab} mayCapture={mayCapture} isJustAllowed={start.isJustAllowed} />}
      <CaptionsState captioned={start.busy && !isOn ? undefined : captioned} tab={tab} />
      <CaptionsProblem problem={problemNow(start.busy, isOn ? stop.problem : failed)} onStart={begin} />
    </div>
  )
}

/** While captions start, an older problem is none. */
const problemNow = (isStarting: boolean, problem: ProblemView | undefined): ProblemView | undefined =>
  isStarting ? undefined : problem

/** What to know before captions can start here. */
function BeforeStart(props: {
  readonly tab: PopupTab
  readonly mayCapture: boolean
  readonly isJustAllowed: boolean
}) {
  if (!props.tab.isCaptionable) return <p class="quiet">{text('popup_page_refused')}</p>
  if (props.isJustAllowed) return <p class="done">{text('popup_allowed')}</p>
  return props.mayCapture ? null : <p class="quiet">{text('popup_permission_hint')}</p>
}

/** Keeps a problem that is forgotten elsewhere as soon as it is shown. */
function useKept(problem: ProblemView | undefined) {
  const [kept, setKept] = useState(problem)
  useEffect(() => {
    if (problem) setKept(problem)
  }, [problem])
  return { problem: kept, forget: () => setKept(undefined) }
}

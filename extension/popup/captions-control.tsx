import { useEffect, useState } from 'preact/hooks'
import { isRunning } from '../background/captioned-tabs.ts'
import type { CaptionedTab } from '../background/stored.ts'
import type { ProblemView } from '../captions/view.ts'
import { send } from '../messages/send.ts'
import { BusyButton } from '../ui/busy-button.tsx'
import { text } from '../ui/text.ts'
import { useTask } from '../ui/use-task.ts'
import { allowCapture } from './allow-capture.ts'
import { CaptionsProblem } from './captions-problem.tsx'
import { CaptionsState } from './captions-state.tsx'
import type { PopupTab } from './snapshot.ts'
import { endProblem } from './state-words.ts'

/** Starts and stops the captions of the tab, and says where they stand. */
export function CaptionsControl(props: {
  readonly tab: PopupTab
  readonly captioned: CaptionedTab | undefined
  readonly mayCapture: boolean
  /** Why captions did not start here the last time. It is kept on the screen though it is forgotten once seen. */
  readonly lastProblem: ProblemView | undefined
}) {
  const { tab, captioned, mayCapture } = props
  const [kept, setKept] = useState<ProblemView>()
  useEffect(() => {
    if (props.lastProblem) setKept(props.lastProblem)
  }, [props.lastProblem])

  const start = useTask(async (takeOver: boolean) => {
    setKept(undefined)
    if (!mayCapture) await allowCapture(tab.id, takeOver)
    await send('captions/start', { tabId: tab.id, takeOver })
  })
  const stop = useTask(async () => {
    await send('captions/stop', { tabId: tab.id })
  })
  const isOn = captioned !== undefined && isRunning(captioned.view)
  const isClosed = !tab.isCaptionable && !isOn
  const problem = isOn ? stop.problem : (start.problem ?? kept ?? (captioned && endProblem(captioned.view)))

  return (
    <div class="stack">
      <BusyButton
        class={isOn ? 'wide' : 'primary wide'}
        busy={start.busy || stop.busy}
        disabled={isClosed}
        onClick={() => void (isOn ? stop.run() : start.run(false))}
      >
        {text(isOn ? 'popup_stop' : 'popup_start')}
      </BusyButton>
      {isClosed ? <p class="quiet">{text('popup_page_refused')}</p> : null}
      <CaptionsState captioned={start.busy && !isOn ? undefined : captioned} tab={tab} />
      <CaptionsProblem
        problem={start.busy ? undefined : problem}
        onStart={takeOver => void start.run(takeOver)}
      />
    </div>
  )
}

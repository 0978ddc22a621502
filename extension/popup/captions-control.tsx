import { isRunning } from '../background/captioned-tabs.ts'
import { storedStartIntent } from '../background/stored.ts'
import type { SessionView } from '../captions/view.ts'
import { Problem } from '../messages/problem.ts'
import { send } from '../messages/send.ts'
import { BusyButton } from '../ui/busy-button.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { text } from '../ui/text.ts'
import { useTask } from '../ui/use-task.ts'
import { nextStep } from './next-step.ts'
import type { PopupTab, Snapshot } from './snapshot.ts'

/** Asks the browser for what captions need, straight from the click; the prompt may close the popup. */
async function allow(tabId: number, takeOver: boolean): Promise<void> {
  const kept = storedStartIntent.write({ tabId, takeOver, atMs: Date.now() })
  const granted = await chrome.permissions.request({ permissions: ['tabCapture'] })
  await kept
  if (granted) return
  await storedStartIntent.clear()
  throw new Problem({ code: 'permission_needed', detail: '' })
}

/** Starts and stops the captions of the tab. */
export function CaptionsControl({ snapshot, tab }: { readonly snapshot: Snapshot; readonly tab: PopupTab }) {
  const view = snapshot.captioned.find(other => other.view.tabId === tab.id)?.view
  const start = useTask(async (takeOver: boolean) => {
    if (!snapshot.mayCapture) await allow(tab.id, takeOver)
    await send('captions/start', { tabId: tab.id, takeOver })
  })
  const stop = useTask(async () => {
    await send('captions/stop', { tabId: tab.id })
  })
  const running = view !== undefined && isRunning(view)
  const ended = view?.state.name === 'ended' ? view.state.problem : undefined
  const problem = start.problem ?? stop.problem ?? (running ? undefined : (snapshot.lastProblem ?? ended))
  const step = problem ? nextStep(problem) : undefined
  return (
    <div class="stack">
      {running ? (
        <BusyButton busy={stop.busy} onClick={() => void stop.run()}>
          {text('popup_stop')}
        </BusyButton>
      ) : (
        <BusyButton busy={start.busy} class="primary" autofocus onClick={() => void start.run(false)}>
          {text('popup_start')}
        </BusyButton>
      )}
      <p role="status">{view ? stateText(view) : ''}</p>
      <ProblemNote problem={problem}>
        {step === 'take_over' ? (
          <button type="button" onClick={() => void start.run(true)}>
            {text('popup_move_here')}
          </button>
        ) : null}
      </ProblemNote>
    </div>
  )
}

const stateText = ({ state }: SessionView): string =>
  state.name === 'ended' ? text(`popup_ended_${state.reason}`) : text(`popup_state_${state.name}`)

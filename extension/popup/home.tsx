import { useEffect, useRef, useState } from 'preact/hooks'
import { isRunning } from '../background/captioned-tabs.ts'
import { storedPanelIntent } from '../background/stored.ts'
import type { ProblemView } from '../captions/view.ts'
import { problemOf } from '../messages/problem.ts'
import { send } from '../messages/send.ts'
import { text } from '../ui/text.ts'
import { CaptionsControl } from './captions-control.tsx'
import { ConsentNeeded } from './consent-needed.tsx'
import { CreditsCard } from './credits-card.tsx'
import { Elsewhere } from './elsewhere.tsx'
import { Footer } from './footer.tsx'
import type { PopupTab, Snapshot } from './snapshot.ts'
import { useLiveViews } from './use-live-views.ts'

/** The popup of somebody who is signed in. */
export function Home({ snapshot, email }: { readonly snapshot: Snapshot; readonly email: string }) {
  const { tab } = snapshot
  const live = useLiveViews(snapshot.captioned.some(({ view }) => isRunning(view)))
  const captioned = snapshot.captioned.map(stored => {
    const view = live.find(({ sessionId }) => sessionId === stored.view.sessionId)
    return view ? { ...stored, view } : stored
  })
  const running = captioned.filter(({ view }) => isRunning(view))
  const here = captioned.find(({ view }) => view.tabId === tab?.id)
  const content = useRef<HTMLDivElement>(null)
  useEffect(() => content.current?.querySelector<HTMLElement>('button:enabled')?.focus(), [])
  const problem = useFreshNumbers()
  useSeen(tab, `${here?.view.state.name} ${snapshot.lastProblem?.code}`)
  return (
    <div class="stack" ref={content}>
      {tab?.title ? <p class="tab-title">{tab.title}</p> : null}
      {snapshot.consented ? null : <ConsentNeeded />}
      {tab && snapshot.consented ? (
        <CaptionsControl
          tab={tab}
          captioned={here}
          mayCapture={snapshot.mayCapture}
          lastProblem={snapshot.lastProblem}
        />
      ) : null}
      <Elsewhere running={running.filter(other => other !== here)} />
      {tab ? <PanelButtons tab={tab} /> : null}
      <CreditsCard
        balance={snapshot.balance}
        rates={snapshot.rates}
        running={running[0]?.view}
        problem={problem}
      />
      <Footer email={email} />
    </div>
  )
}

/** Both open the side panel within the click, which may close the popup. */
function PanelButtons({ tab }: { readonly tab: PopupTab }) {
  const open = (): void => void chrome.sidePanel.open({ tabId: tab.id })
  const catchUp = (): void => {
    const channel = tab.channel === undefined ? {} : { channel: tab.channel }
    void storedPanelIntent.write({ tab: 'catchup', ...channel })
    open()
  }
  return (
    <div class="pair">
      <button type="button" onClick={open}>
        {text('popup_open_transcript')}
      </button>
      <button type="button" onClick={catchUp}>
        {text('popup_catch_up')}
      </button>
    </div>
  )
}

/** Asks for what may have changed since it was stored: the popup shows it when it comes. Gives why it does not. */
function useFreshNumbers(): ProblemView | undefined {
  const [problem, setProblem] = useState<ProblemView>()
  useEffect(() => {
    const fail = (error: unknown): void => setProblem(problemOf(error).view)
    send('account/balance', { refresh: true }).catch(fail)
    send('account/prices', {}).catch(fail)
  }, [])
  return problem
}

/** Tells the worker that the listener sees what the icon says of a tab, each time that it says something else. */
function useSeen(tab: PopupTab | undefined, said: string): void {
  const tabId = tab?.id
  useEffect(() => {
    if (tabId !== undefined) void send('popup/opened', { tabId }).catch(() => undefined)
  }, [tabId, said])
}

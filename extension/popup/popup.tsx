import { useEffect } from 'preact/hooks'
import { send } from '../messages/send.ts'
import { BusyButton } from '../ui/busy-button.tsx'
import { text } from '../ui/text.ts'
import { useTask } from '../ui/use-task.ts'
import { CaptionsControl } from './captions-control.tsx'
import { CreditsLine } from './credits-line.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { type Snapshot, useSnapshot } from './snapshot.ts'

/** What a click on the extension's icon opens. */
export function Popup() {
  const snapshot = useSnapshot()
  if (!snapshot) return null
  return (
    <main class="stack">{snapshot.email === undefined ? <SignInForm /> : <Home snapshot={snapshot} />}</main>
  )
}

const openPage = (path: string): void => {
  void chrome.tabs.create({ url: chrome.runtime.getURL(path) })
}

function Home({ snapshot }: { readonly snapshot: Snapshot }) {
  const { tab } = snapshot
  useFreshNumbers(tab?.id)
  const signOut = useTask(async () => {
    await send('account/logout', {})
  })
  return (
    <>
      <h1>{tab?.title}</h1>
      {tab ? <CaptionsControl snapshot={snapshot} tab={tab} /> : null}
      <CreditsLine {...snapshot} />
      <div class="row">
        <button type="button" onClick={() => tab && void send('panel/open', { tabId: tab.id })}>
          {text('popup_open_transcript')}
        </button>
        <button type="button" onClick={() => openPage('/credits.html')}>
          {text('popup_buy')}
        </button>
        <button type="button" onClick={() => void chrome.runtime.openOptionsPage()}>
          {text('popup_options')}
        </button>
        <BusyButton busy={signOut.busy} onClick={() => void signOut.run()}>
          {text('popup_sign_out')}
        </BusyButton>
      </div>
    </>
  )
}

/** Asks for what may have changed since it was stored; the popup shows it when it comes. */
function useFreshNumbers(tabId: number | undefined): void {
  useEffect(() => {
    void send('account/balance', { refresh: true }).catch(() => undefined)
    void send('account/prices', {}).catch(() => undefined)
    if (tabId !== undefined) void send('popup/opened', { tabId }).catch(() => undefined)
  }, [tabId])
}

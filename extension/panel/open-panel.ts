import { v7 as newOperationId } from 'uuid'
import { accountKey } from '../account/account-key.ts'
import { storedAccount } from '../account/stored.ts'
import type { Api } from '../api/client.ts'
import { pageApi } from '../api/page-api.ts'
import { storedCaptionedTabs } from '../background/stored.ts'
import { systemClock } from '../captions/clock.ts'
import { feedPortName } from '../captions/feed.ts'
import { Problem } from '../messages/problem.ts'
import { send } from '../messages/send.ts'
import { followFeed } from '../overlay/follow-feed.ts'
import { readConsent } from '../settings/consent.ts'
import { apiUrlOf, readSettings } from '../settings/store.ts'
import { openTranscriptStore } from '../transcript/indexed-db.ts'
import { selectSegments } from '../transcript/selection.ts'
import type { TranscriptStore } from '../transcript/store.ts'
import { type Assistant, createAssistant } from './assistant/assistant.ts'
import { createPanelState, type PanelState } from './panel-state.ts'

/** Opens the store and joins the panel to the rest of the extension. @throws {Problem} where there is no store */
export async function openPanel(): Promise<PanelState> {
  const store = await openTranscriptStore()
  const panel = createPanelState(store, assistantWith(store))
  followCaptions(panel)
  await followTabs(panel)
  const refresh = (): void => void panel.refresh()
  document.addEventListener('visibilitychange', refresh)
  chrome.storage.local.onChanged.addListener(refresh)
  return panel
}

function assistantWith(store: TranscriptStore): Assistant {
  /** What was said leaves this computer only after the listener has agreed to that. */
  const backend = async (account: string): Promise<Api> => {
    if (!(await readConsent())) throw new Problem({ code: 'consent_needed', detail: '' })
    return pageApi(apiUrlOf(await readSettings()), account)
  }
  return createAssistant({
    store,
    apiOf: account => ({
      ask: async (...request) => (await backend(account)).ask(...request),
      catchup: async (...request) => (await backend(account)).catchup(...request),
      catchupState: async (...request) => (await backend(account)).catchupState(...request),
    }),
    account: async () => {
      const [account, settings] = await Promise.all([storedAccount.read(), readSettings()])
      return account?.apiUrl === apiUrlOf(settings) ? accountKey(account) : undefined
    },
    segmentsOf: async ({ sessionId, body }) => {
      if (sessionId === undefined || body.kind === 'catchup_channel') return []
      return selectSegments(await store.segments(sessionId), body).segments
    },
    newOperationId,
    nowMs: Date.now,
    wait: ms => new Promise(resolve => setTimeout(resolve, ms)),
    onSpent: () => void send('account/balance-moved', {}).catch(() => undefined),
  })
}

/** Hears what is captioned, from when it begins: the service worker notes which tabs are. */
function followCaptions(panel: PanelState): void {
  let isOpen = false
  const feed = followFeed(
    {
      connect: () => {
        const port = chrome.runtime.connect({ name: feedPortName })
        // Reading it keeps the browser from reporting that nobody listens, which is as it should be.
        port.onDisconnect.addListener(() => void chrome.runtime.lastError)
        return port
      },
      onMessage: message => panel.hear(message),
      onState: state => {
        isOpen = state === 'open'
        if (state === 'open') void panel.refresh()
        else if (state !== 'connecting') panel.hearNothing()
      },
    },
    systemClock,
  )
  chrome.storage.session.onChanged.addListener(changes => {
    if (storedCaptionedTabs.key in changes && !isOpen) feed.restart()
  })
}

async function followTabs(panel: PanelState): Promise<void> {
  const window = await chrome.windows.getCurrent()
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true })
  panel.currentTabId.value = tab?.id
  chrome.tabs.onActivated.addListener(({ tabId, windowId }) => {
    if (windowId === window.id) panel.currentTabId.value = tabId
  })
}

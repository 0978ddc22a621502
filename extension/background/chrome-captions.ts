import { v7 as uuidv7 } from 'uuid'
import { readConsent } from '../settings/consent.ts'
import { apiUrlOf, readSettings } from '../settings/store.ts'
import { openTranscriptStore } from '../transcript/indexed-db.ts'
import { closeBrokenOff } from '../transcript/recovery.ts'
import type { TranscriptStore } from '../transcript/store.ts'
import { backend, balance, signIn, wait } from './account.ts'
import { createCaptions } from './captions.ts'
import { mayCapture } from './capture-permissions.ts'
import { offscreenEngine } from './offscreen-engine.ts'
import { nudgeOverlay, putOverlay } from './overlay-page.ts'
import { showBadge } from './show-badge.ts'
import { storedCaptionedTabs, storedKnownBrowser, storedLastProblem } from './stored.ts'

/** The alarm that wakes the worker while captions run or something is open. */
export const watchAlarm = 'look-after-captions'

let store: Promise<TranscriptStore> | undefined

/** The captions of this browser's tabs. */
export const captions = createCaptions({
  start: {
    engine: offscreenEngine,
    consented: async () => (await readConsent()) !== undefined,
    account: signIn.accountKey,
    mayCapture,
    page: async tabId => {
      const { title = '', url } = await chrome.tabs.get(tabId)
      return url === undefined ? undefined : { title, url }
    },
    streamId: tabId => chrome.tabCapture.getMediaStreamId({ targetTabId: tabId }),
    settings: async () => {
      const settings = await readSettings()
      return { settings, apiUrl: apiUrlOf(settings) }
    },
    newSessionId: uuidv7,
  },
  engine: offscreenEngine,
  tabs: storedCaptionedTabs,
  lastProblem: storedLastProblem,
  isKnownBrowser: storedKnownBrowser,
  showBadge,
  putOverlay,
  nudgeOverlay,
  alone: (name, work) => navigator.locks.request(name, work),
  watch: {
    begin: () => chrome.alarms.create(watchAlarm, { delayInMinutes: 1, periodInMinutes: 1 }),
    end: async () => {
      await chrome.alarms.clear(watchAlarm)
    },
  },
  closeBrokenOff: async isRunning => {
    store ??= openTranscriptStore()
    const account = await signIn.accountKey()
    const { api } = await backend(account)
    const { own, others } = await closeBrokenOff({
      store: await store,
      account,
      api,
      isRunning,
      nowMs: Date.now(),
    })
    return { own: own.length, others: others.length }
  },
  balanceMoved: () => void balance.refresh().catch(() => undefined),
  wait,
})

import { v7 as uuidv7 } from 'uuid'
import { storedAccount } from '../account/stored.ts'
import type { SessionView } from '../captions/view.ts'
import { problemOf } from '../messages/problem.ts'
import { readConsent } from '../settings/consent.ts'
import { apiUrlOf, readSettings } from '../settings/store.ts'
import { badgeOf, noBadge, problemBadge } from './badge.ts'
import { captionedTabsAfter, isRunning } from './captioned-tabs.ts'
import { offscreenEngine } from './offscreen-engine.ts'
import { putOverlay } from './overlay-page.ts'
import { showBadge } from './show-badge.ts'
import { type StartPorts, type StartRequest, startCaptions } from './start-captions.ts'
import { type CaptionedTab, storedCaptionedTabs, storedLastProblem } from './stored.ts'

const captureNeeded: chrome.permissions.Permissions = { permissions: ['tabCapture'] }

const ports: StartPorts = {
  engine: offscreenEngine,
  consented: async () => (await readConsent()) !== undefined,
  signedIn: async () => (await storedAccount.read()) !== undefined,
  mayCapture: () => chrome.permissions.contains(captureNeeded),
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
}

/** Starts a tab's captions and puts the overlay on its page. What goes wrong is kept for the popup, too. */
export async function start(request: StartRequest): Promise<{ sessionId: string }> {
  await storedLastProblem.clear()
  try {
    const sessionId = await navigator.locks.request('start-captions', () => startCaptions(ports, request))
    await showOverlay(request.tabId)
    return { sessionId }
  } catch (error) {
    await storedLastProblem.write({ tabId: request.tabId, problem: problemOf(error).view })
    await showBadge(request.tabId, problemBadge)
    throw error
  }
}

export async function stop(tabId: number): Promise<void> {
  await offscreenEngine.end(tabId, 'stopped')
  await reconcile()
}

/** Starts captions, or stops them where they run. */
export async function toggle(tabId: number): Promise<void> {
  const running = (await offscreenEngine.sessions()).some(view => view.tabId === tabId && isRunning(view))
  await (running ? stop(tabId) : start({ tabId, takeOver: false }))
}

/** Takes in what the offscreen document tells of its sessions, and shows it on the icon. */
export async function update(told: readonly SessionView[]): Promise<CaptionedTab[]> {
  return change(before => captionedTabsAfter(before, told))
}

/** Asks the offscreen document how captions stand: it may have died, or told of it while nobody listened. */
export async function reconcile(): Promise<CaptionedTab[]> {
  return update(await offscreenEngine.sessions())
}

/** Forgets a tab that is gone, and ends its captions. */
export async function tabClosed(tabId: number): Promise<void> {
  const tabs = (await storedCaptionedTabs.read()) ?? []
  if (!tabs.some(tab => tab.view.tabId === tabId)) return
  await offscreenEngine.end(tabId, 'tab_closed')
  await change(before => before.filter(tab => tab.view.tabId !== tabId))
}

/** A page has loaded anew in a tab: the overlay is put on it again where captions go on. */
export async function pageLoaded(tabId: number): Promise<void> {
  const tabs = (await storedCaptionedTabs.read()) ?? []
  const tab = tabs.find(other => other.view.tabId === tabId)
  if (tab && isRunning(tab.view)) await showOverlay(tabId)
}

/** Puts the overlay on a tab's page and remembers whether the page lets it. */
export async function showOverlay(tabId: number): Promise<void> {
  const overlayRefused = !(await putOverlay(tabId))
  await change(before => before.map(tab => (tab.view.tabId === tabId ? { ...tab, overlayRefused } : tab)))
}

/** The listener has seen what the icon says of a tab. */
export async function seen(tabId: number): Promise<void> {
  const last = await storedLastProblem.read()
  if (last?.tabId === tabId) {
    await storedLastProblem.clear()
    await showBadge(tabId, noBadge)
  }
  const tabs = await change(before => before.map(tab => (tab.view.tabId === tabId ? markSeen(tab) : tab)))
  const here = tabs.find(tab => tab.view.tabId === tabId)
  if (here?.overlayRefused && isRunning(here.view)) await showOverlay(tabId)
}

const markSeen = (tab: CaptionedTab): CaptionedTab => ({ ...tab, endSeen: !isRunning(tab.view) })

async function change(changed: (before: readonly CaptionedTab[]) => CaptionedTab[]): Promise<CaptionedTab[]> {
  return navigator.locks.request('captioned-tabs', async () => {
    const before = (await storedCaptionedTabs.read()) ?? []
    const after = changed(before)
    await storedCaptionedTabs.write(after)
    await Promise.all(after.map(tab => showBadge(tab.view.tabId, badgeOf(tab))))
    return after
  })
}

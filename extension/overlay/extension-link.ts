import type { Clock } from '../captions/clock.ts'
import { feedPortName } from '../captions/feed.ts'
import type { Answer, OverlayNudge } from '../messages/contract.ts'
import { send } from '../messages/send.ts'
import type { FeedPort } from './follow-feed.ts'

/** The service worker may not be there at once: it is asked again after so long. */
const settingsRetryMs = 2_000

/** Whether the extension was reloaded or removed since this script was put on the page. */
export const isOrphaned = (): boolean => chrome.runtime?.id === undefined

/** Connects to the feed of this tab's captions. It throws where the extension is gone. */
export function connectFeed(): FeedPort {
  const port = chrome.runtime.connect({ name: feedPortName })
  // Chrome complains of an error that nobody has read.
  port.onDisconnect.addListener(() => void chrome.runtime.lastError)
  return port
}

/** How captions look on this page; nothing where the extension does not say. */
export async function askSettings(clock: Clock): Promise<Answer<'overlay/settings'> | undefined> {
  const ask = () => send('overlay/settings', {}).catch(() => undefined)
  return (await ask()) ?? (await new Promise<void>(done => clock.after(settingsRetryMs, done)).then(ask))
}

/** Calls back whenever the listener has changed how captions look. */
export function watchNudges(onNudge: () => void, signal: AbortSignal): void {
  const listen = (message: Partial<OverlayNudge> | undefined): void => {
    if (message?.type === 'overlay/changed') onNudge()
  }
  chrome.runtime.onMessage.addListener(listen)
  // Of an extension that is gone there is nothing left to be removed from.
  signal.addEventListener('abort', () => chrome.runtime.onMessage?.removeListener(listen))
}

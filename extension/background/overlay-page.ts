import type { OverlayNudge } from '../messages/contract.ts'

/**
 * Puts the overlay on a tab's page, and says whether that could be done: the browser refuses it in its own pages, and
 * after the tab has gone to another site until the listener clicks the icon there. One that is there already stays.
 */
export async function putOverlay(tabId: number): Promise<boolean> {
  try {
    await chrome.scripting.executeScript({ target: { tabId }, files: ['/overlay.js'] })
    return true
  } catch {
    return false
  }
}

/** Tells a tab's overlay that how it looks has changed. A tab without one takes no notice. */
export async function nudgeOverlay(tabId: number): Promise<void> {
  const nudge: OverlayNudge = { type: 'overlay/changed' }
  await chrome.tabs.sendMessage(tabId, nudge).catch(() => undefined)
}

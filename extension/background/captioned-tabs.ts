import type { SessionView } from '../captions/view.ts'
import type { CaptionedTab } from './stored.ts'

/** Whether captions run, or are about to or may again: all but those that have ended. */
export const isRunning = (view: SessionView): boolean => view.state.name !== 'ended'

/**
 * The tabs after the offscreen document has told of its sessions. Captions that were running and that it knows nothing
 * of were broken off with it.
 *
 * @param told all of its sessions; none where there is no offscreen document
 */
export function captionedTabsAfter(
  before: readonly CaptionedTab[],
  told: readonly SessionView[],
): CaptionedTab[] {
  const newest = new Map<number, CaptionedTab>()
  const take = (tab: CaptionedTab): void => {
    const other = newest.get(tab.view.tabId)
    if (!other || other.view.startedAtMs <= tab.view.startedAtMs) newest.set(tab.view.tabId, tab)
  }
  const toldIds = new Set(told.map(view => view.sessionId))
  for (const tab of before) {
    if (!toldIds.has(tab.view.sessionId)) take({ ...tab, view: brokenOff(tab.view) })
  }
  for (const view of told) {
    const known = before.find(tab => tab.view.sessionId === view.sessionId)
    take({
      view: { ...view, partialText: '' },
      overlayRefused: known?.overlayRefused ?? false,
      endSeen: known?.endSeen ?? false,
    })
  }
  return [...newest.values()]
}

const brokenOff = (view: SessionView): SessionView =>
  isRunning(view) ? { ...view, partialText: '', state: { name: 'ended', reason: 'broken_off' } } : view

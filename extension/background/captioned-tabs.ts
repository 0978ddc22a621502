import type { SessionView } from '../captions/view.ts'
import type { CaptionedTab } from './stored.ts'

/** Whether captions run, or are about to or may again: all but those that have ended. */
export const isRunning = (view: SessionView): boolean => view.state.name !== 'ended'

/** The captions of a tab: those that run, or how the last ones ended. */
export const viewOf = (tabs: readonly CaptionedTab[], tabId: number): SessionView | undefined =>
  tabs.find(({ view }) => view.tabId === tabId)?.view

/**
 * The tabs after the offscreen document has told of its sessions: each with its latest. Captions that were running and
 * that it knows nothing of were broken off with it; those that have never begun were refused, and whoever started them
 * knows why. Those of a tab that is closed are dropped, too.
 *
 * @param told all of its sessions; none where there is no offscreen document
 */
export function captionedTabsAfter(
  before: readonly CaptionedTab[],
  told: readonly SessionView[],
): CaptionedTab[] {
  const toldIds = new Set(told.map(view => view.sessionId))
  const untold = before.filter(({ view, begun }) => !toldIds.has(view.sessionId) && begun)
  const candidates = [
    ...untold.map(tab => ({ ...tab, view: brokenOff(tab.view) })),
    ...told.filter(view => !endedWithItsTab(view)).map(view => tabOf(view, before)),
  ]
  const latest = new Map<number, CaptionedTab>()
  for (const tab of candidates) {
    const other = latest.get(tab.view.tabId)
    if (!other || other.view.startedAtMs <= tab.view.startedAtMs) latest.set(tab.view.tabId, tab)
  }
  return [...latest.values()]
}

/** Whether the credits have moved from one to the other: something began, paused, ended, or was paid for. */
export function isBalanceMoved(before: readonly CaptionedTab[], after: readonly CaptionedTab[]): boolean {
  const steps = (tabs: readonly CaptionedTab[]): string =>
    JSON.stringify(tabs.map(({ view }) => stepOf(view)))
  return steps(before) !== steps(after)
}

const stepOf = ({ sessionId, state, warning }: SessionView) => [
  sessionId,
  state.name,
  state.name === 'ended' ? state.creditsUsed : undefined,
  warning,
]

/** What is being said changes all the time and is of no use to the icon. */
const tabOf = (view: SessionView, before: readonly CaptionedTab[]): CaptionedTab => {
  const known = before.find(tab => tab.view.sessionId === view.sessionId)
  const { overlayRefused = false, endSeen = false } = known ?? {}
  const begun = (known?.begun ?? false) || view.state.name !== 'starting'
  return { view: { ...view, partialText: '' }, begun, overlayRefused, endSeen }
}

const endedWithItsTab = ({ state }: SessionView): boolean =>
  state.name === 'ended' && state.reason === 'tab_closed'

const brokenOff = (view: SessionView): SessionView =>
  isRunning(view) ? { ...view, state: { name: 'ended', reason: 'broken_off' } } : view

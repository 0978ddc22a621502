import { isRunning } from '../../background/captioned-tabs.ts'
import type { CaptionState, SessionView } from '../../captions/view.ts'
import type { CaptionedPage, TranscriptSession } from '../../transcript/model.ts'
import type { Views } from './views.ts'

/** A session as the panel shows it. */
export interface ShownSession {
  readonly sessionId: string
  readonly page: CaptionedPage
  readonly startedAtMs: number
  /** Undefined as long as it isn't known whether it runs. */
  readonly state: CaptionState | undefined
  /** Absent where it is known from the store alone. */
  readonly view?: SessionView
}

export interface Choice {
  readonly views: Views
  /** Newest first. */
  readonly stored: readonly TranscriptSession[]
  /** What the listener has chosen from the list of transcripts. */
  readonly chosenId: string | undefined
  /** The tab in front of which the panel is open. */
  readonly currentTabId: number | undefined
}

/** What the listener has chosen; else what runs in the current tab, or in any; else what is newest. */
export function shownSessionId({ views, stored, chosenId, currentTabId }: Choice): string | undefined {
  const ids = new Set([...stored, ...views.views].map(session => session.sessionId))
  if (chosenId !== undefined && ids.has(chosenId)) return chosenId
  const running = views.views.filter(isRunning)
  const shown = running.find(view => view.tabId === currentTabId) ?? running[0]
  return (shown ?? newest([...views.views, ...stored]))?.sessionId
}

const newest = <Session extends { readonly startedAtMs: number }>(
  sessions: readonly Session[],
): Session | undefined =>
  sessions.reduce<Session | undefined>(
    (best, session) => (best === undefined || session.startedAtMs > best.startedAtMs ? session : best),
    undefined,
  )

/** All that is known of a session, from the offscreen document and from the store. */
export function shownSession(
  sessionId: string,
  { views, stored }: Pick<Choice, 'views' | 'stored'>,
): ShownSession | undefined {
  const view = views.views.find(candidate => candidate.sessionId === sessionId)
  if (view) return { sessionId, page: pageOf(view), startedAtMs: view.startedAtMs, state: view.state, view }
  const session = stored.find(candidate => candidate.sessionId === sessionId)
  if (!session) return undefined
  return {
    sessionId,
    page: session.page,
    startedAtMs: session.startedAtMs,
    state: views.known || session.endReason ? ended(session) : undefined,
  }
}

const pageOf = ({ page: { title, url, channel } }: SessionView): CaptionedPage => ({
  title,
  url,
  ...(channel === undefined ? {} : { channel }),
})

/** One without an end that nobody knows of was broken off. */
const ended = ({ endReason }: TranscriptSession): CaptionState => ({
  name: 'ended',
  reason: endReason ?? 'broken_off',
})

/** Captions that run while something else is shown. */
export const runningElsewhere = ({ views }: Views, shownId: string | undefined): SessionView | undefined =>
  views.find(view => isRunning(view) && view.sessionId !== shownId)

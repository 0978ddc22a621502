import { isRunning } from '../../background/captioned-tabs.ts'
import type { FeedMessage } from '../../captions/feed.ts'
import type { SessionView } from '../../captions/view.ts'

/** What is told of captions by the offscreen document. */
export interface Views {
  /** Whether it has been heard, or is known not to be there. */
  readonly known: boolean
  readonly views: readonly SessionView[]
}

export const nothingKnown: Views = { known: false, views: [] }

/** After it has told of its sessions. How others ended is remembered: it forgets that, and may go. */
export function afterSessions(
  { views }: Views,
  told: Extract<FeedMessage, { type: 'sessions' }>['sessions'],
): Views {
  const toldIds = new Set(told.map(view => view.sessionId))
  const remembered = views.filter(view => !isRunning(view) && !toldIds.has(view.sessionId))
  return { known: true, views: [...remembered, ...told] }
}

/** After the offscreen document has gone: nothing runs without it. */
export const afterGone = ({ views }: Views): Views => ({
  known: true,
  views: views.filter(view => !isRunning(view)),
})

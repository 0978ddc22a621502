import type { TranscriptSegment } from '../transcript/model.ts'
import type { SessionView } from './view.ts'

/**
 * The name of the port through which the offscreen document tells captions as they come: `chrome.runtime.connect({name})`.
 * A page of the extension hears of all sessions, a content script of its own tab's.
 */
export const feedPortName = 'captions'

/** What comes through it, from the offscreen document only. The first message is `sessions`. */
export type FeedMessage =
  /** All sessions that this listener may see, whenever one of them changes: at most ten times a second. */
  | { readonly type: 'sessions'; readonly sessions: readonly SessionView[] }
  /** A segment has become final; it is being stored. On connecting, the last ten of each session come first. */
  | { readonly type: 'segment'; readonly segment: TranscriptSegment }

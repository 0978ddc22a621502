import type { FeedMessage } from '../captions/feed.ts'
import type { SessionView } from '../captions/view.ts'
import type { Answer } from '../messages/contract.ts'
import type { TranscriptSegment } from '../transcript/model.ts'
import {
  type CaptionLines,
  captionsChangeAtMs,
  noCaptions,
  quietMs,
  skipSegment,
  withPartial,
  withSegment,
} from './caption-lines.ts'
import { type WarningTrack, withSessionSeen } from './credit-warning.ts'
import type { FeedState } from './follow-feed.ts'
import { defaultPlacement, defaultStyle, type OverlayLayout } from './placement.ts'
import { type ConditionTrack, isOver, statusChangeAtMs, withCondition } from './session-status.ts'
import { type ToolbarState, toolbarAtRest, toolbarChangeAtMs } from './toolbar-visibility.ts'

/** Segments that come so soon after connecting may be of long ago. */
const replayMs = 1_000
/** A tab that has no captions so long after connecting has none. */
const nobodyMs = 5_000
/** Of what is read out, so much is kept. */
const keptAnnouncements = 5
/** A note stays so long, unless it is dismissed. */
const noteMs = 12_000

/** What the listener is told of something that was done, or could not be. */
export type OverlayNote = 'hidden' | 'panel_refused' | 'stop_refused' | 'save_refused'

/** All that an overlay knows. Times are of the page's clock. */
export interface OverlayState {
  readonly layout: OverlayLayout
  /** The listener wants no captions on this site, or it is not known yet whether they do. */
  readonly isHidden: boolean
  /** Whether a screen reader reads captions out. */
  readonly announces: boolean
  /** Final segments, to be read out. */
  readonly announcements: readonly { readonly id: number; readonly text: string }[]
  readonly session: SessionView | undefined
  readonly connectedAtMs: number | undefined
  readonly condition: ConditionTrack
  readonly isStatusDismissed: boolean
  readonly warning: WarningTrack | undefined
  readonly note: { readonly name: OverlayNote; readonly untilMs: number } | undefined
  readonly lines: CaptionLines
  readonly toolbar: ToolbarState
}

/** An overlay that has just been put on a page. */
export const newOverlay = (nowMs: number): OverlayState => ({
  layout: { style: defaultStyle, placement: defaultPlacement },
  isHidden: true,
  announces: false,
  announcements: [],
  session: undefined,
  connectedAtMs: undefined,
  condition: withCondition(undefined, { name: 'starting' }, nowMs),
  isStatusDismissed: false,
  warning: undefined,
  note: undefined,
  lines: noCaptions,
  toolbar: toolbarAtRest,
})

/**
 * The listener's settings for the page's site; without an answer captions are shown as they come.
 *
 * @param keepsLayout while the listener is changing the layout here
 */
export const withSettings = (
  state: OverlayState,
  settings: Answer<'overlay/settings'> | undefined,
  keepsLayout: boolean,
): OverlayState =>
  settings === undefined
    ? { ...state, isHidden: false }
    : {
        ...state,
        layout: keepsLayout ? state.layout : { style: settings.style, placement: settings.placement },
        isHidden: settings.hidden,
        announces: settings.announceCaptions,
        note: settings.hidden || state.note?.name !== 'hidden' ? state.note : undefined,
      }

/** Something came through the feed. */
export const withFeedMessage = (state: OverlayState, message: FeedMessage, nowMs: number): OverlayState =>
  message.type === 'sessions'
    ? withSessions(state, message.sessions, nowMs)
    : withFinal(state, message.segment, nowMs)

/** The feed itself stands so from now on. */
export function withFeedState(state: OverlayState, feed: FeedState, nowMs: number): OverlayState {
  if (feed === 'open') return { ...state, connectedAtMs: nowMs }
  if (feed === 'connecting' || state.condition.condition.name === 'ended') return state
  return conditioned(state, withCondition(state.condition, { name: feed }, nowMs))
}

/** Tells the listener something for a while. */
export const withNote = (state: OverlayState, name: OverlayNote, nowMs: number): OverlayState => ({
  ...state,
  note: { name, untilMs: nowMs + noteMs },
})

/** Whether there is nothing left to show, so that the overlay can go. */
export function hasNothingToShow(state: OverlayState, nowMs: number): boolean {
  if (isOver(state.condition, nowMs)) return true
  if (state.isStatusDismissed && isAtEnd(state)) return true
  return state.session === undefined && nowMs >= (nobodyAtMs(state) ?? Number.POSITIVE_INFINITY)
}

/** When what is shown changes by itself; nothing if it doesn't. */
export function overlayChangeAtMs(state: OverlayState, nowMs: number): number | undefined {
  const coming = [
    captionsChangeAtMs(state.lines, nowMs),
    statusChangeAtMs(state.condition, nowMs),
    toolbarChangeAtMs(state.toolbar, nowMs),
    state.warning?.shown?.untilMs,
    state.note?.untilMs,
    nobodyAtMs(state),
  ].filter(atMs => atMs !== undefined && atMs > nowMs) as number[]
  return coming.length === 0 ? undefined : Math.min(...coming)
}

/** Whether captions have ended, for all that is known here. */
export const isAtEnd = ({ condition }: OverlayState): boolean =>
  condition.condition.name === 'ended' || condition.condition.name === 'lost'

const nobodyAtMs = ({ session, connectedAtMs }: OverlayState): number | undefined =>
  session === undefined && connectedAtMs !== undefined ? connectedAtMs + nobodyMs : undefined

function withSessions(state: OverlayState, sessions: readonly SessionView[], nowMs: number): OverlayState {
  const session = sessions.toSorted((one, other) => one.startedAtMs - other.startedAtMs).at(-1)
  if (!session) return withoutSession(state, nowMs)
  const known = session.sessionId === state.session?.sessionId ? state : forNewSession(state)
  return conditioned(
    {
      ...known,
      session,
      warning: withSessionSeen(known.warning, session, nowMs),
      lines: withPartial(known.lines, { text: session.partialText, startMs: session.partialStartMs }, nowMs),
    },
    withCondition(known.condition, session.state, nowMs),
  )
}

const forNewSession = (state: OverlayState): OverlayState => ({
  ...state,
  warning: undefined,
  lines: noCaptions,
  announcements: [],
})

/** The engine no longer knows of captions here: if it never said that they ended, something went wrong. */
const withoutSession = (state: OverlayState, nowMs: number): OverlayState =>
  state.session === undefined || isAtEnd(state)
    ? state
    : conditioned(state, withCondition(state.condition, { name: 'lost' }, nowMs))

/** A dismissed sentence stays away until there is another. */
const conditioned = (state: OverlayState, condition: ConditionTrack): OverlayState => ({
  ...state,
  condition,
  isStatusDismissed: state.isStatusDismissed && condition.sinceMs === state.condition.sinceMs,
})

function withFinal(state: OverlayState, segment: TranscriptSegment, nowMs: number): OverlayState {
  const { session, lines } = state
  if (session === undefined || segment.sessionId !== session.sessionId) return state
  if (segment.index <= lines.lastIndex) return state
  const isReplayed = nowMs - (state.connectedAtMs ?? nowMs) < replayMs
  const isOld = nowMs - (session.startedAtMs + segment.endMs) > quietMs
  if (isReplayed && isOld) return { ...state, lines: skipSegment(lines, segment) }
  return {
    ...state,
    lines: withSegment(lines, segment, nowMs),
    announcements: announced(state, segment),
  }
}

const announced = (
  { announces, announcements }: OverlayState,
  { kind, index, text }: TranscriptSegment,
): OverlayState['announcements'] =>
  announces && kind === 'speech'
    ? [...announcements, { id: index, text }].slice(-keptAnnouncements)
    : announcements

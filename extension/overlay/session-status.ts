import type { CaptionState } from '../captions/view.ts'

/** After captions have begun, so long it is said that they listen. */
const listeningMs = 4_000
/** So long it is said that they have paused: a quiet scene is not to be written over. */
const pausedMs = 10_000
/** So long it is said that they have ended, where the listener ended them. */
const stoppedMs = 6_000
/** And where something else did: there is more to read. */
const endedMs = 20_000

/** Where captions stand, in the overlay's eyes. */
export type OverlayCondition =
  | CaptionState
  /** The extension does not answer: it is asked again. */
  | { readonly name: 'unanswered' }
  /** It still doesn't. */
  | { readonly name: 'lost' }

/** What the overlay says of that. */
export type OverlayStatus =
  | Exclude<OverlayCondition, { name: 'live' | 'reconnecting' }>
  | { readonly name: 'listening' }
  | { readonly name: 'reconnecting'; readonly elapsedSeconds: number; readonly bufferedSeconds: number }

/** Where captions stand and since when, by the page's clock. */
export interface ConditionTrack {
  readonly condition: OverlayCondition
  readonly sinceMs: number
  readonly before: OverlayCondition['name'] | undefined
}

/** What follows when captions stand so from now on, or still do. */
export function withCondition(
  track: ConditionTrack | undefined,
  condition: OverlayCondition,
  nowMs: number,
): ConditionTrack {
  if (track?.condition.name === condition.name) return { ...track, condition }
  return { condition, sinceMs: nowMs, before: track?.condition.name }
}

/** What is said of it now; nothing where captions speak for themselves. */
export function statusAt(track: ConditionTrack, nowMs: number): OverlayStatus | undefined {
  const { condition } = track
  if (nowMs >= saidUntilMs(track)) return undefined
  if (condition.name === 'live') return { name: 'listening' }
  if (condition.name !== 'reconnecting') return condition
  return {
    name: 'reconnecting',
    elapsedSeconds: Math.max(0, Math.floor((nowMs - condition.sinceMs) / 1_000)),
    bufferedSeconds: condition.bufferedSeconds,
  }
}

/** Whether captions have ended and that has been said for long enough. */
export const isOver = (track: ConditionTrack, nowMs: number): boolean =>
  (track.condition.name === 'ended' || track.condition.name === 'lost') && nowMs >= saidUntilMs(track)

/** When what is said changes by itself; nothing if it doesn't. */
export function statusChangeAtMs(track: ConditionTrack, nowMs: number): number | undefined {
  if (track.condition.name === 'reconnecting')
    return nowMs + 1_000 - (Math.max(0, nowMs - track.condition.sinceMs) % 1_000)
  const untilMs = saidUntilMs(track)
  return untilMs > nowMs && Number.isFinite(untilMs) ? untilMs : undefined
}

function saidUntilMs({ condition, sinceMs, before }: ConditionTrack): number {
  if (condition.name === 'live') return before === 'starting' ? sinceMs + listeningMs : sinceMs
  if (condition.name === 'paused') return sinceMs + pausedMs
  if (condition.name === 'lost') return sinceMs + endedMs
  if (condition.name !== 'ended') return Number.POSITIVE_INFINITY
  return sinceMs + (condition.reason === 'stopped' ? stoppedMs : endedMs)
}

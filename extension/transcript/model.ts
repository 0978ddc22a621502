/** Why captions ended. */
export const endReasons = [
  /** The listener stopped them. */
  'stopped',
  'tab_closed',
  'credits_used_up',
  'signed_out',
  /** The browser, the computer or the extension ended while they ran. */
  'broken_off',
  /** They were taken over by another tab or another browser of the same account. */
  'taken_over',
  /** The tab's sound could not be had, or was taken away. */
  'no_sound',
  /** The backend or the speech service refused or could not be reached for too long. */
  'failed',
] as const
export type EndReason = (typeof endReasons)[number]

/** Why a stretch of sound has no captions. */
export const gapReasons = ['offline', 'interrupted', 'no_credits'] as const
export type GapReason = (typeof gapReasons)[number]

/** The page whose tab is captioned, as it was when the captions began. */
export interface CaptionedPage {
  readonly title: string
  readonly url: string
  /** The Twitch channel's login, where the page is one's. */
  readonly channel?: string
}

/** One stretch of captions, from the click that starts them to their end. All times are of the listener's clock. */
export interface TranscriptSession {
  /** A UUIDv7. */
  readonly sessionId: string
  readonly page: CaptionedPage
  readonly startedAtMs: number
  /** Absent while they run. */
  readonly endedAtMs?: number
  readonly endReason?: EndReason
}

/**
 * What was said, or that for a while nothing could be heard. Segments are whole, never change once stored, and follow
 * one another in time.
 */
export interface TranscriptSegment {
  readonly sessionId: string
  /** From 0, without holes. */
  readonly index: number
  /** From the session's start. */
  readonly startMs: number
  readonly endMs: number
  readonly kind: 'speech' | 'gap'
  /** Empty for a gap. */
  readonly text: string
  readonly speaker?: string
  /** Of a gap. */
  readonly reason?: GapReason
}

/**
 * One live operation at the backend: its id is minted and stored before it is asked for. A session has several where
 * it paused. It is open until `closedAtMs` is there: then the backend knows of its end, or it never began.
 */
export interface LiveOperation {
  /** The UUIDv7 in `Idempotency-Key`. */
  readonly operationId: string
  /** Whose it is (`accountKey`): to anybody else the backend says that there is no such operation. */
  readonly account: string
  readonly sessionId: string
  readonly startedAtMs: number
  /** When it was last asked for: that request may reach the backend later. As `startedAtMs` where absent. */
  readonly startSentAtMs?: number
  /** When sound was last sent: what a late stop names. Written every few seconds. */
  readonly lastAudioAtMs: number
  readonly closedAtMs?: number
}

/** A question or a catch-up that is paid for: kept before it is sent, so that a repeat finds the same answer. */
export interface AssistantRequest {
  /** The UUIDv7 in `Idempotency-Key`. */
  readonly operationId: string
  /** Who asked (`accountKey`): nobody else sends it again, or pays for it. */
  readonly account: string
  /** The session it is about; absent for a channel that was not captioned. */
  readonly sessionId?: string
  readonly askedAtMs: number
  readonly body:
    | { readonly kind: 'ask'; readonly question: string; readonly fromMs: number; readonly toMs: number }
    | { readonly kind: 'catchup_transcript'; readonly fromMs: number; readonly toMs: number }
    | { readonly kind: 'catchup_channel'; readonly channel: string; readonly minutes: number }
  /** The API's whole answer once there is one (askResponseSchema or catchupResponseSchema). */
  readonly answer?: unknown
  /** What went wrong for good; nothing was charged. */
  readonly failure?: {
    readonly code: string
    readonly detail: string
    readonly requiredCredits?: number
    readonly availableCredits?: number
  }
}

import type { CreditWarning, SessionView } from '../captions/view.ts'

/** A warning stays so long, unless it is dismissed. */
const shownMs = 20_000
/** A warning that a session of this age has already was given while nobody looked at this page. */
const newSessionMs = 15_000

/** The warnings about credits that a page has been given: each once. */
export interface WarningTrack {
  readonly given: CreditWarning | undefined
  readonly shown:
    | { readonly warning: CreditWarning; readonly secondsLeft: number | undefined; readonly untilMs: number }
    | undefined
}

/** What follows when a session is seen, for the first time where there is no track of it yet. */
export function withSessionSeen(
  track: WarningTrack | undefined,
  { warning, secondsLeft, startedAtMs }: SessionView,
  nowMs: number,
): WarningTrack {
  if (warning === undefined) return track ?? { given: undefined, shown: undefined }
  if (track?.given === warning) return track
  if (track === undefined && nowMs - startedAtMs > newSessionMs) return { given: warning, shown: undefined }
  return { given: warning, shown: { warning, secondsLeft, untilMs: nowMs + shownMs } }
}

/** The listener has read it. */
export const dismissed = (track: WarningTrack): WarningTrack => ({ ...track, shown: undefined })

/** The warning that is shown now. */
export const warningAt = ({ shown }: WarningTrack, nowMs: number): WarningTrack['shown'] =>
  shown && nowMs < shown.untilMs ? shown : undefined

import { duration } from '../ui/format.ts'
import { problemText } from '../ui/problem-text.ts'
import { plural, text } from '../ui/text.ts'
import type { CaptionGap } from './caption-lines.ts'
import type { WarningTrack } from './credit-warning.ts'
import type { OverlayStatus } from './session-status.ts'

/** A status in words. */
export interface StatusText {
  readonly sentence: string
  /** What changes from second to second: it is not read out. */
  readonly counter?: string
}

/** Says where captions stand, and what can be done. */
export function statusText(status: OverlayStatus): StatusText {
  if (status.name === 'reconnecting') return reconnectingText(status)
  if (status.name === 'ended') return { sentence: endedText(status) }
  return { sentence: text(`overlay_${status.name}`) }
}

/** Says how far credits are used. */
export function warningText({ warning, secondsLeft }: NonNullable<WarningTrack['shown']>): string {
  const used = text(`overlay_warning_${warning}`)
  if (warning === 'last_minute' || secondsLeft === undefined) return used
  return `${used} ${text('overlay_warning_left', duration(secondsLeft))}`
}

/** Says that a stretch of sound has no captions. */
export const gapText = ({ reason, durationMs }: CaptionGap): string =>
  text(`overlay_gap_${reason}`, duration(durationMs / 1_000))

/** A buffer that lags so far behind has run over. */
const overrunSeconds = 5

function reconnectingText(status: OverlayStatus & { readonly name: 'reconnecting' }): StatusText {
  const isWhole = status.elapsedSeconds - status.bufferedSeconds < overrunSeconds
  return {
    sentence: text(isWhole ? 'overlay_reconnecting' : 'overlay_reconnecting_bounded'),
    ...(status.elapsedSeconds > 0
      ? { counter: text('overlay_reconnecting_for', duration(status.elapsedSeconds)) }
      : {}),
  }
}

function endedText({ reason, problem, creditsUsed }: OverlayStatus & { readonly name: 'ended' }): string {
  const ended =
    reason === 'failed' && problem
      ? `${text('overlay_ended')} ${problemText(problem)}`
      : text(`overlay_ended_${reason}`)
  return creditsUsed === undefined ? ended : `${ended} ${plural('overlay_used', creditsUsed)}`
}

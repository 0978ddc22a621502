import { problemText } from '../ui/problem-text.ts'
import { text } from '../ui/text.ts'
import { shownCaptions } from './caption-lines.ts'
import { warningAt } from './credit-warning.ts'
import { isAtEnd, type OverlayState } from './overlay-state.ts'
import type { OverlayPicture } from './overlay-view.tsx'
import { fitLines, frameOf, hasRoomAbove, type WindowSize } from './placement.ts'
import { type OverlayStatus, statusAt } from './session-status.ts'
import { gapText, type StatusText, statusText, warningText } from './status-text.ts'
import { toolbarLook } from './toolbar-visibility.ts'

/** What is seen of an overlay now. */
export function pictureOf(state: OverlayState, window: WindowSize, nowMs: number): OverlayPicture {
  const frame = frameOf(state.layout, window)
  const { paragraphs, isFading } = shownCaptions(state.lines, nowMs)
  const status = statusShown(state, paragraphs.length > 0, nowMs)
  const hasControls = !state.isHidden && !isAtEnd(state)
  const warning = state.warning && hasControls ? warningAt(state.warning, nowMs) : undefined
  return {
    frame,
    windowHeightPx: window.heightPx,
    isAbove: hasRoomAbove(frame, window),
    style: fitLines(state.layout.style, window),
    isHidden: state.isHidden,
    hasControls,
    paragraphs: paragraphs.map(({ id, text: said, gap }) => ({ id, text: gap ? gapText(gap) : said })),
    isFading,
    look: hasControls ? toolbarLook(state.toolbar, nowMs) : 'hidden',
    status: statusTextShown(state, status),
    isStatusDismissable: status !== undefined && isAtEnd(state),
    warning: warning && warningText(warning),
    note: state.note && nowMs < state.note.untilMs ? text(`overlay_${state.note.name}`) : undefined,
    announcements: state.announces ? state.announcements : undefined,
  }
}

/** Where captions stand; else what is wrong while they run. */
function statusTextShown(
  { isHidden, session }: OverlayState,
  status: OverlayStatus | undefined,
): StatusText | undefined {
  if (status) return statusText(status)
  return session?.problem && !isHidden ? { sentence: problemText(session.problem) } : undefined
}

/** Words say best that captions listen. */
function statusShown(
  { isHidden, isStatusDismissed, condition }: OverlayState,
  hasWords: boolean,
  nowMs: number,
): OverlayStatus | undefined {
  if (isHidden || isStatusDismissed) return undefined
  const status = statusAt(condition, nowMs)
  return status?.name === 'listening' && hasWords ? undefined : status
}

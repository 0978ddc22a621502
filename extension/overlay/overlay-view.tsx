import type { OverlayStyle } from '../settings/model.ts'
import { text, textLanguage } from '../ui/text.ts'
import { captionsHeightPx } from './caption-size.ts'
import { type CaptionParagraph, CaptionsView } from './captions-view.tsx'
import { MessageChip } from './message-chip.tsx'
import type { Frame } from './placement.ts'
import type { StatusText } from './status-text.ts'
import { type HandleHandlers, KeyHints, ResizeHandle, Toolbar, type ToolbarActions } from './toolbar.tsx'
import type { ToolbarLook } from './toolbar-visibility.ts'

export interface OverlayActions extends ToolbarActions {
  readonly resizeHandlers: HandleHandlers
  onDismissStatus(): void
  onDismissWarning(): void
  onDismissNote(): void
  onFocusChange(hasFocus: boolean, from: EventTarget | null): void
}

/** All that is seen of an overlay. */
export interface OverlayPicture {
  readonly frame: Frame
  readonly windowHeightPx: number
  /** Whether the controls stand above the captions, not below. */
  readonly isAbove: boolean
  readonly style: OverlayStyle
  /** Nothing but notes is shown. */
  readonly isHidden: boolean
  /** There is something to move, hide or stop. */
  readonly hasControls: boolean
  readonly paragraphs: readonly CaptionParagraph[]
  readonly isFading: boolean
  readonly look: ToolbarLook
  readonly status: StatusText | undefined
  readonly isStatusDismissable: boolean
  readonly warning: string | undefined
  readonly note: string | undefined
  /** To be read out by a screen reader; nothing where it is not asked for. */
  readonly announcements: readonly { readonly id: number; readonly text: string }[] | undefined
}

/** The overlay in its shadow root. */
export function OverlayView(props: { readonly picture: OverlayPicture; readonly actions: OverlayActions }) {
  const { picture, actions } = props
  return (
    <section
      class={picture.isAbove ? 'frame' : 'frame below'}
      data-look={picture.look}
      style={frameProperties(picture)}
      aria-label={text('overlay_region')}
      lang={textLanguage()}
      onFocusIn={event => actions.onFocusChange(true, event.relatedTarget)}
      onFocusOut={event => actions.onFocusChange(false, event.relatedTarget)}
    >
      {picture.hasControls ? (
        <>
          <Toolbar actions={actions} />
          <KeyHints />
        </>
      ) : null}
      <Messages picture={picture} actions={actions} />
      {picture.isHidden ? null : <Captions picture={picture} actions={actions} />}
    </section>
  )
}

function Messages({
  picture,
  actions,
}: {
  readonly picture: OverlayPicture
  readonly actions: OverlayActions
}) {
  const { status, isStatusDismissable, warning, note } = picture
  return (
    <div class="messages" role="status" aria-atomic="false">
      {note ? <MessageChip key="note" sentence={note} onDismiss={actions.onDismissNote} /> : null}
      {warning ? <MessageChip key="warning" sentence={warning} onDismiss={actions.onDismissWarning} /> : null}
      {status ? (
        <MessageChip
          key="status"
          {...status}
          onDismiss={isStatusDismissable ? actions.onDismissStatus : undefined}
        />
      ) : null}
    </div>
  )
}

function Captions({
  picture,
  actions,
}: {
  readonly picture: OverlayPicture
  readonly actions: OverlayActions
}) {
  const { style, paragraphs, isFading, announcements } = picture
  return (
    <div class="area">
      <div class={isFading ? 'fading' : ''} aria-hidden={announcements !== undefined}>
        <CaptionsView style={style} paragraphs={paragraphs} />
      </div>
      {announcements ? (
        <div class="announcer" role="log" aria-live="polite">
          {announcements.map(({ id, text: spoken }) => (
            <p key={id} lang="">
              {spoken}
            </p>
          ))}
        </div>
      ) : null}
      {picture.hasControls ? <ResizeHandle handlers={actions.resizeHandlers} /> : null}
    </div>
  )
}

function frameProperties({ frame, windowHeightPx, isAbove, style }: OverlayPicture) {
  const bottomPx = windowHeightPx - frame.topPx - frame.heightPx
  return {
    left: `${frame.leftPx}px`,
    width: `${frame.widthPx}px`,
    ...(isAbove ? { top: 'auto', bottom: `${bottomPx}px` } : { top: `${frame.topPx}px`, bottom: 'auto' }),
    'max-height': `${windowHeightPx - (isAbove ? bottomPx : frame.topPx)}px`,
    '--area-height': `${Math.min(captionsHeightPx(style), frame.heightPx)}px`,
    '--message-size': `${Math.max(14, Math.round(style.fontSizePx * 0.7))}px`,
  }
}

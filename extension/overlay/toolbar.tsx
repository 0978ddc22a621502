import type { ComponentChildren } from 'preact'
import { text } from '../ui/text.ts'

/** What the listener does with the captions. */
export interface ToolbarActions {
  readonly moveHandlers: HandleHandlers
  onReset(): void
  onFontStep(direction: 1 | -1): void
  onOpenTranscript(): void
  onHide(): void
  onStop(): void
}

/** Of an element that is dragged, or pushed by keys. */
export interface HandleHandlers {
  onPointerDown(event: PointerEvent): void
  onPointerMove(event: PointerEvent): void
  onLostPointerCapture(): void
  onKeyDown(event: KeyboardEvent): void
}

/** The overlay's controls. Whether they are seen is a matter of style: they can be reached by Tab at any time. */
export function Toolbar({ actions }: { readonly actions: ToolbarActions }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is of forms
    <div class="toolbar" role="group" aria-label={text('overlay_controls')}>
      <button
        type="button"
        class="handle move"
        aria-label={text('overlay_move')}
        aria-describedby="move-hint"
        onDblClick={actions.onReset}
        {...actions.moveHandlers}
      >
        <Icon>
          <path d="M8 0l3 3.5H9V7h3.5V5L16 8l-3.5 3V9H9v3.5h2L8 16l-3-3.5h2V9H3.5v2L0 8l3.5-3v2H7V3.5H5z" />
        </Icon>
      </button>
      <button type="button" aria-label={text('overlay_smaller')} onClick={() => actions.onFontStep(-1)}>
        <Icon>
          <path d="M1 13l3-8h2l3 8H7.5l-.7-2H3.2l-.7 2zm2.7-3.4h2.6L5 6zM10.5 8.3h5v1.4h-5z" />
        </Icon>
      </button>
      <button type="button" aria-label={text('overlay_larger')} onClick={() => actions.onFontStep(1)}>
        <Icon>
          <path d="M0 14L4 3h2l4 11H8.3l-1-2.9H2.7l-1 2.9zm3.2-4.4h3.6L5 4.6zM10.5 8.3h5v1.4h-5zM12.3 6.5h1.4v5h-1.4z" />
        </Icon>
      </button>
      <button type="button" aria-label={text('overlay_transcript_name')} onClick={actions.onOpenTranscript}>
        {text('overlay_transcript')}
      </button>
      <button type="button" aria-label={text('overlay_hide_name')} onClick={actions.onHide}>
        {text('overlay_hide')}
      </button>
      <button type="button" aria-label={text('overlay_stop_name')} onClick={actions.onStop}>
        {text('overlay_stop')}
      </button>
    </div>
  )
}

/** The corner by which captions are made wider, narrower, higher or lower. */
export function ResizeHandle({ handlers }: { readonly handlers: HandleHandlers }) {
  return (
    <button
      type="button"
      class="handle resize"
      aria-label={text('overlay_resize')}
      aria-describedby="resize-hint"
      {...handlers}
    >
      <Icon>
        <path d="M14 5v9H5l1.4-1.4h6.2V6.4zM14 9.5V14H9.5z" />
      </Icon>
    </button>
  )
}

/** Says what keys do, while a handle has the focus. */
export const KeyHints = () => (
  <>
    <p class="hint" id="move-hint">
      {text('overlay_move_hint')}
    </p>
    <p class="hint" id="resize-hint">
      {text('overlay_resize_hint')}
    </p>
  </>
)

const Icon = ({ children }: { readonly children: ComponentChildren }) => (
  <svg viewBox="0 0 16 16" width="16" height="16" fill="currentColor" aria-hidden="true">
    {children}
  </svg>
)

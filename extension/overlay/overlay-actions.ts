import { send } from '../messages/send.ts'
import { dismissed } from './credit-warning.ts'
import { layoutHandlers } from './layout-handlers.ts'
import { type OverlayNote, withNote } from './overlay-state.ts'
import type { OverlayStore } from './overlay-store.ts'
import type { OverlayActions } from './overlay-view.tsx'
import type { WindowSize } from './placement.ts'
import { layoutChanges, type SiteMemory } from './site-memory.ts'
import { pressed } from './toolbar-visibility.ts'

/** What the controls do. */
export function overlayActions(
  store: OverlayStore,
  memory: SiteMemory,
  root: ShadowRoot,
  windowSize: () => WindowSize,
): OverlayActions {
  let focusedBefore: EventTarget | null = null
  const tell = (note: OverlayNote): void => store.change((state, nowMs) => withNote(state, note, nowMs))
  const press = (): void =>
    store.change((state, nowMs) => ({ ...state, toolbar: pressed(state.toolbar, nowMs) }))
  const layout = layoutHandlers({
    layout: () => store.state().layout,
    window: windowSize,
    lay: laid => store.change(state => ({ ...state, layout: laid })),
    keep: before => {
      const changes = layoutChanges(before, store.state().layout)
      if (Object.keys(changes).length > 0) memory.remember(changes)
    },
    onDragging: isDragging => {
      press()
      store.change(state => ({ ...state, toolbar: { ...state.toolbar, isDragging } }))
    },
    leave: () => {
      if (focusedBefore instanceof HTMLElement && focusedBefore.isConnected)
        focusedBefore.focus({ preventScroll: true })
      else if (root.activeElement instanceof HTMLElement) root.activeElement.blur()
    },
  })
  return {
    moveHandlers: layout.move,
    resizeHandlers: layout.resize,
    onReset: layout.reset,
    onFontStep: direction => {
      press()
      layout.stepFont(direction)
    },
    onOpenTranscript: () => {
      // First: the browser opens the panel for the click alone.
      send('panel/open', {}).catch(() => tell('panel_refused'))
      // In fullscreen the panel would not be seen.
      if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined)
    },
    onHide: () => {
      memory.remember({ hidden: true })
      store.change(state => ({ ...state, isHidden: true }))
      tell('hidden')
    },
    onStop: () => void send('captions/stop', {}).catch(() => tell('stop_refused')),
    onDismissStatus: () => store.change(state => ({ ...state, isStatusDismissed: true })),
    onDismissWarning: () =>
      store.change(state => ({ ...state, warning: state.warning && dismissed(state.warning) })),
    onDismissNote: () => store.change(state => ({ ...state, note: undefined })),
    onFocusChange: (hasFocus, from) => {
      if (hasFocus && from instanceof Node && !root.contains(from)) focusedBefore = from
      store.change(state => ({ ...state, toolbar: { ...state.toolbar, hasFocus } }))
    },
  }
}

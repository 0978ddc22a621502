import type { OverlayHost } from './host.ts'
import type { OverlayStore } from './overlay-store.ts'
import { frameOf, overlaps, type WindowSize } from './placement.ts'
import { pointerAt, pointerGone, type ToolbarState, toolbarLook, touched } from './toolbar-visibility.ts'
import { watchPointer } from './watch-pointer.ts'

/** Shows and hides the controls as the pointer comes and goes, wherever they can be reached. */
export function followPointer(
  host: OverlayHost,
  store: OverlayStore,
  windowSize: () => WindowSize,
  signal: AbortSignal,
): void {
  const change = (next: (toolbar: ToolbarState, nowMs: number) => ToolbarState): void =>
    store.change((state, nowMs) => {
      const toolbar = next(state.toolbar, nowMs)
      return toolbar === state.toolbar ? state : { ...state, toolbar }
    })
  const isReachedIn = (box: Pick<DOMRect, 'left' | 'top' | 'right' | 'bottom'>): boolean =>
    overlaps(frameOf(store.state().layout, windowSize()), box) && host.isInReach()
  const touch = (): void => {
    if (host.isInReach()) change(touched)
  }

  if (window.matchMedia('(hover: none)').matches) touch()
  watchPointer(
    host.element,
    {
      onPoint: ({ xPx, yPx }, isOnOverlay) =>
        change((toolbar, nowMs) => {
          // Unseen controls take no pointer: it is on the button of a message, which is not to move away from it.
          if (isOnOverlay && toolbarLook(toolbar, nowMs) !== 'hidden')
            return pointerAt(toolbar, 'controls', nowMs)
          const isOver = !isOnOverlay && isReachedIn({ left: xPx, right: xPx, top: yPx, bottom: yPx })
          return pointerAt(toolbar, isOver ? 'captions' : 'elsewhere', nowMs)
        }),
      onGone: frame =>
        change((toolbar, nowMs) =>
          pointerGone(toolbar, frame !== undefined && isReachedIn(frame.getBoundingClientRect()), nowMs),
        ),
      onTouch: touch,
    },
    signal,
  )
}

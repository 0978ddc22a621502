import { lineHeightPx } from './caption-size.ts'
import { dragHandlers } from './drag.ts'
import {
  defaultPlacement,
  keyStep,
  moved,
  type OverlayLayout,
  resized,
  type WindowSize,
  withFontStep,
} from './placement.ts'
import type { HandleHandlers } from './toolbar.tsx'

/** What is laid out by the listener's hand. */
export interface LayoutTarget {
  layout(): OverlayLayout
  window(): WindowSize
  /** Shows it so. */
  lay(layout: OverlayLayout): void
  /** Remembers how it is laid now, compared with before. */
  keep(before: OverlayLayout): void
  onDragging(isDragging: boolean): void
  /** The listener is done with the keyboard. */
  leave(): void
}

type Change = (
  layout: OverlayLayout,
  window: WindowSize,
  by: { readonly xPx: number; readonly yPx: number },
) => OverlayLayout

/** The handlers that move and resize captions, by pointer and by keyboard, and set the size of their letters. */
export function layoutHandlers(target: LayoutTarget) {
  const apply = (change: (layout: OverlayLayout) => OverlayLayout): void => {
    const before = target.layout()
    target.lay(change(before))
    target.keep(before)
  }
  const reset = (): void => apply(layout => ({ ...layout, placement: defaultPlacement }))
  return {
    move: handleHandlers(target, apply, moved, keyStep, reset),
    resize: handleHandlers(target, apply, resized, resizeStep(target), reset),
    reset,
    stepFont: (direction: 1 | -1): void => apply(layout => withFontStep(layout, direction)),
  }
}

/** Up and down are a line each. */
const resizeStep =
  (target: LayoutTarget): typeof keyStep =>
  (key, isLarge) => {
    const step = keyStep(key, isLarge)
    return step && { ...step, yPx: Math.sign(step.yPx) * lineHeightPx(target.layout().style) }
  }

function handleHandlers(
  target: LayoutTarget,
  apply: (change: (layout: OverlayLayout) => OverlayLayout) => void,
  change: Change,
  stepOf: typeof keyStep,
  reset: () => void,
): HandleHandlers {
  let start = target.layout()
  return {
    ...dragHandlers({
      onStart: () => {
        start = target.layout()
        target.onDragging(true)
      },
      onMove: by => target.lay(change(start, target.window(), by)),
      onEnd: () => {
        target.onDragging(false)
        target.keep(start)
      },
    }),
    onKeyDown: event => {
      if (event.ctrlKey || event.altKey || event.metaKey) return
      const step = stepOf(event.key, event.shiftKey)
      if (step) apply(layout => change(layout, target.window(), step))
      else if (event.key === 'Home') reset()
      else if (event.key === 'Escape') target.leave()
      else return
      event.preventDefault()
    },
  }
}

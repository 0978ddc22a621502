/** A way across the window. */
export interface DragListener {
  onStart(): void
  /** From where the drag began. */
  onMove(by: { readonly xPx: number; readonly yPx: number }): void
  onEnd(): void
}

/** Handlers for an element that is dragged by mouse, pen or finger; the drag goes on outside of it. */
export function dragHandlers(listener: DragListener) {
  let from: { readonly xPx: number; readonly yPx: number } | undefined
  return {
    onPointerDown(event: PointerEvent): void {
      if (event.button !== 0 || !(event.currentTarget instanceof Element)) return
      event.currentTarget.setPointerCapture(event.pointerId)
      from = { xPx: event.clientX, yPx: event.clientY }
      listener.onStart()
    },
    onPointerMove(event: PointerEvent): void {
      if (from) listener.onMove({ xPx: event.clientX - from.xPx, yPx: event.clientY - from.yPx })
    },
    onLostPointerCapture(): void {
      if (!from) return
      from = undefined
      listener.onEnd()
    },
  }
}

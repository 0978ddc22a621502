/** Where a pointer is, as far as the overlay can follow it. */
export interface PointerListener {
  /** @param isOnOverlay whether it is on one of the overlay's own controls */
  onPoint(at: { readonly xPx: number; readonly yPx: number }, isOnOverlay: boolean): void
  /** It can't be followed: it left the window, or is in a frame of another document, whose element this is. */
  onGone(frame: Element | undefined): void
  /** A finger touched the page: there is nothing to follow. */
  onTouch(): void
}

/** Follows the pointer over a page without taking part in anything: the overlay lets clicks through. */
export function watchPointer(host: EventTarget, listener: PointerListener, signal: AbortSignal): void {
  const follow = (event: PointerEvent): void => {
    const isOnOverlay = event.target === host
    if (event.pointerType === 'touch') listener.onTouch()
    else if (event.target instanceof Element && isFrame(event.target)) listener.onGone(event.target)
    // While a button is held, something of the page's may be dragged.
    else if (isOnOverlay || event.buttons === 0)
      listener.onPoint({ xPx: event.clientX, yPx: event.clientY }, isOnOverlay)
  }
  const options = { signal, capture: true, passive: true }
  window.addEventListener('pointermove', follow, options)
  window.addEventListener('pointerover', follow, options)
  window.addEventListener('pointerdown', follow, options)
  window.addEventListener(
    'pointerout',
    event => {
      // A finger goes after each touch.
      if (event.relatedTarget === null && event.pointerType !== 'touch') listener.onGone(undefined)
    },
    options,
  )
}

const isFrame = (element: Element): boolean =>
  ['IFRAME', 'FRAME', 'EMBED', 'OBJECT'].includes(element.tagName)

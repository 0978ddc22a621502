import type { Clock } from '../captions/clock.ts'
import { putBack } from './put-back.ts'

const hostName = 'live-transcription-overlay'

/** The element on the page that the overlay is in. */
export interface OverlayHost {
  readonly root: ShadowRoot
  readonly element: HTMLElement
  /** Whether the browser lets pointer and keyboard get at it: nothing outside of a modal element is in their reach. */
  isInReach(): boolean
  /** Takes it off the page for good. */
  close(): void
}

/**
 * Puts the overlay's element on the page, above everything else, and keeps it there: what removes or covers it is
 * outdone, but never in a race. One that an earlier extension left behind goes.
 *
 * @param css of its shadow root
 * @param mayStay asked before it is put back
 */
export function openHost(css: string, mayStay: () => boolean, clock: Clock): OverlayHost {
  for (const left of document.querySelectorAll(hostName)) left.remove()
  const element = document.createElement(hostName)
  element.popover = 'manual'
  const root = element.attachShadow({ mode: __DEVELOPMENT__ ? 'open' : 'closed' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [sheet]
  keepToItself(root)
  const stop = keepOnTop(element, root, mayStay, clock)
  return {
    root,
    element,
    isInReach: () => Array.from(document.querySelectorAll(':modal')).every(modal => modal.contains(element)),
    close: () => {
      stop()
      element.remove()
    },
  }
}

const keys = ['keydown', 'keypress', 'keyup']
const clicks = [
  'click',
  'dblclick',
  'mousedown',
  'mouseup',
  'pointerdown',
  'pointerup',
  'touchstart',
  'touchend',
]

/** Keys and clicks inside are none of the page's: a player must not seek by them. */
function keepToItself(root: ShadowRoot): void {
  for (const type of [...keys, ...clicks])
    root.addEventListener(type, event => event.stopPropagation(), { passive: true })
  // The page's own element keeps the focus when a control is clicked.
  root.addEventListener('mousedown', event => event.preventDefault())
}

function keepOnTop(element: HTMLElement, root: ShadowRoot, mayStay: () => boolean, clock: Clock): () => void {
  let putBackAtMs: readonly number[] = []
  let cancel: (() => void) | undefined
  let listening = new AbortController()

  const observer = new MutationObserver(() => {
    if (!element.isConnected) putBackSoon()
  })

  function putBackSoon(): void {
    if (cancel || !mayStay()) return
    const next = putBack(putBackAtMs, clock.now())
    putBackAtMs = next.putBackAtMs
    cancel = clock.after(next.delayMs, () => {
      cancel = undefined
      if (mayStay()) put()
    })
  }

  function put(): void {
    const home = homeOf()
    observer.disconnect()
    for (const parent of [document, document.documentElement, home])
      observer.observe(parent, { childList: true })
    if (element.parentNode !== home) home.append(element)
    listening.abort()
    listening = new AbortController()
    listen(listening.signal)
    raise(element, root)
  }

  function listen(signal: AbortSignal): void {
    const options = { signal, capture: true }
    document.addEventListener('fullscreenchange', put, options)
    document.addEventListener(
      'toggle',
      ({ target }) => {
        if (target === element && !isShown(element)) putBackSoon()
        if (target instanceof HTMLDialogElement && target.matches(':modal')) raise(element, root)
      },
      options,
    )
  }

  put()
  return () => {
    cancel?.()
    observer.disconnect()
    listening.abort()
  }
}

/** Elements that show nothing that is put into them. */
const replaced = ['VIDEO', 'IFRAME', 'IMG', 'CANVAS', 'OBJECT', 'EMBED']

/** Where it is put: in fullscreen, the browser lets nothing outside of the fullscreen element be clicked. */
function homeOf(): Element {
  let fullscreen = document.fullscreenElement
  while (fullscreen instanceof HTMLElement) {
    const inner = chrome.dom.openOrClosedShadowRoot(fullscreen)?.fullscreenElement
    if (!inner) break
    fullscreen = inner
  }
  return fullscreen && !replaced.includes(fullscreen.tagName) ? fullscreen : document.documentElement
}

const isShown = (element: HTMLElement): boolean => element.matches(':popover-open')

/** Above all that is in the top layer by now. Where the page has none, it is above by its z-index. */
function raise(element: HTMLElement, root: ShadowRoot): void {
  if (!element.isConnected) return
  const focused = root.activeElement
  try {
    if (isShown(element)) element.hidePopover()
    element.showPopover()
  } catch {
    return
  }
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true })
}

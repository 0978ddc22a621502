import { render } from 'preact'
import { systemClock } from '../captions/clock.ts'
import { send } from '../messages/send.ts'
import captionsCss from './captions.css?inline'
import { askSettings, connectFeed, isOrphaned, watchNudges } from './extension-link.ts'
import { followFeed } from './follow-feed.ts'
import { followPointer } from './follow-pointer.ts'
import { openHost } from './host.ts'
import overlayCss from './overlay.css?inline'
import { overlayActions } from './overlay-actions.ts'
import { pictureOf } from './overlay-picture.ts'
import {
  hasNothingToShow,
  newOverlay,
  type OverlayState,
  withFeedMessage,
  withFeedState,
  withNote,
  withSettings,
} from './overlay-state.ts'
import { overlayStore } from './overlay-store.ts'
import { OverlayView } from './overlay-view.tsx'
import type { WindowSize } from './placement.ts'
import { siteMemory } from './site-memory.ts'

/** An overlay that is on the page. */
export interface RunningOverlay {
  /** Asks anew for all that it shows, as if it had just been put there. */
  refresh(): void
}

const clock = systemClock

/**
 * Puts captions on the page and keeps them there until they have ended.
 *
 * @param onEnd called once, when all of it is gone
 */
export function openOverlay(onEnd: () => void): RunningOverlay {
  const lifetime = new AbortController()
  const { signal } = lifetime
  const host = openHost(captionsCss + overlayCss, () => !endIfOrphaned(), clock)
  const mount = document.createElement('div')
  host.root.append(mount)

  let size = sizeOf(host.element)
  const store = overlayStore(newOverlay(clock.now()), draw, clock)
  const memory = siteMemory(
    changes =>
      send('overlay/save', changes).then(
        () => undefined,
        () => store.change((state, nowMs) => withNote(state, 'save_refused', nowMs)),
      ),
    clock,
  )
  const actions = overlayActions(store, memory, host.root, () => size)
  const feed = followFeed(
    {
      connect: connectFeed,
      onMessage: message => store.change((state, nowMs) => withFeedMessage(state, message, nowMs)),
      onState: feedState => {
        if (!endIfOrphaned()) store.change((state, nowMs) => withFeedState(state, feedState, nowMs))
      },
    },
    clock,
  )
  const sizes = new ResizeObserver(() => {
    size = sizeOf(host.element)
    store.redraw()
  })
  sizes.observe(host.element)
  followPointer(host, store, () => size, signal)
  watchNudges(() => void takeSettings(), signal)
  // The browser keeps a page that is gone back to, but closes its ports.
  window.addEventListener('pageshow', event => event.persisted && refresh(), { signal })
  window.addEventListener('pagehide', memory.flush, { signal })
  void takeSettings()

  function draw(state: OverlayState, nowMs: number): void {
    if (hasNothingToShow(state, nowMs)) end()
    else render(<OverlayView picture={pictureOf(state, size, nowMs)} actions={actions} />, mount)
  }

  async function takeSettings(): Promise<void> {
    const settings = await askSettings(clock)
    store.change(state => withSettings(state, settings, state.toolbar.isDragging || memory.isBehind()))
  }

  function refresh(): void {
    void takeSettings()
    feed.restart()
  }

  function endIfOrphaned(): boolean {
    if (isOrphaned()) end()
    return signal.aborted
  }

  function end(): void {
    if (signal.aborted) return
    lifetime.abort()
    memory.flush()
    feed.stop()
    sizes.disconnect()
    store.stop()
    render(null, mount)
    host.close()
    onEnd()
  }

  return { refresh }
}

/** Of the page's window, without its scroll bars. The element fills it. */
const sizeOf = (element: Element): WindowSize => ({
  widthPx: Math.max(1, element.clientWidth || window.innerWidth),
  heightPx: Math.max(1, element.clientHeight || window.innerHeight),
})

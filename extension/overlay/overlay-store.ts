import type { Clock } from '../captions/clock.ts'
import { type OverlayState, overlayChangeAtMs } from './overlay-state.ts'

/** What an overlay knows, drawn whenever it changes or time changes what is shown of it. */
export interface OverlayStore {
  state(): OverlayState
  /** The same state is not drawn again. */
  change(next: (state: OverlayState, nowMs: number) => OverlayState): void
  redraw(): void
  stop(): void
}

/** Begins with a state, which is not drawn before it changes. */
export function overlayStore(
  initial: OverlayState,
  draw: (state: OverlayState, nowMs: number) => void,
  clock: Clock,
): OverlayStore {
  let state = initial
  let cancel = (): void => undefined
  let isStopped = false

  function redraw(): void {
    if (isStopped) return
    cancel()
    const nowMs = clock.now()
    const changeAtMs = overlayChangeAtMs(state, nowMs)
    if (changeAtMs !== undefined) cancel = clock.after(changeAtMs - nowMs, redraw)
    draw(state, nowMs)
  }

  return {
    state: () => state,
    change: next => {
      const before = state
      state = next(state, clock.now())
      if (state !== before) redraw()
    },
    redraw,
    stop: () => {
      isStopped = true
      cancel()
    },
  }
}

import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../extension/captions/clock.ts'
import { newOverlay, withNote } from '../../../../extension/overlay/overlay-state.ts'
import { overlayStore } from '../../../../extension/overlay/overlay-store.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

it('an overlay is drawn when it changes and when time changes it, and never after it has gone', () => {
  const drawnAtMs: number[] = []
  const store = overlayStore(newOverlay(0), (_, nowMs) => drawnAtMs.push(nowMs), systemClock)
  store.change(state => state)
  expect(drawnAtMs).toEqual([])
  store.change((state, nowMs) => withNote(state, 'hidden', nowMs))
  vi.advanceTimersByTime(60_000)
  expect(drawnAtMs).toEqual([0, 12_000])
  store.change((state, nowMs) => withNote(state, 'hidden', nowMs))
  store.stop()
  store.redraw()
  vi.advanceTimersByTime(60_000)
  expect(drawnAtMs).toEqual([0, 12_000, 60_000])
})

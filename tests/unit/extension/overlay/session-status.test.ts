import { describe, expect, it } from 'vitest'
import {
  type ConditionTrack,
  isOver,
  type OverlayCondition,
  statusAt,
  statusChangeAtMs,
  withCondition,
} from '../../../../extension/overlay/session-status.ts'

const track = (...conditions: [atMs: number, condition: OverlayCondition][]): ConditionTrack => {
  const [[atMs, first], ...rest] = conditions as [(typeof conditions)[number], ...typeof conditions]
  return rest.reduce(
    (before, [nextMs, next]) => withCondition(before, next, nextMs),
    withCondition(undefined, first, atMs),
  )
}

describe('where captions stand', () => {
  it('is said as long as they start or stop', () => {
    expect(statusAt(track([0, { name: 'starting' }]), 60_000)).toEqual({ name: 'starting' })
    expect(statusAt(track([0, { name: 'stopping' }]), 60_000)).toEqual({ name: 'stopping' })
  })

  it('is said for a moment when they begin to listen, and not when they go on', () => {
    const begun = track([0, { name: 'starting' }], [1_000, { name: 'live' }])
    expect(statusAt(begun, 1_000)).toEqual({ name: 'listening' })
    expect(statusChangeAtMs(begun, 1_000)).toBe(5_000)
    expect(statusAt(begun, 5_000)).toBeUndefined()
    expect(statusAt(track([0, { name: 'paused' }], [1_000, { name: 'live' }]), 1_000)).toBeUndefined()
  })

  it('is said for a while when they pause, counted from when they did', () => {
    const paused = track([0, { name: 'live' }], [1_000, { name: 'paused' }], [9_000, { name: 'paused' }])
    expect(statusAt(paused, 10_999)).toEqual({ name: 'paused' })
    expect(statusAt(paused, 11_000)).toBeUndefined()
  })

  it('counts the seconds of a broken line from when it broke', () => {
    const broken = track([5_000, { name: 'reconnecting', sinceMs: 2_500, bufferedSeconds: 3 }])
    expect(statusAt(broken, 15_000)).toEqual({ name: 'reconnecting', elapsedSeconds: 12, bufferedSeconds: 3 })
    expect(statusChangeAtMs(broken, 15_000)).toBe(15_500)
  })

  it('is said for as long as it takes to read when they have ended, and then it is over', () => {
    const stopped = track([0, { name: 'live' }], [1_000, { name: 'ended', reason: 'stopped' }])
    expect(isOver(stopped, 6_999)).toBe(false)
    expect(isOver(stopped, 7_000)).toBe(true)
    const failed = track([0, { name: 'live' }], [1_000, { name: 'ended', reason: 'failed' }])
    expect(statusAt(failed, 20_999)).toEqual({ name: 'ended', reason: 'failed' })
    expect(statusChangeAtMs(failed, 1_000)).toBe(21_000)
    expect(isOver(failed, 21_000)).toBe(true)
  })

  it('has the cost as soon as it is known, and the reading time goes on', () => {
    const ended = track(
      [1_000, { name: 'ended', reason: 'stopped' }],
      [3_000, { name: 'ended', reason: 'stopped', creditsUsed: 12 }],
    )
    expect(statusAt(ended, 3_000)).toEqual({ name: 'ended', reason: 'stopped', creditsUsed: 12 })
    expect(isOver(ended, 7_000)).toBe(true)
  })

  it('is not over while the extension is asked again, but when it is lost', () => {
    expect(isOver(track([0, { name: 'unanswered' }]), 600_000)).toBe(false)
    expect(isOver(track([0, { name: 'unanswered' }], [1_000, { name: 'lost' }]), 21_000)).toBe(true)
  })
})

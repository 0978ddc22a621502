import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { every, sleep, sleepUntil, systemClock } from '../../../../extension/captions/clock.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('what runs every second runs until it is ended', () => {
  const run = vi.fn()
  const end = every(systemClock, 1_000, run)
  vi.advanceTimersByTime(3_500)
  end()
  vi.advanceTimersByTime(3_000)
  expect(run).toHaveBeenCalledTimes(3)
  expect(vi.getTimerCount()).toBe(0)
})

it('what runs every second can end itself', () => {
  const end: () => void = every(systemClock, 1_000, () => end())
  vi.advanceTimersByTime(1_000)
  expect(vi.getTimerCount()).toBe(0)
})

it('a sleep is over early when its signal is given, and leaves no timer', async () => {
  const stop = new AbortController()
  const slept = sleep(systemClock, 60_000, stop.signal)
  stop.abort()
  await slept
  await sleep(systemClock, 60_000, stop.signal)
  expect(vi.getTimerCount()).toBe(0)
})

it('a wait of less than nothing is over at once', async () => {
  const slept = sleep(systemClock, -5, new AbortController().signal)
  await vi.advanceTimersByTimeAsync(0)
  await slept
})

it('a time is noticed within five seconds of waking, though timers stood still in sleep', async () => {
  let isOver = false
  void sleepUntil(systemClock, Date.now() + 600_000, new AbortController().signal).then(() => {
    isOver = true
  })
  await vi.advanceTimersByTimeAsync(10_000)
  vi.setSystemTime(Date.now() + 3_600_000)
  await vi.advanceTimersByTimeAsync(4_900)
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(100)
  expect(isOver).toBe(true)
})

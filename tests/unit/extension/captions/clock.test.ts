import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { every, sleep, systemClock } from '../../../../extension/captions/clock.ts'

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

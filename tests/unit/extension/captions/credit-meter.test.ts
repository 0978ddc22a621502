import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../extension/captions/clock.ts'
import { CreditMeter } from '../../../../extension/captions/credit-meter.ts'
import type { Lease } from '../../../../extension/captions/leases.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const lease = (seconds: number, creditsAvailable: number): Lease => ({
  operationId: 'op',
  number: 1,
  socketUrl: '',
  seconds,
  endsAtMs: Date.now() + seconds * 1_000,
  isEndKnown: true,
  renewFromMs: Date.now() + seconds * 900,
  creditsHeld: seconds / 6,
  creditsAvailable,
})

const meterOf = (secondsPerCredit: () => Promise<number>, creditsAvailable = 0): CreditMeter =>
  new CreditMeter({
    clock: systemClock,
    random: () => 0,
    secondsPerCredit,
    creditsAvailable: async () => creditsAvailable,
  })

it('prices that could not be had are asked for again, less and less often', async () => {
  const prices = vi.fn(async () => 6)
  for (let count = 0; count < 4; count++) prices.mockRejectedValueOnce(new Error('No answer.'))
  const meter = meterOf(prices)
  meter.holds(lease(300, 100))
  for (let second = 0; second < 7; second++) {
    await vi.advanceTimersByTimeAsync(1_000)
    meter.tick()
  }
  await vi.advanceTimersByTimeAsync(0)
  expect(prices).toHaveBeenCalledTimes(4)
  expect(meter.secondsLeft).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1_000)
  meter.tick()
  await vi.advanceTimersByTimeAsync(0)
  expect(meter.secondsLeft).toBe(292 + 600)
})

it('what is too little for another lease is no time that is left', async () => {
  const meter = meterOf(async () => 6)
  await vi.advanceTimersByTimeAsync(0)
  meter.holds(lease(300, 9))
  expect(meter.secondsLeft).toBe(300)
  meter.holds(lease(300, 10))
  expect(meter.secondsLeft).toBe(360)
  meter.holds(lease(300, 59))
  expect(meter.secondsLeft).toBe(300 + 300)
})

it('the last minute is told of in the last minute that can be bought', async () => {
  const meter = meterOf(async () => 6, 9)
  await vi.advanceTimersByTimeAsync(0)
  meter.holds(lease(300, 9))
  const toldAtMs: [string, number][] = []
  const endsAtMs = Date.now() + 300_000
  for (let second = 0; second < 300; second++) {
    await vi.advanceTimersByTimeAsync(1_000)
    const before = meter.warning
    meter.tick()
    await vi.advanceTimersByTimeAsync(0)
    if (meter.warning && meter.warning !== before)
      toldAtMs.push([meter.warning, (endsAtMs - Date.now()) / 1_000])
  }
  expect(toldAtMs).toEqual([
    ['half', 149],
    ['three_quarters', 74],
    ['last_minute', 60],
  ])
})

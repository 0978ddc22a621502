import { expect, it } from 'vitest'
import { putBack } from '../../../../extension/overlay/put-back.ts'

it('a removed overlay is back at once, but ten times in ten seconds at most', () => {
  let putBackAtMs: readonly number[] = []
  let nowMs = 5_000
  const delays: number[] = []
  for (let time = 0; time < 30; time++) {
    const next = putBack(putBackAtMs, nowMs)
    delays.push(next.delayMs)
    putBackAtMs = next.putBackAtMs
    nowMs += next.delayMs + 10
  }
  expect(delays.slice(0, 10)).toEqual(Array(10).fill(0))
  expect(delays.slice(10, 12)).toEqual([9_900, 0])
  expect(nowMs).toBeGreaterThan(5_000 + 20_000)
  expect(putBackAtMs.length).toBeLessThanOrEqual(11)
})

import { expect, it } from 'vitest'
import { backoffMs } from '../../../../extension/captions/backoff.ts'

it('doubles from half a second to ten seconds', () => {
  const waits = [1, 2, 3, 4, 5, 6, 20].map(failures => backoffMs(failures, () => 0))
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
})

it('takes up to half of it off at random', () => {
  expect(backoffMs(3, () => 0.999)).toBeCloseTo(1_001)
})

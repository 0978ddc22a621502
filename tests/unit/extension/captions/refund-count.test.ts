import { expect, it } from 'vitest'
import { RefundCount } from '../../../../extension/captions/refund-count.ts'

const hourMs = 3_600_000

it('a pause uses a refund four times in any hour', () => {
  const refunds = new RefundCount()
  for (const atMs of [0, 1_000, 2_000, 3_000]) {
    expect(refunds.isWorthIt(atMs + 60_000, atMs)).toBe(true)
    refunds.use(atMs)
  }
  expect(refunds.isWorthIt(hourMs + 60_000, hourMs - 1)).toBe(false)
  expect(refunds.isWorthIt(hourMs + 60_000, hourMs)).toBe(true)
})

it('a lease that ends within 20 s is used to its end', () => {
  const refunds = new RefundCount()
  expect(refunds.isWorthIt(20_000, 0)).toBe(false)
  expect(refunds.isWorthIt(20_001, 0)).toBe(true)
})

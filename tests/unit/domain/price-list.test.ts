import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { priceListSchema } from '../../../src/contracts/credits.ts'
import { clipCredits, priceList } from '../../../src/domain/price-list.ts'

test.each([
  [0, 1],
  [160, 1],
  [3_000, 1],
  [5_999, 1],
  [6_000, 1],
  [6_001, 2],
  [7_100, 2],
  [12_000, 2],
  [12_001, 3],
  [60_000, 10],
  [3_600_000, 600],
])('a clip of %i ms costs %i credits', (audioMs, credits) => {
  expect(clipCredits(audioMs)).toBe(credits)
})

test('a clip costs one credit for each six seconds begun, and never nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 36_000_000 }), audioMs => {
      const credits = clipCredits(audioMs)
      expect(Number.isSafeInteger(credits)).toBe(true)
      expect((credits - 1) * 6_000).toBeLessThan(audioMs)
      expect(credits * 6_000).toBeGreaterThanOrEqual(audioMs)
    }),
  )
})

test('a longer clip never costs less', () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), fc.nat(100_000), (audioMs, more) => {
      expect(clipCredits(audioMs + more)).toBeGreaterThanOrEqual(clipCredits(audioMs))
    }),
  )
})

test('the price list is what the contract says a price list is', () => {
  expect(priceListSchema.parse(priceList)).toEqual(priceList)
})

test('the packs cost what design and contract promise, the larger the cheaper by the credit', () => {
  expect(priceList.packages.map(pack => [pack.package_id, pack.credits, pack.price_cents])).toEqual([
    ['starter', 500, 299],
    ['popular', 2_000, 999],
    ['power', 5_000, 1_999],
  ])
  const centsPerCredit = priceList.packages.map(pack => pack.price_cents / pack.credits)
  expect(centsPerCredit).toEqual(centsPerCredit.toSorted((a, b) => b - a))
})

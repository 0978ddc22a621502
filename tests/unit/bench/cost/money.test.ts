import { describe, expect, it } from 'vitest'
import { costOf, dollars, format, scaled } from '../../../../bench/cost/money.ts'

describe('an amount in dollars', () => {
  it.each([
    ['0.625', 625_000_000n],
    ['3', 3_000_000_000n],
    ['19.99', 19_990_000_000n],
    ['0.000000001', 1n],
  ])('is read from %s without rounding', (text, nanoDollars) => {
    expect(dollars(text)).toBe(nanoDollars)
  })

  it.each(['', '1.', '.5', '-1', '1e3', '0.0000000001', '1,000'])('is not read from "%s"', text => {
    expect(() => dollars(text)).toThrow(RangeError)
  })

  it.each([
    [dollars('1234.5'), 2, '$1,234.50'],
    [dollars('0.005'), 2, '$0.01'],
    [dollars('0.004999999'), 2, '$0.00'],
    [-dollars('1.5'), 2, '−$1.50'],
    [-1n, 2, '$0.00'],
    [dollars('0.0256'), 4, '$0.0256'],
    [dollars('0.9999'), 3, '$1.000'],
  ])('of %s with %s decimals is written %s', (amount, decimals, text) => {
    expect(format(amount, decimals)).toBe(text)
  })
})

describe('a cost', () => {
  const aMillion = { nanoDollars: dollars('0.625'), per: 1_000_000n }

  it('is exact for quantities that no floating-point number holds', () => {
    const quantity = 9_007_199_254_740_993n * 1_000_000n
    expect(costOf(quantity, aMillion)).toBe(9_007_199_254_740_993n * 625_000_000n)
  })

  it('counts a part of a billionth of a dollar as a whole one', () => {
    expect(costOf(1n, { nanoDollars: 1n, per: 1_000n })).toBe(1n)
    expect(costOf(1_001n, { nanoDollars: 1n, per: 1_000n })).toBe(2n)
    expect(costOf(0n, aMillion)).toBe(0n)
  })
})

it('scales what samples took up to a month, and rounds up', () => {
  expect(scaled(7, 3, 1_000n)).toBe(2_334n)
  expect(scaled(6, 3, 1_000n)).toBe(2_000n)
})

import { describe, expect, it } from 'vitest'
import { perThousand, readAmount, sumOf, toCents, toDecimal } from '../../../ops/amount.ts'

describe('an amount of a bill', () => {
  it.each([
    ['0', '0.0000'],
    ['1', '1.0000'],
    ['0.0123456789', '0.0123'],
    ['0.00005', '0.0001'],
    ['0.0000499999', '0.0000'],
    ['1.2E-3', '0.0012'],
    ['1.5E2', '150.0000'],
    ['-0.5', '-0.5000'],
    ['-0.00001', '0.0000'],
    ['0.123456789012345', '0.1235'],
    ['3.', '3.0000'],
  ])('is read from %s', (text, shown) => {
    expect(toDecimal(readAmount(text))).toBe(shown)
  })

  it.each(['', 'abc', '1,5', 'NaN', '.5', '1e'])('is not read from %j', text => {
    expect(() => readAmount(text)).toThrow('where an amount should be')
  })

  it('is summed exactly where floating point is not', () => {
    expect(sumOf(['0.1', '0.2', '-0.3'].map(readAmount))).toBe(0n)
  })

  it.each([
    ['0.005', 1],
    ['0.0049999999', 0],
    ['-0.005', -1],
    ['12.345', 1_235],
  ])('%s dollars are %i cents', (text, cents) => {
    expect(toCents(readAmount(text))).toBe(cents)
  })

  it('is told for a thousand, where there is anybody', () => {
    expect(perThousand(readAmount('0.5'), 250)).toBe(readAmount('2'))
    expect(perThousand(readAmount('0.5'), 0)).toBeUndefined()
  })
})

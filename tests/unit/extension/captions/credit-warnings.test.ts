import { describe, expect, it } from 'vitest'
import { CreditWarnings } from '../../../../extension/captions/credit-warnings.ts'

/** The warnings that are given while the seconds run down. */
const given = (warnings: CreditWarnings, seconds: readonly number[]): (string | undefined)[] =>
  seconds.map(left => {
    if (!warnings.isDue(left)) return undefined
    warnings.give(left)
    return warnings.last
  })

describe('warnings', () => {
  it('are given at each line, once', () => {
    const warnings = new CreditWarnings()
    expect(given(warnings, [1_200, 601, 600, 590, 300, 290, 120, 61, 60, 30, 0])).toEqual([
      undefined,
      undefined,
      'half',
      undefined,
      'three_quarters',
      undefined,
      'nine_tenths',
      undefined,
      'last_minute',
      undefined,
      undefined,
    ])
    expect(warnings.last).toBe('last_minute')
  })

  it('of which several are due are one: the gravest', () => {
    expect(given(new CreditWarnings(), [1_200, 100, 90])).toEqual([undefined, 'nine_tenths', undefined])
  })

  it('begin with the last minute where there is no more', () => {
    expect(given(new CreditWarnings(), [60, 20])).toEqual(['last_minute', undefined])
  })

  it('are never milder than one before', () => {
    const seconds = [100, 60, 50, 25, 10, 1]
    expect(given(new CreditWarnings(), seconds).filter(warning => warning)).toEqual(['last_minute'])
  })

  it('are given anew once credits were bought', () => {
    const warnings = new CreditWarnings()
    given(warnings, [1_200, 500])
    expect(warnings.isDue(2_000)).toBe(false)
    expect(warnings.last).toBeUndefined()
    expect(given(warnings, [1_001, 1_000])).toEqual([undefined, 'half'])
  })

  it('are not given anew because credits that were held came back', () => {
    const warnings = new CreditWarnings()
    given(warnings, [1_200, 590])
    expect(given(warnings, [596, 580])).toEqual([undefined, undefined])
    expect(warnings.last).toBe('half')
  })
})

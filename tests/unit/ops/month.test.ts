import { describe, expect, it } from 'vitest'
import { daysSoFar, monthNameAt, monthOf } from '../../../ops/month.ts'

describe('a month', () => {
  it('goes from its first moment to the next month, over the turn of the year too', () => {
    expect(monthOf('2026-12')).toEqual({
      name: '2026-12',
      fromMs: Date.parse('2026-12-01T00:00:00Z'),
      toMs: Date.parse('2027-01-01T00:00:00Z'),
    })
  })

  it('is told by its moments in UTC', () => {
    expect(monthNameAt(Date.parse('2026-11-30T23:59:59.999Z'))).toBe('2026-11')
    expect(monthNameAt(Date.parse('2026-12-01T00:00:00Z'))).toBe('2026-12')
  })

  it.each([
    ['has today on its first day', '2026-11-01T00:00:00Z', '2026-11-02'],
    ['has today in its middle', '2026-11-14T18:00:00Z', '2026-11-15'],
    ['has all of its days on the last', '2026-11-30T23:59:59Z', '2026-12-01'],
    ['has all of its days once it is over', '2027-03-01T00:00:00Z', '2026-12-01'],
  ])('%s', (_name, now, to) => {
    expect(daysSoFar(monthOf('2026-11'), Date.parse(now))).toEqual({ from: '2026-11-01', to })
  })
})

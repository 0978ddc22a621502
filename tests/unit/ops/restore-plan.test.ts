import { describe, expect, it } from 'vitest'
import { problemOfTime, suffixOf, underSuffix, wholeSecond } from '../../../ops/restore-plan.ts'

const at = (text: string): number => Date.parse(text)

describe('restored tables', () => {
  const first = { users: 'lt-users', usage: 'lt-usage', transactions: 'lt-transactions' }
  const restored = { users: 'lt-users-r1', usage: 'lt-usage-r1', transactions: 'lt-transactions-r1' }

  it('are named by the moment, in UTC and to the second', () => {
    expect(suffixOf(at('2026-11-29T13:00:00+01:00'))).toBe('-r20261129120000')
    expect(wholeSecond(at('2026-11-29T12:00:00.999Z'))).toBe(at('2026-11-29T12:00:00Z'))
  })

  it('take the place of a suffix, and do not add to it', () => {
    expect(underSuffix(first, '', '-r1')).toEqual(restored)
    expect(underSuffix(restored, '-r1', '')).toEqual(first)
    expect(underSuffix(restored, '-r1', '-r2').users).toBe('lt-users-r2')
  })
})

describe('a moment to restore', () => {
  const now = at('2026-11-29T12:00:00Z')
  const windows = [
    { earliestMs: at('2026-11-01T00:00:00.500Z'), latestMs: at('2026-11-29T11:55:30.700Z') },
    { earliestMs: at('2026-10-25T00:00:00Z'), latestMs: at('2026-11-29T11:55:00.900Z') },
  ]

  it('is fine within what every table has', () => {
    expect(problemOfTime(at('2026-11-01T00:00:01Z'), windows, now)).toBeUndefined()
    expect(problemOfTime(at('2026-11-29T11:55:00Z'), windows, now)).toBeUndefined()
  })

  it('is refused in the future', () => {
    expect(problemOfTime(now + 1, windows, now)).toBe('lies in the future')
  })

  it('is refused where one table does not reach, and told what would be fine', () => {
    const early = problemOfTime(at('2026-11-01T00:00:00Z'), windows, now)
    expect(early).toBe('is too early: the tables can be restored from 2026-11-01T00:00:01Z on')
    const late = problemOfTime(at('2026-11-29T11:55:01Z'), windows, now)
    expect(late).toBe('is too late: the tables can be restored to 2026-11-29T11:55:00Z at most')
  })
})

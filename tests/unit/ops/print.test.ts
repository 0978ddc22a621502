import { describe, expect, it } from 'vitest'
import { counted, dollars, fieldsOf, moment, paragraphs, tableOf } from '../../../ops/print.ts'

describe('what is printed', () => {
  it('has rows under their heads, numbers to the right, and nothing but text', () => {
    const table = tableOf(
      ['Name', 'Credits'],
      [
        ['Ada', 5],
        ['Grace', 1_200],
      ],
    )
    expect(table).toBe('Name   Credits\nAda          5\nGrace     1200')
  })

  it('says so where there are no rows', () => {
    expect(tableOf(['Name'], [])).toBe('None.')
    expect(tableOf(['Name'], [], 'Nobody.')).toBe('Nobody.')
  })

  it('shows that something is not known, and leaves out what does not apply', () => {
    expect(tableOf(['A', 'B'], [['x', null]])).toBe('A  B\nx  –')
    expect(fieldsOf({ Name: 'Ada', Age: undefined, City: null })).toBe('Name  Ada\nCity  –')
  })

  it('leaves a line between paragraphs', () => {
    expect(paragraphs('one', undefined, '', 'two')).toBe('one\n\ntwo')
  })

  it.each([
    [0, '$0.00'],
    [5, '$0.05'],
    [-250, '-$2.50'],
    [123_456_789, '$1,234,567.89'],
  ])('writes %i cents as %s', (cents, text) => {
    expect(dollars(cents)).toBe(text)
  })

  it('counts one and several', () => {
    expect([counted(1, 'account'), counted(1_000, 'account'), counted(0, 'mismatch', 'mismatches')]).toEqual([
      '1 account',
      '1,000 accounts',
      '0 mismatches',
    ])
  })

  it('writes moments as they are typed', () => {
    expect(moment(Date.parse('2026-11-29T12:00:00.123Z'))).toBe('2026-11-29T12:00:00Z')
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  findMatches,
  matchesAround,
  matchFrom,
  stepMatch,
} from '../../../../../extension/panel/transcript/search.ts'
import { segment } from './segment.ts'

const list = ['He was not an ill-disposed', 'young man, unless to be', 'Rather cold HEARTED, and rather'].map(
  (text, index) => segment(index, { text }),
)

describe('searching', () => {
  it('finds every place in the order of the text, whatever the case', () => {
    expect(findMatches(list, 'rather')).toEqual([
      { place: 2, from: 0, to: 6 },
      { place: 2, from: 25, to: 31 },
    ])
    expect(findMatches(list, 'hearted')).toHaveLength(1)
  })

  it('takes a phrase as it is said: blanks around it are left off, and signs mean themselves', () => {
    expect(findMatches(list, '  young   man, ')).toEqual([{ place: 1, from: 0, to: 10 }])
    expect(findMatches(list, '.')).toEqual([])
    expect(findMatches([segment(0, { text: 'C++ (and $5)' })], '(and $5)')).toHaveLength(1)
  })

  it('finds nothing for nothing', () => {
    expect(findMatches(list, '   ')).toEqual([])
  })

  it('finds any part of what was said, where it stands', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc.nat(),
        (text, from, length) => {
          const phrase = text
            .slice(from % text.length)
            .slice(0, 1 + (length % text.length))
            .trim()
          fc.pre(phrase.isWellFormed() && phrase !== '')
          const found = findMatches([segment(0, { text })], phrase)
          expect(found.length).toBeGreaterThan(0)
        },
      ),
    )
  })

  it('begins with the first match in sight, or with the first of all', () => {
    const matches = findMatches(list, 'an')
    expect(matches[matchFrom(matches, 1)]?.place).toBe(1)
    expect(matchFrom(findMatches(list, 'not'), 2)).toBe(0)
  })

  it('goes round from the last match to the first and back', () => {
    expect(stepMatch(2, 1, 3)).toBe(0)
    expect(stepMatch(0, -1, 3)).toBe(2)
    expect(stepMatch(0, 1, 0)).toBe(0)
  })

  it('marks the matches around the current one where there are many', () => {
    const many = Array.from({ length: 100 }, (_, place) => place)
    expect(matchesAround(many, 50, 10)).toEqual([45, 46, 47, 48, 49, 50, 51, 52, 53, 54])
    expect(matchesAround(many, 99, 10)).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99])
    expect(matchesAround(many, 1, 4)).toEqual([0, 1, 2, 3])
    expect(matchesAround([0, 1], 1, 10)).toEqual([0, 1])
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { segmentsOf } from '../../../../extension/captions/segments.ts'
import type { SpokenWord } from '../../../../extension/captions/word.ts'

const words = (text: string, wordMs = 400, speaker?: string): SpokenWord[] =>
  text.split(' ').map((word, index) => ({
    text: word,
    startMs: index * wordMs,
    endMs: (index + 1) * wordMs,
    ...(speaker === undefined ? {} : { speaker }),
  }))

const texts = (spoken: readonly SpokenWord[]): string[] => segmentsOf(spoken).map(({ text }) => text)

describe('a turn', () => {
  it('that is short is one segment', () => {
    expect(segmentsOf(words('Hello there. How are you?'))).toEqual([
      { startMs: 0, endMs: 2_000, text: 'Hello there. How are you?' },
    ])
  })

  it('that is long is parted between sentences, as few as will do', () => {
    const sentence = 'He was not an ill disposed young man.'
    expect(texts(words(Array(5).fill(sentence).join(' ')))).toEqual([
      Array(3).fill(sentence).join(' '),
      Array(2).fill(sentence).join(' '),
    ])
  })

  it('whose sentence is too long is parted between clauses', () => {
    const clause = 'and he was not an ill disposed young man,'
    const parts = texts(words(Array(6).fill(clause).join(' ')))
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.every(part => part.endsWith('man,'))).toBe(true)
  })

  it('without any stop is parted between words', () => {
    expect(texts(words(Array(40).fill('na').join(' ')))).toEqual([
      Array(30).fill('na').join(' '),
      Array(10).fill('na').join(' '),
    ])
  })

  it('of two speakers is parted between them', () => {
    const [first, second] = [words('Hello.', 400, 'A'), words('Hi. All.', 400, 'B')]
    expect(segmentsOf([...first, ...second])).toMatchObject([
      { text: 'Hello.', speaker: 'A' },
      { text: 'Hi. All.', speaker: 'B' },
    ])
  })

  it('without words is none', () => {
    expect(segmentsOf([])).toEqual([])
  })

  it('keeps every word, in segments of at most 12 s and 240 characters', () => {
    const spoken = fc.array(
      fc.record({
        text: fc.constantFrom('na', 'man,', 'end.', 'disposed', 'Why?”'),
        ms: fc.integer({ min: 50, max: 2_000 }),
      }),
      { maxLength: 200 },
    )
    fc.assert(
      fc.property(spoken, said => {
        let atMs = 0
        const turn = said.map(({ text, ms }) => {
          const startMs = atMs
          atMs += ms
          return { text, startMs, endMs: atMs }
        })
        const segments = segmentsOf(turn)
        expect(segments.map(({ text }) => text).join(' ')).toBe(turn.map(({ text }) => text).join(' '))
        for (const { startMs, endMs, text } of segments) {
          expect(endMs - startMs).toBeLessThanOrEqual(12_000)
          expect(text.length).toBeLessThanOrEqual(240)
        }
      }),
    )
  })
})

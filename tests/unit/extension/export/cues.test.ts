import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cuesOf } from '../../../../extension/export/cues.ts'
import { oneLine } from '../../../../extension/export/text-line.ts'

const linesOf = (text: string): string[][] => cuesOf(text, 0, 10_000).map(cue => [...cue.lines])
const words = (count: number): string => Array(count).fill('word').join(' ')
const longWords = (count: number): string => Array(count).fill('x'.repeat(40)).join(' ')
const withoutSpaces = (text: string): string => text.replaceAll(/\s/g, '')

describe('a text becomes', () => {
  test('one line where it fits', () => {
    expect(linesOf('x'.repeat(42))).toEqual([['x'.repeat(42)]])
  })

  test('two even lines where it does not', () => {
    expect(linesOf('the quick brown fox jumps over the lazy dog again')).toEqual([
      ['the quick brown fox jumps', 'over the lazy dog again'],
    ])
  })

  test('cues of two lines that are about as long as one another', () => {
    expect(linesOf(words(20))).toEqual([[words(7), words(7)], [words(6)]])
  })

  test('no cue where nothing is said', () => {
    expect(linesOf('')).toEqual([])
  })

  test('lines cut between words in a script without spaces', () => {
    const sentence = '今日はとても良い天気ですね。'.repeat(6)
    const lines = linesOf(sentence).flat()
    expect(lines.join('')).toBe(sentence)
    expect(lines.every(line => line.length <= 42 && !line.startsWith('。'))).toBe(true)
  })

  test('lines cut between characters where a word is too long', () => {
    expect(linesOf('👨‍👩‍👧‍👦'.repeat(8))).toEqual([
      ['👨‍👩‍👧‍👦'.repeat(3), '👨‍👩‍👧‍👦'.repeat(3)],
      ['👨‍👩‍👧‍👦'.repeat(2)],
    ])
  })
})

describe('cues', () => {
  test('share the time as they share the characters', () => {
    const times = cuesOf(longWords(3), 1_000, 4_000).map(({ startMs, endMs }) => [startMs, endMs])
    expect(times).toEqual([
      [1_000, 3_000],
      [3_000, 4_000],
    ])
  })

  test('last a millisecond where the text took no time', () => {
    expect(cuesOf('now', 5, 5)).toEqual([{ startMs: 5, endMs: 6, lines: ['now'] }])
  })

  test('hold any text whole, in short lines, in order and without a hole', () => {
    const times = fc.tuple(fc.nat(400_000_000), fc.integer({ min: 0, max: 600_000 }))
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 500 }), times, (raw, [startMs, lengthMs]) => {
        const text = oneLine(raw)
        const cues = cuesOf(text, startMs, startMs + lengthMs)
        const lines = cues.flatMap(cue => cue.lines)
        expect(withoutSpaces(lines.join(''))).toBe(withoutSpaces(text))
        expect(lines.every(line => line.length <= 42 && line === line.trim())).toBe(true)
        expect(cues.every(cue => cue.lines.length <= 2 && cue.endMs > cue.startMs)).toBe(true)
        for (const [index, cue] of cues.entries()) {
          const next = cues[index + 1]
          if (next) expect(next.startMs - cue.endMs).toBeOneOf([0, -1])
        }
      }),
    )
  })
})

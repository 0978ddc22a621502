import { describe, expect, test } from 'vitest'
import type { Word } from '../../../src/contracts/transcription.ts'
import { toSegments } from '../../../src/domain/transcript-segments.ts'

/** Words of 300 ms each, 100 ms apart. */
const spoken = (text: string, startMs = 0): Word[] =>
  text.split(' ').map((word, index) => ({
    text: word,
    start_ms: startMs + index * 400,
    end_ms: startMs + index * 400 + 300,
    confidence: 0.9,
  }))

const texts = (words: Word[]): string[] => toSegments(words, 0).map(({ text }) => text)

test('nothing said is no segment', () => {
  expect(toSegments([], 600_000)).toEqual([])
})

test('a sentence is a segment, with its place in the recording', () => {
  expect(toSegments(spoken('He was here. Was she there? Nobody says so!'), 600_000)).toEqual([
    { start_ms: 600_000, end_ms: 601_100, text: 'He was here.' },
    { start_ms: 601_200, end_ms: 602_300, text: 'Was she there?' },
    { start_ms: 602_400, end_ms: 603_500, text: 'Nobody says so!' },
  ])
})

describe('less than three words', () => {
  test('stay with what follows them', () => {
    expect(texts(spoken('And Mr. Dashwood was gone. Yes. No. So it was.'))).toEqual([
      'And Mr. Dashwood was gone.',
      'Yes. No. So it was.',
    ])
  })

  test('stand alone at the end, and before a long pause', () => {
    expect(texts(spoken('He was here. No!'))).toEqual(['He was here.', 'No!'])
    expect(texts([...spoken('Was she?'), ...spoken('He was here.', 2_700)])).toEqual([
      'Was she?',
      'He was here.',
    ])
  })
})

test('a quotation ends with its mark', () => {
  expect(texts(spoken('"He was here." She nodded.'))).toEqual(['"He was here."', 'She nodded.'])
})

test('a number with a point, or an ellipsis within a sentence, ends none', () => {
  expect(texts(spoken('It is 3.5 miles away.'))).toEqual(['It is 3.5 miles away.'])
})

test('full stops of other scripts end sentences too', () => {
  expect(texts(spoken('他来了。 她没有。'))).toEqual(['他来了。', '她没有。'])
})

describe('words without punctuation', () => {
  test('are cut where there is a long pause', () => {
    const words = [...spoken('he was here'), ...spoken('she was not', 3_100)]
    expect(texts(words)).toEqual(['he was here', 'she was not'])
    expect(texts([...spoken('he was here'), ...spoken('she was not', 3_099)])).toEqual([
      'he was here she was not',
    ])
  })

  test('are cut before they are too long, and none is lost', () => {
    const words = spoken(Array.from({ length: 1_000 }, (_, index) => `word${index}`).join(' '))
    const segments = toSegments(words, 0)
    expect(Math.max(...segments.map(({ text }) => text.length))).toBeLessThanOrEqual(500)
    expect(segments.map(({ text }) => text).join(' ')).toBe(words.map(({ text }) => text).join(' '))
  })
})

test('a word that is told to end before it starts makes no segment that does', () => {
  const word = { text: 'He', start_ms: 500, end_ms: 400, confidence: 0.9 }
  expect(toSegments([word], 0)).toEqual([{ start_ms: 500, end_ms: 500, text: 'He' }])
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CaptionLines,
  captionsChangeAtMs,
  fadeMs,
  noCaptions,
  quietMs,
  shownCaptions,
  skipSegment,
  withPartial,
  withSegment,
} from '../../../../extension/overlay/caption-lines.ts'
import type { TranscriptSegment } from '../../../../extension/transcript/model.ts'

const said = (index: number, startMs: number, endMs: number, text: string): TranscriptSegment => ({
  sessionId: 's',
  index,
  startMs,
  endMs,
  kind: 'speech',
  text,
})

const textsAt = (lines: CaptionLines, nowMs: number): string[] =>
  shownCaptions(lines, nowMs).paragraphs.map(({ text }) => text)

describe('captions', () => {
  it('grow with the partial text, and keep their place when it becomes final', () => {
    const first = withPartial(noCaptions, { text: 'good', startMs: 0 }, 100)
    const second = withPartial(first, { text: 'good morning', startMs: 0 }, 200)
    const final = withSegment(second, said(0, 0, 900, 'Good morning.'), 300)
    expect(shownCaptions(second, 200).paragraphs).toEqual([{ id: 0, text: 'good morning' }])
    expect(shownCaptions(final, 300).paragraphs).toEqual([{ id: 0, text: 'Good morning.' }])
  })

  it('keep words that were taken back until what replaces them has come', () => {
    const partial = withPartial(noCaptions, { text: 'good morning', startMs: 0 }, 100)
    const takenBack = withPartial(partial, { text: '', startMs: 0 }, 200)
    expect(textsAt(takenBack, 300)).toEqual(['good morning'])
    expect(textsAt(withSegment(takenBack, said(0, 0, 900, 'Good morning.'), 300), 300)).toEqual([
      'Good morning.',
    ])
  })

  it('drop words that were taken back when nothing replaces them', () => {
    const partial = withPartial(noCaptions, { text: 'mm', startMs: 0 }, 100)
    const takenBack = withPartial(partial, { text: '', startMs: 0 }, 200)
    expect(captionsChangeAtMs(takenBack, 300)).toBe(1_700)
    expect(textsAt(takenBack, 1_700)).toEqual([])
    const next = withPartial(takenBack, { text: 'so', startMs: 2_000 }, 2_100)
    expect(textsAt(next, 2_100)).toEqual(['so'])
  })

  it('keep the words that follow those of a segment which is final', () => {
    const partial = withPartial(noCaptions, { text: 'good morning how are you', startMs: 0 }, 100)
    const first = withSegment(partial, said(0, 0, 900, 'Good morning.'), 200)
    expect(textsAt(first, 200)).toEqual(['Good morning. how are you'])
    const second = withSegment(first, said(1, 900, 1_900, 'How are you?'), 300)
    expect(textsAt(second, 300)).toEqual(['Good morning. How are you?'])
  })

  it('drop the partial text where its segment says it in other words', () => {
    const partial = withPartial(noCaptions, { text: 'twenty five years ago', startMs: 0 }, 100)
    expect(textsAt(withSegment(partial, said(0, 0, 900, '25 years ago.'), 200), 200)).toEqual([
      '25 years ago.',
    ])
  })

  it('leave out the partial text of a segment that is final already', () => {
    const final = withSegment(noCaptions, said(0, 0, 900, 'Good morning.'), 300)
    const late = withPartial(final, { text: 'good morning', startMs: 0 }, 400)
    expect(textsAt(late, 400)).toEqual(['Good morning.'])
  })

  it('set a segment that comes late before the words that are said now', () => {
    const final = withSegment(noCaptions, said(0, 0, 900, 'One.'), 100)
    const now = withPartial(final, { text: 'three', startMs: 2_000 }, 200)
    expect(textsAt(withSegment(now, said(1, 1_000, 1_900, 'Two.'), 300), 300)).toEqual(['One. Two. three'])
  })

  it('run on in a paragraph, and begin another after a pause or when it is long', () => {
    const one = withSegment(noCaptions, said(0, 0, 900, 'One.'), 100)
    const two = withSegment(one, said(1, 1_000, 1_900, `Two ${'and on '.repeat(60)}.`), 200)
    const three = withSegment(two, said(2, 2_000, 2_900, 'Three.'), 300)
    const four = withSegment(three, said(3, 5_000, 5_900, 'Four.'), 400)
    expect(textsAt(four, 400)).toEqual([expect.stringMatching(/^One\. Two /), 'Three.', 'Four.'])
  })

  it('mark a stretch without captions', () => {
    const one = withSegment(noCaptions, said(0, 0, 900, 'One.'), 100)
    const gap: TranscriptSegment = { ...said(1, 900, 20_900, ''), kind: 'gap', reason: 'offline' }
    const two = withSegment(withSegment(one, gap, 200), said(2, 20_900, 21_500, 'Two.'), 300)
    expect(shownCaptions(two, 300).paragraphs).toEqual([
      { id: 0, text: 'One.' },
      { id: 1, text: '', gap: { reason: 'offline', durationMs: 20_000 } },
      { id: 2, text: 'Two.' },
    ])
  })

  it('fade after a quiet while, are gone then, and do not come back with what is said next', () => {
    const one = withSegment(noCaptions, said(0, 0, 900, 'One.'), 1_000)
    expect(shownCaptions(one, 1_000 + quietMs - 1).isFading).toBe(false)
    expect(captionsChangeAtMs(one, 1_000)).toBe(1_000 + quietMs)
    expect(shownCaptions(one, 1_000 + quietMs)).toEqual({
      paragraphs: [{ id: 0, text: 'One.' }],
      isFading: true,
    })
    const goneAtMs = 1_000 + quietMs + fadeMs
    expect(textsAt(one, goneAtMs)).toEqual([])
    expect(captionsChangeAtMs(one, goneAtMs)).toBeUndefined()
    const two = withSegment(one, said(1, 1_000, 1_900, 'Two.'), 1_000 + quietMs)
    expect(textsAt(two, goneAtMs)).toEqual(['Two.'])
  })

  it('do not come back when the engine repeats what has faded', () => {
    const partial = withPartial(noCaptions, { text: 'good', startMs: 0 }, 0)
    const repeated = withPartial(partial, { text: 'good', startMs: 0 }, quietMs + fadeMs)
    expect(textsAt(repeated, quietMs + fadeMs)).toEqual([])
  })

  it('show nothing of a segment that is skipped, nor its partial text', () => {
    const skipped = skipSegment(noCaptions, said(4, 0, 900, 'Long ago.'))
    expect(textsAt(withSegment(skipped, said(4, 0, 900, 'Long ago.'), 100), 100)).toEqual([])
    expect(textsAt(withPartial(skipped, { text: 'long', startMs: 0 }, 100), 100)).toEqual([])
  })

  it('keep as many paragraphs as there can be lines', () => {
    const lines = Array.from({ length: 12 }, (_, index) =>
      said(index, index * 10_000, index * 10_000 + 900, `${index}.`),
    ).reduce((so, segment) => withSegment(so, segment, 100), noCaptions)
    expect(textsAt(lines, 100)).toEqual(['4.', '5.', '6.', '7.', '8.', '9.', '10.', '11.'])
  })
})

/** How the engine may tell of one turn: its words one by one, then its end, told in either order and repeated. */
const turnArbitrary = fc.record({
  words: fc.integer({ min: 1, max: 12 }),
  pauseMs: fc.integer({ min: 0, max: 5_000 }),
  parts: fc.integer({ min: 1, max: 3 }),
  told: fc.constantFrom('segment_first', 'taken_back_first', 'no_taking_back'),
  isRepeated: fc.boolean(),
  isSegmentRepeated: fc.boolean(),
  betweenMs: fc.integer({ min: 1, max: 400 }),
})
type Turn = typeof turnArbitrary extends fc.Arbitrary<infer Value> ? Value : never
type Step = (lines: CaptionLines, nowMs: number) => CaptionLines

function stepsOf(turn: Turn, index: number, firstWord: number, startMs: number): Step[] {
  const words = Array.from({ length: turn.words }, (_, word) => `w${firstWord + word}`)
  const partial =
    (count: number): Step =>
    (lines, nowMs) =>
      withPartial(lines, { text: words.slice(0, count).join(' '), startMs }, nowMs)
  const partWords = Math.ceil(turn.words / turn.parts)
  const finals = Array.from({ length: turn.parts }, (_, part): Step => {
    const own = words.slice(part * partWords, (part + 1) * partWords)
    const partMs = startMs + part * partWords * 300
    const text = own.join(' ').replace('w', 'W').concat('.')
    const segment = said(index * 3 + part, partMs, partMs + own.length * 300, text)
    return (lines, nowMs) => (own.length === 0 ? lines : withSegment(lines, segment, nowMs))
  })
  const ends = {
    segment_first: [...finals, ...(turn.isRepeated ? [partial(turn.words)] : []), partial(0)],
    taken_back_first: [partial(0), ...finals],
    no_taking_back: finals,
  }
  return [
    ...words.map((_, word) => partial(word + 1)),
    ...ends[turn.told],
    ...(turn.isSegmentRepeated ? finals : []),
  ]
}

describe('whatever is said, and however it is told,', () => {
  it('no word is shown twice or out of turn, and the newest is never left out', () => {
    fc.assert(
      fc.property(fc.array(turnArbitrary, { minLength: 1, maxLength: 20 }), turns => {
        let lines = noCaptions
        let nowMs = 0
        let startMs = 0
        let firstWord = 0
        for (const [index, turn] of turns.entries()) {
          startMs += turn.pauseMs
          for (const [step, tell] of stepsOf(turn, index, firstWord, startMs).entries()) {
            nowMs += turn.betweenMs
            lines = tell(lines, nowMs)
            const shown = textsAt(lines, nowMs).join(' ').split(' ')
            const numbers = shown.map(word => Number.parseInt(word.slice(1), 10))
            expect(numbers).toEqual(Array.from(shown, (_, place) => (numbers[0] ?? 0) + place))
            expect(numbers.at(-1)).toBe(firstWord + Math.min(step, turn.words - 1))
          }
          firstWord += turn.words
          startMs += turn.words * 300
        }
      }),
    )
  })
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../extension/captions/clock.ts'
import { TurnReader } from '../../../../extension/captions/turn-reader.ts'
import type { TurnMessage } from '../../../../extension/captions/vendor-message.ts'
import { textOf } from '../../../../extension/captions/word.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Saying {
  readonly order?: number
  readonly ended?: boolean
  readonly formatted?: boolean
  readonly transcript?: string
  readonly speaker?: string
}

/** A turn whose words each last 300 ms. */
const turn = (text: string, saying: Saying = {}): TurnMessage => ({
  type: 'Turn',
  turn_order: saying.order ?? 0,
  end_of_turn: saying.ended ?? false,
  turn_is_formatted: saying.formatted ?? false,
  transcript: saying.transcript ?? text,
  speaker_label: saying.speaker,
  words: text
    .split(' ')
    .filter(word => word !== '')
    .map((word, index) => ({ text: word, start: index * 300, end: index * 300 + 280, speaker: null })),
})

const read = (isFormatted = true) => {
  const finals: string[] = []
  const words: unknown[] = []
  const reader = new TurnReader({
    clock: systemClock,
    isFormatted,
    toSessionMs: ms => Math.min(ms, 100_000) + 10_000,
    onFinal: spoken => {
      finals.push(textOf(spoken))
      words.push(...spoken)
    },
  })
  return { reader, finals, words, pending: () => textOf(reader.pending) }
}

describe('a turn', () => {
  it('is pending with all its words, also those that its transcript has not yet', () => {
    const { reader, finals, pending } = read()
    reader.read(turn('hello there', { transcript: 'hello' }))
    expect(pending()).toBe('hello there')
    expect(reader.isInTurn).toBe(true)
    expect(finals).toEqual([])
  })

  it('is final once, when its formatted copy comes', () => {
    const { reader, finals, pending } = read()
    reader.read(turn('hello there', { ended: true }))
    expect(finals).toEqual([])
    expect(pending()).toBe('hello there')
    reader.read(turn('Hello there.', { ended: true, formatted: true }))
    reader.read(turn('Hello there.', { ended: true, formatted: true }))
    expect(finals).toEqual(['Hello there.'])
    expect(pending()).toBe('')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is final unformatted when the copy does not come within 1.5 s, and a later copy changes nothing', () => {
    const { reader, finals } = read()
    reader.read(turn('hello there', { ended: true }))
    vi.advanceTimersByTime(1_400)
    expect(finals).toEqual([])
    vi.advanceTimersByTime(100)
    reader.read(turn('Hello there.', { ended: true, formatted: true }))
    expect(finals).toEqual(['hello there'])
  })

  it('is final at once where nothing is formatted, or all at once is', () => {
    const plain = read(false)
    plain.reader.read(turn('hello there', { ended: true }))
    expect(plain.finals).toEqual(['hello there'])
    const pro = read()
    pro.reader.read(turn('Hello there.', { ended: true, formatted: true }))
    expect(pro.finals).toEqual(['Hello there.'])
  })

  it('waits for the one before it', () => {
    const { reader, finals } = read()
    reader.read(turn('one', { ended: true }))
    reader.read(turn('Two.', { order: 1, ended: true, formatted: true }))
    expect(finals).toEqual([])
    reader.read(turn('One.', { ended: true, formatted: true }))
    expect(finals).toEqual(['One.', 'Two.'])
  })

  it('that never ended is over when the next one begins', () => {
    const { reader, finals, pending } = read()
    reader.read(turn('one'))
    reader.read(turn('two', { order: 1 }))
    expect(pending()).toBe('one two')
    vi.advanceTimersByTime(1_500)
    expect(finals).toEqual(['one'])
    expect(pending()).toBe('two')
  })

  it('that ended is final when nothing more comes; one that did not stays pending', () => {
    const { reader, finals, pending } = read()
    reader.read(turn('one', { ended: true }))
    reader.read(turn('two', { order: 1 }))
    reader.flush()
    expect(finals).toEqual(['one'])
    expect(pending()).toBe('two')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('without words is none', () => {
    const { reader, finals } = read()
    reader.read(turn('', { ended: true, formatted: true }))
    expect(finals).toEqual([])
    expect(reader.isInTurn).toBe(false)
  })

  it('has session times, and its speaker', () => {
    const { reader, words } = read()
    reader.read(turn('Hi all.', { ended: true, formatted: true, speaker: 'A' }))
    expect(words).toEqual([
      { text: 'Hi', startMs: 10_000, endMs: 10_280, speaker: 'A' },
      { text: 'all.', startMs: 10_300, endMs: 10_580, speaker: 'A' },
    ])
  })

  it('reads as its formatted transcript does, though that has fewer words, or more', () => {
    const fewer = read()
    fewer.reader.read(turn('twenty five dollars', { ended: true, formatted: true, transcript: '$25.' }))
    expect(fewer.words).toEqual([{ text: '$25.', startMs: 10_000, endMs: 10_880 }])
    const more = read()
    more.reader.read(turn('gonna go', { ended: true, formatted: true, transcript: 'Going to go.' }))
    expect(more.words).toMatchObject([
      { text: 'Going', startMs: 10_000 },
      { text: 'to', startMs: 10_000 },
      { text: 'go.', endMs: 10_580 },
    ])
  })

  it('of which only the text is told ends where its sound does', () => {
    const { reader, words } = read()
    reader.read({ ...turn('', { ended: true, formatted: true }), transcript: 'Hm.' })
    expect(words).toEqual([{ text: 'Hm.', startMs: 110_000, endMs: 110_000 }])
  })
})

import { beforeEach, describe, expect, it } from 'vitest'
import { Joiner } from '../../../../extension/captions/joiner.ts'
import { type SpokenWord, textOf } from '../../../../extension/captions/word.ts'

let written: string[]
let joiner: Joiner

beforeEach(() => {
  written = []
  joiner = new Joiner({
    onWords: words => written.push(textOf(words)),
    onGap: ({ reason }) => written.push(`[${reason}]`),
  })
})

/** Words of half a second. */
const words = (text: string, fromMs: number): SpokenWord[] =>
  text
    .split(' ')
    .map((word, index) => ({ text: word, startMs: fromMs + index * 500, endMs: fromMs + index * 500 + 480 }))

describe('what lines have understood', () => {
  it('is written at once, turn by turn', () => {
    const line = joiner.strand(false)
    line.add(words('one two', 0))
    line.add(words('three', 2_000))
    expect(written).toEqual(['one two', 'three'])
    expect(joiner.knownToMs).toBe(2_480)
  })

  it('waits for the line before, in order of time', () => {
    const first = joiner.strand(false)
    const second = joiner.strand(false)
    second.add(words('three four', 1_000))
    expect(textOf(joiner.waiting)).toBe('three four')
    first.add(words('one two', 0))
    expect(written).toEqual(['one two'])
    first.end()
    expect(written).toEqual(['one two', 'three four'])
    expect(joiner.waiting).toEqual([])
  })

  it('is written once where two lines overlap, over several turns of the second', () => {
    const first = joiner.strand(false)
    first.add(words('and mister john dashwood had then', 0))
    first.limit(2_000)
    first.add(words('leisure to', 3_000))
    const second = joiner.strand(true)
    second.add(words('mister john', 500))
    second.add(words('dashwood had', 1_500))
    second.add(words('then leisure', 2_500))
    first.end()
    expect(written.join(' ')).toBe('and mister john dashwood had then leisure')
  })

  it('is taken as it is once the second line has said something new', () => {
    const first = joiner.strand(false)
    first.add(words('no', 0))
    first.end()
    const second = joiner.strand(true)
    second.add(words('no no', 0))
    second.add(words('no', 1_000))
    expect(written.join(' ')).toBe('no no no')
  })

  it('counts up to a line’s limit', () => {
    const line = joiner.strand(false)
    line.limit(1_000)
    line.add(words('one two three', 0))
    expect(written).toEqual(['one two'])
  })

  it('is dropped where its sound is sent again', () => {
    const first = joiner.strand(false)
    const second = joiner.strand(false)
    second.add(words('wrong', 1_000))
    first.dropLater()
    second.add(words('wrong', 1_500))
    second.end()
    const third = joiner.strand(false)
    third.add(words('right', 1_000))
    first.end()
    expect(written).toEqual(['right'])
  })
})

describe('a gap', () => {
  const gap = { fromMs: 1_000, toMs: 3_000, reason: 'offline' } as const

  it('is written at once where no line is open', () => {
    joiner.gap(gap)
    expect(written).toEqual(['[offline]'])
  })

  it('is written before the first word after it', () => {
    const line = joiner.strand(false)
    joiner.gap(gap)
    line.add(words('one', 0))
    expect(written).toEqual(['one'])
    line.add(words('two', 3_000))
    expect(written).toEqual(['one', '[offline]', 'two'])
  })

  it('parts a turn that it lies in', () => {
    const line = joiner.strand(false)
    joiner.gap(gap)
    line.add([...words('one', 0), ...words('two', 3_000)])
    expect(written).toEqual(['one', '[offline]', 'two'])
  })

  it('is written when the last line ends, where nothing was said after it', () => {
    const line = joiner.strand(false)
    joiner.gap({ ...gap, fromMs: 5_000, toMs: 6_000 })
    joiner.gap({ ...gap, reason: 'interrupted' })
    line.end()
    expect(written).toEqual(['[interrupted]', '[offline]'])
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countRepeated } from '../../../../extension/captions/repeated-words.ts'
import type { SpokenWord } from '../../../../extension/captions/word.ts'

/** Words of 300 ms, one after the other. */
const words = (text: string, fromMs = 0, wordMs = 300): SpokenWord[] =>
  text
    .split(' ')
    .filter(word => word !== '')
    .map((word, index) => ({
      text: word,
      startMs: fromMs + index * wordMs,
      endMs: fromMs + (index + 1) * wordMs - 20,
    }))

const fresh = (known: readonly SpokenWord[], came: readonly SpokenWord[]): string =>
  came
    .slice(countRepeated(known, came))
    .map(({ text }) => text)
    .join(' ')

describe('of words that come, those are new', () => {
  it('that come after what is known already', () => {
    expect(fresh(words('and mister john dashwood'), words('john dashwood had then', 600))).toBe('had then')
  })

  it('all of them, where nothing is known', () => {
    expect(fresh([], words('had then leisure'))).toBe('had then leisure')
  })

  it('none, where all is known', () => {
    expect(fresh(words('and mister john dashwood'), words('mister john', 300))).toBe('')
  })

  it('though case and punctuation differ', () => {
    expect(fresh(words('And, Mister John Dashwood.'), words('john dashwood had', 600))).toBe('had')
  })

  it('though a letter was heard otherwise, or a word was missed', () => {
    expect(fresh(words('and mister john dashwood'), words('jon dashwoods had', 600))).toBe('had')
    const missed = words('mister john dashwood had', 300).filter(({ text }) => text !== 'john')
    expect(fresh(words('and mister john dashwood'), missed)).toBe('had')
  })

  it('though the two hearings are half a second apart', () => {
    expect(fresh(words('and mister john dashwood'), words('mister john dashwood had then', 800))).toBe(
      'had then',
    )
    expect(fresh(words('and mister john dashwood'), words('mister john dashwood had then', -150))).toBe(
      'had then',
    )
  })

  it('that are said again, as often as they are said', () => {
    expect(fresh(words('no no no no'), words('no no no no', 600))).toBe('no no')
    expect(fresh(words('he said the'), words('cat the dog', 1_200))).toBe('cat the dog')
  })

  it('that are said again at once, however quickly', () => {
    expect(fresh(words('no no', 0, 200), words('no no', 200, 200))).toBe('no')
    const saidAgain = [...words('be', 1_480, 250), ...words('in there', 1_770, 400)]
    expect(fresh(words('be in', 500, 500), saidAgain)).toBe('be in there')
  })

  it('that end later than what is known, where no word is alike', () => {
    expect(fresh(words('an ill'), words('uh disposed young', 300))).toBe('disposed young')
  })
})

const vocabulary =
  'had then leisure to consider how much there might be prudently in his power do for them'.split(' ')

/** What two lines hear of the same speech: the first up to `cutMs`, the second from `startMs` on. */
const heardTwice = fc
  .record({
    spoken: fc.array(
      fc.record({
        text: fc.constantFrom(...vocabulary),
        wordMs: fc.integer({ min: 180, max: 700 }),
        pauseMs: fc.oneof(
          { weight: 4, arbitrary: fc.constant(0) },
          { weight: 1, arbitrary: fc.integer({ min: 0, max: 900 }) },
        ),
      }),
      { minLength: 12, maxLength: 40 },
    ),
    knownPart: fc.integer({ min: 200, max: 800 }),
    overlapMs: fc.integer({ min: 700, max: 2_500 }),
    jitter: fc.infiniteStream(fc.integer({ min: -50, max: 50 })),
    mishears: fc.infiniteStream(fc.integer({ min: 0, max: 11 })),
  })
  .map(({ spoken, knownPart, overlapMs, jitter, mishears }) => {
    let atMs = 0
    const said = spoken.map(({ text, wordMs, pauseMs }, number) => {
      const startMs = atMs + pauseMs
      atMs = startMs + wordMs
      return { number, text, startMs, endMs: atMs - 20 }
    })
    const hear = (word: (typeof said)[number]) => ({
      ...word,
      text: mishears.next().value === 0 && word.text.length > 3 ? `${word.text}s` : word.text,
      startMs: word.startMs + jitter.next().value,
      endMs: word.endMs + jitter.next().value,
    })
    const knownToMs = (atMs * knownPart) / 1_000
    const known = said.filter(({ endMs }) => endMs <= knownToMs).map(hear)
    const came = said.filter(({ startMs }) => startMs >= knownToMs - overlapMs).map(hear)
    return { said, known, came }
  })

it('whatever is said, and wherever the second line begins, each word counts once', () => {
  fc.assert(
    fc.property(heardTwice, ({ said, known, came }) => {
      const joined = [...known, ...came.slice(countRepeated(known, came))]
      expect(joined.map(({ number }) => number)).toEqual(said.map(({ number }) => number))
    }),
    { numRuns: 3_000 },
  )
})

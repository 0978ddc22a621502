import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { TranscriptSegment } from '../../../../extension/transcript/model.ts'
import { Play } from './support/play.ts'
import { nameOf, type ScriptedWord } from './support/speech-script.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** What goes wrong at some time. */
type Trouble =
  | { readonly kind: 'closed'; readonly code: number }
  | { readonly kind: 'dead' }
  | { readonly kind: 'offline'; readonly forMs: number }
  | { readonly kind: 'vendor_down'; readonly forMs: number }
  | { readonly kind: 'answer_lost'; readonly on: 'start' | 'renew' | 'stop' }

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.record({ kind: fc.constant('closed' as const), code: fc.constantFrom(1006, 3005, 3008, 1011, 3009) }),
  fc.record({ kind: fc.constant('dead' as const) }),
  fc.record({ kind: fc.constant('offline' as const), forMs: fc.integer({ min: 500, max: 15_000 }) }),
  fc.record({ kind: fc.constant('vendor_down' as const), forMs: fc.integer({ min: 500, max: 15_000 }) }),
  fc.record({ kind: fc.constant('answer_lost' as const), on: fc.constantFrom('start', 'renew', 'stop') }),
)

const spoken = fc.array(
  fc.record({
    wordMs: fc.integer({ min: 160, max: 700 }),
    pauseMs: fc.oneof(
      { weight: 8, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.integer({ min: 100, max: 900 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1_000, max: 4_000 }) },
    ),
  }),
  { minLength: 150, maxLength: 250 },
)

const scriptOf = (said: readonly { wordMs: number; pauseMs: number }[]): ScriptedWord[] => {
  let atMs = 300
  return said.map(({ wordMs, pauseMs }, number) => {
    const startMs = atMs + pauseMs
    atMs = startMs + wordMs
    return { text: nameOf(number), startMs, endMs: atMs - 20 }
  })
}

const numbersIn = (text: string): number[] =>
  [...text.matchAll(/(\d+)\.?(?= |$)/g)].map(([, number]) => Number(number))

/** Words that a gap in the transcript has taken a part of. */
const lostWords = (words: readonly ScriptedWord[], segments: readonly TranscriptSegment[]): Set<number> => {
  const gaps = segments.filter(({ kind }) => kind === 'gap')
  const isLost = (word: ScriptedWord) =>
    gaps.some(gap => gap.startMs < word.endMs && gap.endMs > word.startMs)
  return new Set(words.flatMap((word, number) => (isLost(word) ? [number] : [])))
}

function debug(play: Play, words: any, troubles: any) {
  const endMs = words.at(-1)?.endMs ?? 0
  const got = numbersIn(play.store.text)
  const bad = words.findIndex((_: any, n: number) => got[n] !== n)
  console.log(
    JSON.stringify(
      troubles
        .toSorted((a: any, b: any) => a.atPart - b.atPart)
        .map((t: any) => ({ at: t.atPart * endMs, ...t.what })),
    ),
  )
  console.log('bad', bad, JSON.stringify(words.slice(Math.max(0, bad - 3), bad + 4)), 'end', endMs)
  for (const s of play.store.segments.filter(
    s => Math.abs(s.startMs - (words[bad]?.startMs ?? endMs)) < 15000,
  ))
    console.log(s.startMs, s.endMs, s.text, s.reason ?? '')
  console.log(
    play.vendor.sessions
      .map(s => [(s.frames[0] ?? 0) * 100, (s.frames.at(-1) ?? 0) * 100, s.closeCode, s.isDead].join(' '))
      .join('\n'),
  )
  console.log(play.backend.calls.join(', '), play.states.join(' '))
}

/** A recogniser that now and then hears another letter. */
const mishears = (random: () => number) => (text: string) =>
  random() < 0.1 ? `${text.slice(0, 2)}y${text.slice(3)}` : text

function strike(play: Play, what: Trouble): void {
  const [session] = play.vendor.open.slice(-1)
  if (what.kind === 'closed') session?.close(what.code)
  if (what.kind === 'dead' && session) session.isDead = true
  if (what.kind === 'answer_lost')
    play.backend.fail(what.on, { code: 'unreachable', detail: 'Lost.' }, 1, true)
  if (what.kind === 'vendor_down') {
    play.vendor.isDown = true
    setTimeout(() => {
      play.vendor.isDown = false
    }, what.forMs)
  }
  if (what.kind !== 'offline') return
  play.network.online = false
  play.network.reachable = false
  play.backend.isReachable = false
  for (const open of play.vendor.open) open.isDead = true
  setTimeout(() => {
    play.network.online = true
    play.network.reachable = true
    play.backend.isReachable = true
  }, what.forMs)
}

it('each word is written once, whatever breaks and wherever leases end', async () => {
  await fc.assert(
    fc.asyncProperty(
      spoken,
      fc.array(
        fc.record({ atPart: fc.integer({ min: 0, max: 1_000 }).map(part => part / 1_000), what: trouble }),
        {
          maxLength: Number(process.env.TROUBLES ?? 4),
        },
      ),
      fc.integer({ min: 0, max: 60 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 999 }).map(part => part / 1_000)),
      async (said, troubles, jitterMs, dice) => {
        const random = (): number => dice.next().value
        const play = new Play(
          {},
          {
            rules: {
              leaseSeconds: Number(process.env.LEASE ?? 30),
              windowSeconds: Number(process.env.WINDOW ?? 6),
              shortestLeaseSeconds: 12,
              allowance: 100,
            },
          },
        )
        play.vendor.jitterMs = () => (random() - 0.5) * 2 * jitterMs
        play.vendor.hear = mishears(random)
        const words = scriptOf(said)
        play.say(words)
        await play.begin()
        const endMs = words.at(-1)?.endMs ?? 0
        for (const { atPart, what } of troubles.toSorted((a, b) => a.atPart - b.atPart)) {
          await play.playTo(atPart * endMs)
          strike(play, what)
        }
        await play.playTo(endMs + 20_000)
        while (play.session.view.state.name === 'reconnecting' || play.isLagging) await play.play(1_000)
        await play.end()
        const written = numbersIn(play.store.text)
        const lost = lostWords(words, play.store.segments)
        if (
          process.env.SEED &&
          JSON.stringify(written.filter(n => !lost.has(n))) !==
            JSON.stringify(words.map((_, n) => n).filter(n => !lost.has(n)))
        )
          debug(play, words, troubles)
        expect(written.filter(number => !lost.has(number))).toEqual(
          words.map((_, number) => number).filter(number => !lost.has(number)),
        )
        expect(new Set(written).size).toBe(written.length)
      },
    ),
    {
      numRuns: Number(process.env.RUNS ?? 15),
      endOnFailure: true,
      ...(process.env.FCPATH ? { path: process.env.FCPATH } : {}),
      ...(process.env.SEED ? { seed: Number(process.env.SEED) } : {}),
    },
  )
})

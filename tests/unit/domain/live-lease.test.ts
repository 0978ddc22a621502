import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Hold, LiveLeases } from '../../../src/domain/account.ts'
import {
  affordableLeaseCredits,
  captionedMs,
  firstLease,
  isLeaseOver,
  isLive,
  leaseEndsAtMs,
  renewFromMs,
  sessionSeconds,
  shortestLeaseCredits,
  withAllowanceUsed,
  withNextLease,
} from '../../../src/domain/live-lease.ts'
import { liveCredits, liveSeconds } from '../../../src/domain/price-list.ts'
import { liveRules as rules } from '../../support/live.ts'

const startMs = Date.UTC(2026, 10, 21, 12)
const at = (seconds: number): number => startMs + Math.round(seconds * 1_000)

/** Captions of as many leases as credits are given. */
const leasesOf = (...credits: [number, ...number[]]): LiveLeases => {
  const [first, ...others] = credits
  return others.reduce(withNextLease, firstLease(first, 'en', startMs))
}

const someCredits = fc.integer({ min: 10, max: 50 })
const someLeases = fc
  .tuple(someCredits, fc.array(someCredits, { maxLength: 12 }))
  .map(([first, others]) => ({ credits: [first, ...others] as const, live: leasesOf(first, ...others) }))
/** Any moment from a day before the captions until a day after them. */
const someMoment = fc.integer({ min: at(-86_400), max: at(2 * 86_400) })

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)

describe('the credits of the next lease', () => {
  test.each([
    [0, undefined],
    [9, undefined],
    [10, 10],
    [11, 11],
    [49, 49],
    [50, 50],
    [51, 50],
    [100_000, 50],
  ])('with %i to spend are %s', (available, credits) => {
    expect(affordableLeaseCredits(available, rules)).toBe(credits)
  })

  test('are what the rules say: any lease, any shortest one', () => {
    const others = { ...rules, leaseSeconds: 90, shortestLeaseSeconds: 30 }
    expect(shortestLeaseCredits(others)).toBe(5)
    expect([4, 5, 15, 16].map(credits => affordableLeaseCredits(credits, others))).toEqual([
      undefined,
      5,
      15,
      15,
    ])
  })
})

describe('leases', () => {
  test('begin with the first, which lasts as long as it is paid for', () => {
    expect(firstLease(50, 'es', startMs)).toEqual({
      startedAtMs: startMs,
      lease: 1,
      paidSeconds: 300,
      leaseSeconds: 300,
      language: 'es',
    })
  })

  test('follow one another without a gap, each with its own length', () => {
    expect(leasesOf(50, 50, 12)).toEqual({
      startedAtMs: startMs,
      lease: 3,
      paidSeconds: 672,
      leaseSeconds: 72,
      language: 'en',
    })
  })

  test('are six seconds for each credit, however many and however long', () => {
    fc.assert(
      fc.property(someLeases, ({ credits, live }) => {
        expect(live.paidSeconds).toBe(6 * total(credits))
        expect(live.lease).toBe(credits.length)
        expect(leaseEndsAtMs(live)).toBe(startMs + 6_000 * total(credits))
      }),
    )
  })

  test('are over at their end, and not a millisecond before', () => {
    const live = leasesOf(50)
    expect([at(300) - 1, at(300), at(300) + 1].map(nowMs => isLeaseOver(live, nowMs))).toEqual([
      false,
      true,
      true,
    ])
  })

  test.each([
    [10, 6],
    [11, 6],
    [12, 7],
    [20, 12],
    [49, 29],
    [50, 30],
  ])('of %i credits can be renewed from %i s before their end', (credits, windowSeconds) => {
    expect(renewFromMs(leasesOf(credits), rules)).toBe(at(6 * credits - windowSeconds))
    expect(renewFromMs(leasesOf(50, credits), rules)).toBe(at(300 + 6 * credits - windowSeconds))
  })

  test('have windows that together are no larger a part of them than that of a whole lease', () => {
    fc.assert(
      fc.property(fc.array(someCredits, { minLength: 1, maxLength: 300 }), credits => {
        const windows = credits.map(lease => at(6 * lease) - renewFromMs(leasesOf(lease), rules))
        expect(10 * total(windows)).toBeLessThanOrEqual(6_000 * total(credits))
      }),
    )
  })

  test('have the whole window where they are longer than the rules have them by now, or by rounding', () => {
    expect(renewFromMs(leasesOf(50), { ...rules, leaseSeconds: 120 })).toBe(at(270))
    expect(renewFromMs(leasesOf(17), { ...rules, leaseSeconds: 100 })).toBe(at(72))
  })

  test('can be renewed for a second at least, whatever the rules', () => {
    expect(renewFromMs(leasesOf(10), { ...rules, leaseSeconds: 3_600 })).toBe(at(59))
  })

  test('are what tells a hold of live captions', () => {
    const hold: Hold = {
      service: 'live_transcription',
      split: { fromBalance: 50, fromGrants: {} },
      expiresAtMs: at(3_900),
      requestHash: 'hash',
    }
    expect([undefined, hold, { ...hold, live: leasesOf(50) }].map(isLive)).toEqual([false, false, true])
  })
})

describe('a session', () => {
  test.each([
    [0, 300],
    [0.001, 300],
    [1, 299],
    [239.999, 61],
    [240, 60],
    [240.001, 60],
    [299.999, 60],
  ])('that is opened %d s after the start may last %i s', (seconds, cap) => {
    expect(sessionSeconds(leasesOf(50), rules, at(seconds))).toBe(cap)
  })

  test('of a renewed lease lasts from now to its end: at most a lease and the window', () => {
    const live = leasesOf(50, 50)
    expect([270, 285.5, 299.999].map(seconds => sessionSeconds(live, rules, at(seconds)))).toEqual([
      330, 315, 301,
    ])
  })

  test('ends with the lease, to the second, unless the vendor caps no session so short', () => {
    fc.assert(
      fc.property(someLeases, fc.nat(), ({ live }, anywhere) => {
        const nowMs = startMs + (anywhere % (live.paidSeconds * 1_000))
        const beyondMs = nowMs + sessionSeconds(live, rules, nowMs) * 1_000 - leaseEndsAtMs(live)
        expect(beyondMs).toBeGreaterThanOrEqual(0)
        expect(beyondMs).toBeLessThan(leaseEndsAtMs(live) - nowMs > 60_000 ? 1_000 : 60_000)
      }),
    )
  })
})

describe('what was captioned', () => {
  const live = leasesOf(50, 50)

  test.each([
    ['runs until now', 310, undefined, 310],
    ['runs until the lease ends, and no longer', 5_000, undefined, 600],
    ['ends earlier where the client says so', 500, 420.5, 420.5],
    ['ends now where the client says that it will end later', 400, 9_999, 400],
    ['includes the leases before the last, whatever the client says', 500, 10, 300],
    ['includes them also where it says that the captions ended before they began', 500, -86_400, 300],
    ['includes them also while they last: they were renewed', 280, undefined, 300],
  ])('%s', (_what, now, endedAt, seconds) => {
    const endedAtMs = endedAt === undefined ? undefined : at(endedAt)
    expect(captionedMs(live, at(now), endedAtMs)).toBe(seconds * 1_000)
  })

  test('of a first lease that was stopped at once is nothing', () => {
    expect(captionedMs(leasesOf(50), startMs, undefined)).toBe(0)
    expect(captionedMs(leasesOf(50), at(60), at(-60))).toBe(0)
  })

  test('costs at least a credit and at most what was paid, whenever it ends and whatever is said', () => {
    fc.assert(
      fc.property(
        someLeases,
        someMoment,
        fc.option(someMoment, { nil: undefined }),
        ({ credits, live }, nowMs, endedAtMs) => {
          const ranMs = captionedMs(live, nowMs, endedAtMs)
          const [last = 0] = credits.slice(-1)
          expect(liveCredits(ranMs)).toBeLessThanOrEqual(total(credits))
          expect(liveCredits(ranMs)).toBeGreaterThanOrEqual(Math.max(1, total(credits) - last))
        },
      ),
    )
  })

  test('costs a credit for each six seconds begun', () => {
    expect([0, 1, 6_000, 6_001, 299_999, 300_000].map(liveCredits)).toEqual([1, 1, 1, 2, 50, 50])
    expect([0, 1, 10, 50].map(liveSeconds)).toEqual([0, 6, 60, 300])
  })
})

describe('the allowance', () => {
  const seconds = startMs / 1_000

  /** The uses that were let through of those that were tried, each at its second. */
  const used = (tries: readonly number[]): readonly number[] =>
    tries.reduce<readonly number[]>((uses, second) => withAllowanceUsed(uses, rules, at(second)) ?? uses, [])

  test('is six in an hour', () => {
    expect(used([0, 1, 2, 3, 4, 5])).toHaveLength(6)
    expect(withAllowanceUsed(used([0, 1, 2, 3, 4, 5]), rules, at(3_599))).toBeUndefined()
  })

  test('comes back once the first use is an hour past, and not a moment earlier', () => {
    const uses = used([0.9, 1, 2, 3, 4, 5])
    expect(withAllowanceUsed(uses, rules, at(3_600.899))).toBeUndefined()
    expect(withAllowanceUsed(uses, rules, at(3_601))).toEqual([...uses, seconds + 3_601])
  })

  test('is twenty in a day, and forgets those of the day before', () => {
    const everyHour = Array.from({ length: 20 }, (_, hour) => hour * 3_600)
    const uses = used(everyHour)
    expect(uses).toHaveLength(20)
    expect(withAllowanceUsed(uses, rules, at(86_400))).toBeUndefined()
    expect(withAllowanceUsed(uses, rules, at(86_401))).toEqual([...uses.slice(1), seconds + 86_401])
  })

  test('of none is none', () => {
    expect(withAllowanceUsed([], { ...rules, allowancePerHour: 0 }, startMs)).toBeUndefined()
    expect(withAllowanceUsed([], { ...rules, allowancePerDay: 0 }, startMs)).toBeUndefined()
  })

  test('is never exceeded in any span of an hour or a day, and never refused before it is', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 7_200_000 }), { minLength: 1, maxLength: 120 })
    fc.assert(
      fc.property(gaps, gapsMs => {
        let nowMs = startMs
        let uses: readonly number[] = []
        const usedAtMs: number[] = []
        for (const gapMs of gapsMs) {
          nowMs += gapMs
          const within = (spanMs: number) => usedAtMs.filter(usedMs => usedMs > nowMs - spanMs).length
          const after = withAllowanceUsed(uses, rules, nowMs)
          if (after) {
            expect(within(3_600_000)).toBeLessThan(6)
            expect(within(86_400_000)).toBeLessThan(20)
            uses = after
            usedAtMs.push(nowMs)
          } else {
            // Kept in whole seconds, so a use may count for a second more.
            expect(within(3_601_000) >= 6 || within(86_401_000) >= 20).toBe(true)
          }
          expect(uses.length).toBeLessThanOrEqual(20)
        }
      }),
    )
  })
})

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Account,
  chooseSplit,
  creditsAvailable,
  creditsHeld,
  creditsOwned,
  type Grant,
  type Hold,
  isExpired,
  isLapsed,
  type Split,
  splitTotal,
  unusedOf,
  withExpiredHoldsEnded,
  withoutHold,
} from '../../../src/domain/account.ts'
import { allCredits } from '../support/memory-ledger-store.ts'
import { accountOf } from '../support/memory-stores.ts'

const nowMs = Date.UTC(2026, 10, 21)

const grant = (remaining: number, expiresInMs: number): Grant => ({
  remaining,
  expiresAtMs: nowMs + expiresInMs,
  source: 'plus',
})

const hold = (split: Split, expiresInMs: number): Hold => ({
  service: 'ask_agent',
  split,
  expiresAtMs: nowMs + expiresInMs,
  requestHash: 'hash',
})

/** Grants with ties in when they lapse, some lapsed, some used up. */
const someGrants = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 3 }),
  fc.record({ remaining: fc.nat(50), expiresInMs: fc.integer({ min: -3, max: 5 }) }),
  { maxKeys: 6, noNullPrototype: true },
)

const someAccount = fc
  .record({ creditsBalance: fc.integer({ min: -20, max: 100 }), grants: someGrants })
  .map(({ creditsBalance, grants }) =>
    accountOf({
      creditsBalance,
      grants: Object.fromEntries(
        Object.entries(grants).map(([id, { remaining, expiresInMs }]) => [id, grant(remaining, expiresInMs)]),
      ),
    }),
  )

/** An account, and as many credits of it as can be spent. */
const someReservation = fc
  .record({ account: someAccount, share: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ account, share }) => ({
    account,
    amount: Math.floor(creditsAvailable(account, nowMs) * share),
  }))

const splitOf = (account: Account, amount: number): Split => {
  const split = chooseSplit(account, amount, nowMs)
  if (!split) throw new Error('The account does not have as much.')
  return split
}

const minus = (a: Split, b: Split): Split => ({
  fromBalance: a.fromBalance - b.fromBalance,
  fromGrants: Object.fromEntries(
    Object.entries(a.fromGrants)
      .map(([id, credits]) => [id, credits - (b.fromGrants[id] ?? 0)] as const)
      .filter(([, credits]) => credits > 0),
  ),
})

describe('chooseSplit', () => {
  test('takes exactly what is asked for, and from nowhere more than there is', () => {
    fc.assert(
      fc.property(someReservation, ({ account, amount }) => {
        const split = splitOf(account, amount)
        expect(splitTotal(split)).toBe(amount)
        expect(split.fromBalance).toBeGreaterThanOrEqual(0)
        expect(split.fromBalance).toBeLessThanOrEqual(Math.max(0, account.creditsBalance))
        for (const [id, credits] of Object.entries(split.fromGrants)) {
          expect(credits).toBeGreaterThan(0)
          expect(credits).toBeLessThanOrEqual(account.grants[id]?.remaining ?? 0)
        }
      }),
    )
  })

  test('burns grants before the balance, those that lapse first before those that lapse later', () => {
    fc.assert(
      fc.property(someReservation, ({ account, amount }) => {
        const { fromBalance, fromGrants } = splitOf(account, amount)
        for (const [id, { remaining, expiresAtMs }] of Object.entries(account.grants)) {
          const isUsedUp = (fromGrants[id] ?? 0) === remaining
          if (isUsedUp || expiresAtMs <= nowMs) continue
          expect(fromBalance).toBe(0)
          const later = Object.keys(fromGrants).filter(
            other => (account.grants[other]?.expiresAtMs ?? 0) > expiresAtMs,
          )
          expect(later).toEqual([])
        }
      }),
    )
  })

  test('never draws on a lapsed grant', () => {
    fc.assert(
      fc.property(someReservation, ({ account, amount }) => {
        const drawnOn = Object.keys(splitOf(account, amount).fromGrants)
        expect(drawnOn.filter(id => (account.grants[id]?.expiresAtMs ?? 0) <= nowMs)).toEqual([])
      }),
    )
  })

  test('refuses one credit more than can be spent', () => {
    fc.assert(
      fc.property(someAccount, account => {
        expect(chooseSplit(account, creditsAvailable(account, nowMs) + 1, nowMs)).toBeUndefined()
      }),
    )
  })

  test('takes two grants that lapse together in the order of their ids, so that it can be undone', () => {
    const account = accountOf({ creditsBalance: 0, grants: { b: grant(10, 1), a: grant(10, 1) } })
    expect(splitOf(account, 12).fromGrants).toEqual({ a: 10, b: 2 })
  })

  test('takes nothing at all from an account in debt, whatever its grants', () => {
    const account = accountOf({ creditsBalance: -1, grants: { a: grant(100, 1) } })
    expect(chooseSplit(account, 1, nowMs)).toBeUndefined()
    expect(creditsAvailable(account, nowMs)).toBe(0)
  })
})

describe('unusedOf', () => {
  test('gives back exactly what was not used, and nowhere more than was taken there', () => {
    fc.assert(
      fc.property(
        someReservation,
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ account, amount }, share) => {
          const split = splitOf(account, amount)
          const cost = Math.floor(amount * share)
          const unused = unusedOf(split, cost, account.grants)
          expect(splitTotal(unused) + cost).toBe(splitTotal(split))
          expect(unused.fromBalance).toBeLessThanOrEqual(split.fromBalance)
          expect(unused.fromBalance).toBeGreaterThanOrEqual(0)
          for (const [id, credits] of Object.entries(unused.fromGrants)) {
            expect(credits).toBeGreaterThan(0)
            expect(credits).toBeLessThanOrEqual(split.fromGrants[id] ?? 0)
          }
        },
      ),
    )
  })

  test('leaves used what a hold of the cost alone would have taken: the balance returns first, then the last to lapse', () => {
    fc.assert(
      fc.property(
        someReservation,
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ account, amount }, share) => {
          const split = splitOf(account, amount)
          const cost = Math.floor(amount * share)
          const used = minus(split, unusedOf(split, cost, account.grants))
          expect(used).toEqual(splitOf(account, cost))
        },
      ),
    )
  })

  test('goes back to grants that lapse together in the reverse order of their ids', () => {
    const grants = { a: grant(0, 1), b: grant(8, 1) }
    const split = { fromBalance: 0, fromGrants: { a: 10, b: 2 } }
    expect(unusedOf(split, 11, grants).fromGrants).toEqual({ b: 1 })
    expect(unusedOf(split, 5, grants).fromGrants).toEqual({ b: 2, a: 5 })
  })

  test('takes a grant that is no longer on the account for the first to lapse', () => {
    const split = { fromBalance: 0, fromGrants: { gone: 5, here: 5 } }
    expect(unusedOf(split, 5, { here: grant(0, 1) })).toEqual({ fromBalance: 0, fromGrants: { here: 5 } })
  })
})

describe('withoutHold', () => {
  test('after a reservation gives the account back as it was', () => {
    fc.assert(
      fc.property(someReservation, ({ account, amount }) => {
        const split = splitOf(account, amount)
        const held: Account = {
          ...account,
          creditsBalance: account.creditsBalance - split.fromBalance,
          grants: Object.fromEntries(
            Object.entries(account.grants).map(([id, there]) => [
              id,
              { ...there, remaining: there.remaining - (split.fromGrants[id] ?? 0) },
            ]),
          ),
          holds: { operation: hold(split, 1) },
        }
        expect(creditsHeld(held)).toBe(amount)
        expect(allCredits(held)).toBe(allCredits(account))
        expect(withoutHold(held, 'operation', split)).toEqual(account)
      }),
    )
  })

  test('leaves the other holds and the other grants alone', () => {
    const kept = hold({ fromBalance: 3, fromGrants: {} }, 1)
    const account = accountOf({
      creditsBalance: 0,
      grants: { a: grant(0, 1), b: grant(7, 1) },
      holds: { ended: hold({ fromBalance: 1, fromGrants: { a: 4 } }, 1), kept },
    })
    const after = withoutHold(account, 'ended', { fromBalance: 1, fromGrants: { a: 4 } })
    expect(after.holds).toEqual({ kept })
    expect(after.grants).toEqual({ a: grant(4, 1), b: grant(7, 1) })
    expect(after.creditsBalance).toBe(1)
  })

  test('gives credits back to a lapsed grant, where they stay lapsed', () => {
    const account = accountOf({
      creditsBalance: 10,
      grants: { a: grant(0, -1) },
      holds: { operation: hold({ fromBalance: 0, fromGrants: { a: 5 } }, -1) },
    })
    const after = withoutHold(account, 'operation', { fromBalance: 0, fromGrants: { a: 5 } })
    expect(after.grants.a?.remaining).toBe(5)
    expect(creditsAvailable(after, nowMs)).toBe(10)
  })

  test('changes nothing of the account it was given', () => {
    const account = accountOf({ holds: { operation: hold({ fromBalance: 5, fromGrants: {} }, 1) } })
    const before = structuredClone(account)
    withoutHold(account, 'operation', { fromBalance: 5, fromGrants: {} })
    expect(account).toEqual(before)
  })
})

describe('what an account has', () => {
  const account = accountOf({
    creditsBalance: 10,
    grants: { lapsed: grant(100, 0), current: grant(20, 1) },
    holds: {
      expired: hold({ fromBalance: 1, fromGrants: { lapsed: 2, current: 4 } }, 0),
      open: hold({ fromBalance: 8, fromGrants: {} }, 1),
    },
  })

  test('is balance and grants that have not lapsed, without what is held', () => {
    expect(creditsOwned(account, nowMs)).toBe(30)
    expect(creditsAvailable(account, nowMs)).toBe(30)
    expect(creditsHeld(account)).toBe(15)
  })

  test('has expired holds back at once, whether or not a write has said so', () => {
    const view = withExpiredHoldsEnded(account, nowMs)
    expect(Object.keys(view.holds)).toEqual(['open'])
    expect(view.creditsBalance).toBe(11)
    expect(creditsAvailable(view, nowMs)).toBe(35)
    expect(creditsHeld(view)).toBe(8)
  })

  test('counts a debt against the grants, and lets none of it be spent', () => {
    const indebted = accountOf({ creditsBalance: -30, grants: { current: grant(20, 1) } })
    expect(creditsOwned(indebted, nowMs)).toBe(-10)
    expect(creditsAvailable(indebted, nowMs)).toBe(0)
  })

  test('lapses and expires in the millisecond that it names', () => {
    expect([isLapsed(grant(1, 1), nowMs), isLapsed(grant(1, 0), nowMs)]).toEqual([false, true])
    const empty = { fromBalance: 0, fromGrants: {} }
    expect([isExpired(hold(empty, 1), nowMs), isExpired(hold(empty, 0), nowMs)]).toEqual([false, true])
  })
})

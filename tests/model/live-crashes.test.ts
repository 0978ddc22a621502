import { setTimeout as sleep } from 'node:timers/promises'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { Ledger } from '../../src/domain/ledger.ts'
import { LiveCaptions } from '../../src/domain/live.ts'
import { LiveStops } from '../../src/domain/live-stop.ts'
import { everyDeath, MortalProcess, untilDeath } from '../support/crash.ts'
import { connect } from '../support/database.ts'
import { createLedger, imbalance, openAccount, readBooks } from '../support/ledger.ts'
import { CountingSessions, liveRules } from '../support/live.ts'
import { silent } from '../support/silent-log.ts'
import { TestClock } from './support/world.ts'

const bonusCredits = 200
const leaseCredits = 50
const leaseMs = liveRules.leaseSeconds * 1_000
/** Past the longest hold: three leases, the time to stop dangling captions, and what tells attempts apart. */
const pastEveryHoldMs = 3 * leaseMs + liveRules.danglingSeconds * 1_000 + 61_000

/** One account in a world of its own, whose processes may die. */
const newWorld = async () => {
  const clock = new TestClock()
  const base = createLedger(connect(), clock.now)
  const userId = await openAccount(base, clock.now(), bonusCredits)
  const sessions = new CountingSessions()
  const boot = (process: MortalProcess = new MortalProcess()) => {
    const store = process.wrap(base.store)
    const failures = process.wrap(base.failures)
    const activity = process.wrap(base.activity)
    const { now } = clock
    const backoff = () => sleep(1)
    const ledger = new Ledger({ store, failures, activity, now, backoff, random: Math.random, log: silent })
    const mortalSessions = {
      languages: sessions.languages,
      address: (language: string) => sessions.address(language),
      mintToken: process.wrap(sessions).mintToken,
    }
    return {
      live: new LiveCaptions({
        ledger,
        store,
        activity,
        sessions: mortalSessions,
        rules: liveRules,
        now,
        backoff,
      }),
      stops: new LiveStops({ ledger, rules: liveRules }),
    }
  }
  const operationId = v7({ msecs: clock.now() })
  const request = { userId, operationId, requestHash: 'one', language: 'en' }
  return { clock, base, userId, boot, operationId, request }
}

type TestWorld = Awaited<ReturnType<typeof newWorld>>

/** Time passes, everything is folded in, and the account has paid exactly `charged`. */
const expectCharged = async ({ clock, base, userId }: TestWorld, ...charged: number[]): Promise<void> => {
  clock.advance(pastEveryHoldMs)
  const found = await base.store.readAccount(userId)
  if (!found) throw new Error('There is no such account.')
  await base.ledger.fold(found)
  const books = await readBooks(base, userId)
  const used = books.usage.reduce((sum, row) => sum + row.creditsUsed, 0)
  expect(imbalance(books)).toBe(0)
  expect(books.account.holds).toEqual({})
  expect(charged).toContain(used)
  expect(books.account.creditsBalance).toBe(bonusCredits - used)
  expect(books.usage.length).toBeLessThanOrEqual(1)
}

const renewableMs = leaseMs - 10_000

describe('when the process dies at any call of live captions', () => {
  it('a start that nobody repeats costs nothing, or the lease that was held', async () => {
    const calls = await everyDeath(async death => {
      const world = await newWorld()
      const mortal = new MortalProcess(death)
      await untilDeath(() => world.boot(mortal).live.start(world.request))
      await expectCharged(world, 0, leaseCredits)
      return mortal
    })
    expect(calls).toBe(5)
  })

  it('a start that is repeated is one start, and its token was never handed out without a hold', async () => {
    await everyDeath(async death => {
      const world = await newWorld()
      const mortal = new MortalProcess(death)
      const first = await untilDeath(() => world.boot(mortal).live.start(world.request))
      expect(first === undefined || first.credits_held === leaseCredits).toBe(true)
      expect(await world.boot().live.start(world.request)).toMatchObject({
        lease: 1,
        credits_held: leaseCredits,
        credits_available: bonusCredits - leaseCredits,
      })
      await expectCharged(world, leaseCredits)
      return mortal
    })
  })

  it('a renewal that is repeated adds one lease', async () => {
    const calls = await everyDeath(async death => {
      const world = await newWorld()
      const { userId, operationId } = world
      await world.boot().live.start(world.request)
      world.clock.advance(renewableMs)
      const mortal = new MortalProcess(death)
      await untilDeath(() => world.boot(mortal).live.renew(userId, operationId, 2))
      expect(await world.boot().live.renew(userId, operationId, 2)).toMatchObject({
        lease: 2,
        credits_held: 2 * leaseCredits,
      })
      await expectCharged(world, 2 * leaseCredits)
      return mortal
    })
    expect(calls).toBe(4)
  })

  it('a renewal that nobody repeats costs what was held, also when the browser is gone for good', async () => {
    await everyDeath(async death => {
      const world = await newWorld()
      await world.boot().live.start(world.request)
      world.clock.advance(renewableMs)
      const mortal = new MortalProcess(death)
      await untilDeath(() => world.boot(mortal).live.renew(world.userId, world.operationId, 2))
      await expectCharged(world, leaseCredits, 2 * leaseCredits)
      return mortal
    })
  })

  it('a stop that is repeated charges once and answers the same', async () => {
    const calls = await everyDeath(async death => {
      const world = await newWorld()
      const { userId, operationId } = world
      await world.boot().live.start(world.request)
      world.clock.advance(61_000)
      const mortal = new MortalProcess(death)
      const first = await untilDeath(() => world.boot(mortal).stops.stop(userId, operationId, undefined))
      const second = await world.boot().stops.stop(userId, operationId, undefined)
      expect(second).toMatchObject({ seconds: 61, credits_used: 11, credits_refunded: 39 })
      if (first) expect(second).toEqual(first)
      const account = await world.base.store.readAccount(userId)
      expect(account?.allowanceUses).toHaveLength(1)
      await expectCharged(world, 11)
      return mortal
    })
    expect(calls).toBe(2)
  })

  it('new captions after a browser that is gone are not kept waiting, and the old ones are charged once', async () => {
    await everyDeath(async death => {
      const world = await newWorld()
      await world.boot().live.start(world.request)
      world.clock.advance(leaseMs)
      const next = { ...world.request, operationId: v7({ msecs: world.clock.now() }) }
      const mortal = new MortalProcess(death)
      await untilDeath(() => world.boot(mortal).live.start(next))
      expect(await world.boot().live.start(next)).toMatchObject({ lease: 1, credits_held: leaseCredits })
      await world.boot().stops.stop(world.userId, next.operationId, undefined)
      const books = await readBooks(world.base, world.userId)
      expect(imbalance(books)).toBe(0)
      expect(books.usage.map(row => row.creditsUsed).sort((a, b) => a - b)).toEqual([1, leaseCredits])
      return mortal
    })
  })
})

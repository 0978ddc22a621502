import { beforeEach, describe, expect, test, vi } from 'vitest'
import { Ledger } from '../../../src/domain/ledger.ts'
import { LiveCaptions } from '../../../src/domain/live.ts'
import { LiveStops } from '../../../src/domain/live-stop.ts'
import { liveRules } from '../../support/live.ts'
import { allCredits } from '../support/memory-ledger-store.ts'
import { createBackend, type TestBackend } from '../support/test-backend.ts'

let backend: TestBackend
let userId: string
let key: string
let live: LiveCaptions
let stops: LiveStops
/** The tries after which the captions waited. */
let pauses: number[]

/** The same ports as the backend's, with a ledger whose holds expire at times that differ: all begin in one millisecond. */
beforeEach(() => {
  backend = createBackend()
  userId = backend.openAccount({ creditsBalance: 1_000 })
  key = backend.clock.id()
  const { store, failures, activity, clock, liveSessions } = backend
  pauses = []
  let attempts = 0
  const ledger = new Ledger({
    store,
    failures,
    activity,
    now: clock.now,
    backoff: async () => undefined,
    random: () => (attempts++ % 1_000) / 1_000,
    log: backend.ledgerLog,
  })
  live = new LiveCaptions({
    ledger,
    store,
    activity,
    sessions: liveSessions,
    rules: liveRules,
    now: clock.now,
    backoff: async attempt => {
      pauses.push(attempt)
    },
  })
  stops = new LiveStops({ ledger, rules: liveRules })
})

const account = () => backend.account(userId)
const start = (operationId = key) =>
  live.start({ userId, operationId, requestHash: 'hash', language: undefined })
const stop = () => stops.stop(userId, key, undefined)

/** How several calls ended that were made at once. */
const outcomes = async (calls: readonly (() => Promise<object>)[]) => {
  const settled = await Promise.allSettled(calls.map(call => call()))
  return {
    answers: settled.flatMap(result => (result.status === 'fulfilled' ? [result.value] : [])),
    codes: settled.flatMap(result => (result.status === 'rejected' ? [result.reason.code] : [])),
  }
}

const times = (count: number, call: () => Promise<object>) => Array.from({ length: count }, () => call)

/** Lets something happen just before the next reservation. */
const beforeReserving = (happens: () => Promise<unknown>): void => {
  const real = backend.store.reserve.bind(backend.store)
  vi.spyOn(backend.store, 'reserve').mockImplementationOnce(async (...args) => {
    await happens()
    return real(...args)
  })
}

describe('at once', () => {
  test('two starts of one key are charged once; the second is a repeat', async () => {
    const { answers } = await outcomes(times(2, () => start()))
    expect(answers).toMatchObject([
      { operation_id: key, lease: 1, credits_held: 50 },
      { operation_id: key, lease: 1, credits_held: 50 },
    ])
    expect(account()).toMatchObject({ creditsBalance: 950, allowanceUses: { length: 1 } })
  })

  test('ten starts of one key hand out the lease and what the allowance has, and no more', async () => {
    const { answers, codes } = await outcomes(times(10, () => start()))
    expect(answers).toHaveLength(1 + liveRules.allowancePerHour)
    expect(codes).toEqual(Array(3).fill('allowance_spent'))
    expect(account()).toMatchObject({ creditsBalance: 950, allowanceUses: { length: 6 } })
  })

  test('two starts of two keys open one', async () => {
    const { answers, codes } = await outcomes([() => start(), () => start(backend.clock.id())])
    expect(answers).toHaveLength(1)
    expect(codes).toEqual(['live_already_open'])
    expect(Object.keys(account().holds)).toHaveLength(1)
    expect(account()).toMatchObject({ creditsBalance: 950, allowanceUses: [] })
  })

  test('ten renewals of one lease are charged once; of the others six are repeats', async () => {
    await start()
    backend.clock.advance(280_000)
    const { answers, codes } = await outcomes(times(10, () => live.renew(userId, key, 2)))
    expect(answers).toHaveLength(7)
    expect(codes).toEqual(Array(3).fill('allowance_spent'))
    expect(account()).toMatchObject({ creditsBalance: 900, allowanceUses: { length: 6 } })
  })

  test('a renewal and a stop leave captions that are stopped and whose books close', async () => {
    await start()
    backend.clock.advance(280_000)
    const { codes } = await outcomes([() => live.renew(userId, key, 2), stop])
    expect(codes.every(code => code === 'lease_over')).toBe(true)
    expect(account().holds).toEqual({})
    const row = await backend.store.readUsage(userId, key)
    expect(allCredits(account()) + (row?.creditsUsed ?? 0)).toBe(1_000)
  })

  test('two stops answer the same and use the allowance once', async () => {
    await start()
    backend.clock.advance(60_000)
    const { answers } = await outcomes([stop, stop])
    expect(answers[0]).toEqual(answers[1])
    expect(account()).toMatchObject({ creditsBalance: 990, totalUsage: 10, allowanceUses: { length: 1 } })
  })

  test('a stop and what folds the expired hold charge it once, whole', async () => {
    await start()
    const expired = account()
    backend.clock.advance((300 + 3_600 + 60) * 1_000)
    const { answers } = await outcomes([stop, () => backend.ledger.fold(expired)])
    expect(answers[0]).toMatchObject({ credits_used: 50 })
    expect(account()).toMatchObject({ creditsBalance: 950, totalUsage: 50, holds: {}, allowanceUses: [] })
  })
})

describe('a start whose account moves between its look and its write', () => {
  test('gives no free lease where the same captions were started and stopped in between', async () => {
    beforeReserving(async () => {
      await start()
      await stop()
    })
    await expect(start()).rejects.toMatchObject({ code: 'lease_over' })
    expect(account()).toMatchObject({ creditsBalance: 999, totalUsage: 1, holds: {} })
  })

  test('is a repeat where the same captions were started in between', async () => {
    beforeReserving(() => start())
    expect(await start()).toMatchObject({ lease: 1, credits_held: 50 })
    expect(account()).toMatchObject({ creditsBalance: 950, allowanceUses: { length: 1 } })
  })

  test('is refused where others were started in between', async () => {
    const other = backend.clock.id()
    beforeReserving(() => start(other))
    await expect(start()).rejects.toMatchObject({
      code: 'live_already_open',
      details: { operation_id: other },
    })
    expect(account().creditsBalance).toBe(950)
  })

  test('goes through where others were started and stopped in between', async () => {
    const other = backend.clock.id()
    beforeReserving(async () => {
      await start(other)
      await stops.stop(userId, other, undefined)
    })
    expect(await start()).toMatchObject({ operation_id: key, credits_held: 50 })
    expect(account()).toMatchObject({ creditsBalance: 949, allowanceUses: { length: 1 } })
  })

  test('sells what can still be paid', async () => {
    beforeReserving(async () => {
      backend.store.change(userId, before => ({ ...before, creditsBalance: 20 }))
    })
    expect(await start()).toMatchObject({ lease_seconds: 120, credits_held: 20 })
    expect(backend.liveSessions.minted[1]).toMatchObject({ sessionSeconds: 120 })
  })
})

describe('calls that lose to other writers', () => {
  const lost = async () => ({ written: false as const, account: account() })
  const everyTry = Array.from({ length: 12 }, (_, attempt) => attempt)

  test('wait longer after each try, and not where the first goes through', async () => {
    await start()
    expect(pauses).toEqual([])
    backend.clock.advance(280_000)
    vi.spyOn(backend.store, 'renew').mockImplementationOnce(lost).mockImplementationOnce(lost)
    await live.renew(userId, key, 2)
    expect(pauses).toEqual([0, 1])
  })

  test('are given up after twelve tries', async () => {
    vi.spyOn(backend.store, 'reserve').mockImplementation(lost)
    await expect(start()).rejects.toMatchObject({
      code: 'operation_in_progress',
      message:
        'Too much happens on this account at once. Nothing was charged. Send the same request again in a few seconds.',
    })
    expect(pauses).toEqual(everyTry)
  })

  test('are given up after twelve tries also where they only repeat', async () => {
    await start()
    vi.spyOn(backend.store, 'useAllowance').mockImplementation(lost)
    await expect(start()).rejects.toMatchObject({ code: 'operation_in_progress' })
    expect(pauses).toEqual(everyTry)
  })

  test('hand out the token that they have where it still fits, and otherwise another', async () => {
    vi.spyOn(backend.store, 'reserve').mockImplementationOnce(lost)
    expect(await start()).toMatchObject({ token: 'token-1' })
    backend.clock.advance(280_000)
    const renewing = vi.spyOn(backend.store, 'renew')
    renewing.mockImplementationOnce(async () => {
      backend.clock.advance(1_000)
      return lost()
    })
    expect(await live.renew(userId, key, 2), 'a second too long').toMatchObject({ token: 'token-3' })
    expect(backend.liveSessions.minted.map(({ sessionSeconds }) => sessionSeconds)).toEqual([300, 320, 319])
  })
})

describe('captions that were renewed since they were read', () => {
  /** When their hold would have expired without the renewal. */
  const expireFirstHold = (): void => {
    backend.clock.nowMs = backend.clock.nowMs - 280_000 + (300 + 3_600 + 60) * 1_000
  }

  test('are not charged by a reader for whom their hold has expired', async () => {
    await start()
    const before = account()
    backend.clock.advance(280_000)
    await live.renew(userId, key, 2)
    const renewed = account()
    expireFirstHold()
    expect(await backend.ledger.fold(before)).toEqual(renewed)
    expect(account()).toEqual(renewed)
    expect(await backend.store.readUsage(userId, key)).toBeUndefined()
  })

  test('are left open where what is decided of them is to leave them', async () => {
    await start()
    expect(await backend.ledger.settleLive(userId, key, () => undefined)).toBeUndefined()
    expect(account()).toMatchObject({ creditsBalance: 950, totalUsage: 0 })
    expect(Object.keys(account().holds)).toEqual([key])
  })

  test('are charged whole once their hold has expired, whatever is decided', async () => {
    await start()
    backend.clock.advance((300 + 3_600 + 60) * 1_000)
    const settled = await backend.ledger.settleLive(userId, key, () => undefined)
    expect(settled).toMatchObject({ creditsAvailable: 950, row: { creditsUsed: 50 } })
    expect(account()).toMatchObject({ creditsBalance: 950, totalUsage: 50, holds: {} })
  })
})

describe('a renewal and a stop whose writes cross', () => {
  beforeEach(async () => {
    await start()
    backend.clock.advance(280_000)
  })

  test('the stop first: nothing is renewed, and no token is handed out', async () => {
    const real = backend.store.renew.bind(backend.store)
    vi.spyOn(backend.store, 'renew').mockImplementationOnce(async (...args) => {
      await stop()
      return real(...args)
    })
    await expect(live.renew(userId, key, 2)).rejects.toMatchObject({ code: 'lease_over' })
    expect(account()).toMatchObject({ creditsBalance: 953, totalUsage: 47, holds: {} })
  })

  test('the renewal first: the stop charges what was sold by then, and gives the new lease back', async () => {
    const real = backend.store.settle.bind(backend.store)
    vi.spyOn(backend.store, 'settle').mockImplementationOnce(async (...args) => {
      await live.renew(userId, key, 2)
      return real(...args)
    })
    expect(await stop()).toMatchObject({ seconds: 300, credits_used: 50, credits_refunded: 50 })
    expect(account()).toMatchObject({ creditsBalance: 950, totalUsage: 50, allowanceUses: { length: 1 } })
  })
})

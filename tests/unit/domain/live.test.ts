import { beforeEach, describe, expect, test, vi } from 'vitest'
import { maxOpenHolds } from '../../../src/domain/account.ts'
import type { StartLive } from '../../../src/domain/live.ts'
import { liveRules } from '../../support/live.ts'
import { vendorFails, vendorTimesOut } from '../support/fake-vendors.ts'
import { allCredits } from '../support/memory-ledger-store.ts'
import { createBackend, type TestBackend } from '../support/test-backend.ts'

let backend: TestBackend
let userId: string
let operationId: string
/** When the captions start. */
let startMs: number

beforeEach(() => {
  backend = createBackend()
  userId = backend.openAccount({ creditsBalance: 1_000 })
  operationId = backend.clock.id()
  startMs = backend.clock.nowMs
})

const start = (over: Partial<StartLive> = {}) =>
  backend.live.start({ userId, operationId, requestHash: 'hash-one', language: undefined, ...over })
const renew = (lease: number) => backend.live.renew(userId, operationId, lease)
const account = () => backend.account(userId)
const owns = (creditsBalance: number) =>
  backend.store.change(userId, before => ({ ...before, creditsBalance }))

/** Puts the clock at so many seconds after the start. */
const goTo = (seconds: number): void => {
  backend.clock.nowMs = startMs + Math.round(seconds * 1_000)
}
const isoAt = (seconds: number): string => new Date(startMs + seconds * 1_000).toISOString()

/** Starts and renews until `lease` is in force, each at the first moment. */
const startAndRenewTo = async (lease: number) => {
  await start()
  for (let next = 2; next <= lease; next++) {
    goTo((next - 1) * 300 - 30)
    await renew(next)
  }
}

const spendAllowance = (count = liveRules.allowancePerHour): void => {
  const second = Math.floor(backend.clock.nowMs / 1_000)
  backend.store.change(userId, before => ({ ...before, allowanceUses: Array(count).fill(second) }))
}

/** Lets something happen just before the next write of this kind. */
const justBefore = (write: 'reserve' | 'renew' | 'settle' | 'useAllowance', happens: () => unknown): void => {
  const real = backend.store[write].bind(backend.store) as (...args: unknown[]) => unknown
  vi.spyOn(backend.store, write).mockImplementationOnce((async (...args: unknown[]) => {
    await happens()
    return real(...args)
  }) as never)
}

const rejection = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => {
      throw new Error('It was not refused.')
    },
    error => error,
  )

const overError = {
  code: 'lease_over',
  message: 'These captions have ended. Nothing more was charged. Start new ones.',
}

/** How the vendor can fail to give a token, and what the listener reads then. */
const vendorFailures = [
  [
    'failed',
    vendorFails,
    'upstream_failed',
    'Opening the captions failed. Nothing more was charged. Send the same request again.',
  ],
  [
    'took too long',
    vendorTimesOut,
    'upstream_timeout',
    'Opening the captions took too long. Nothing more was charged. Send the same request again.',
  ],
] as const

describe('starting captions', () => {
  test('holds a lease of five minutes and hands out a token for as long', async () => {
    expect(await start()).toEqual({
      operation_id: operationId,
      lease: 1,
      websocket_url: 'wss://streaming.example.com/v3/ws?language=en',
      token: 'token-1',
      lease_seconds: 300,
      lease_expires_at: isoAt(300),
      renew_from: isoAt(270),
      credits_held: 50,
      credits_available: 950,
    })
    expect(backend.liveSessions.minted).toEqual([{ redeemSeconds: 60, sessionSeconds: 300 }])
    expect(account()).toMatchObject({ creditsBalance: 950, allowanceUses: [] })
  })

  test('holds it until an hour after its end, so that it can be stopped with the time of its last sound', async () => {
    await start()
    expect(account().holds[operationId]).toEqual({
      service: 'live_transcription',
      split: { fromBalance: 50, fromGrants: {} },
      expiresAtMs: startMs + 3_900_000,
      requestHash: 'hash-one',
      audioMs: undefined,
      live: { startedAtMs: startMs, lease: 1, paidSeconds: 300, leaseSeconds: 300, language: 'en' },
    })
  })

  test.each(Array.from({ length: 41 }, (_, index) => 10 + index))(
    'with %i credits holds them all, and lasts as long as they pay for',
    async credits => {
      owns(credits)
      expect(await start()).toMatchObject({
        lease_seconds: 6 * credits,
        lease_expires_at: isoAt(6 * credits),
        renew_from: isoAt(6 * credits - Math.floor(0.6 * credits)),
        credits_held: credits,
        credits_available: 0,
      })
      expect(backend.liveSessions.minted).toMatchObject([{ sessionSeconds: 6 * credits }])
    },
  )

  test.each([0, 1, 9])('with %i credits is refused, and asks the vendor for nothing', async credits => {
    owns(credits)
    await expect(start()).rejects.toMatchObject({
      code: 'insufficient_credits',
      message: `This costs 10 credits and ${credits} are left. Nothing was charged. Buy credits to go on.`,
      details: { required: 10, available: credits },
    })
    expect(backend.liveSessions.minted).toEqual([])
    expect(account().holds).toEqual({})
  })

  test('in debt is refused, whatever the grants', async () => {
    const grant = { remaining: 3_000, expiresAtMs: startMs + 1e9, source: 'plus' }
    backend.store.change(userId, before => ({ ...before, creditsBalance: -30, grants: { g0: grant } }))
    await expect(start()).rejects.toMatchObject({
      code: 'account_in_debt',
      details: { required: 10, available: 0 },
    })
    expect(backend.liveSessions.minted).toEqual([])
  })

  test('burns grants first', async () => {
    const grant = { remaining: 20, expiresAtMs: startMs + 1e9, source: 'plus' }
    backend.store.change(userId, before => ({ ...before, grants: { g0: grant } }))
    await start()
    expect(account().holds[operationId]?.split).toEqual({ fromBalance: 30, fromGrants: { g0: 20 } })
  })

  test('notes that the account is active before anything is held', async () => {
    owns(0)
    await rejection(start())
    expect(backend.activity.noted).toEqual([{ userId, atMs: startMs }])
  })

  test('with eight operations open holds no ninth', async () => {
    for (let i = 0; i < maxOpenHolds; i++) {
      await backend.ledger.open({
        userId,
        operationId: backend.clock.id(),
        service: 'ask_agent',
        credits: 5,
        requestHash: 'hash',
        holdMs: 60_000,
      })
    }
    await expect(start()).rejects.toMatchObject({ code: 'too_many_open_operations' })
    expect(account().creditsBalance).toBe(960)
  })

  test.each(vendorFailures)(
    'holds nothing where the vendor %s; the same key may try again',
    async (_what, fail, code, message) => {
      backend.liveSessions.failure = fail()
      await expect(start()).rejects.toMatchObject({ code, message })
      expect(account()).toMatchObject({ creditsBalance: 1_000, holds: {}, allowanceUses: [] })
      backend.liveSessions.failure = undefined
      expect(await start()).toMatchObject({ lease: 1, credits_held: 50 })
    },
  )

  test('goes through on another try, with the token that it has, where the write lost', async () => {
    justBefore('reserve', () => owns(900))
    expect(await start()).toMatchObject({ token: 'token-1', credits_available: 850 })
    expect(backend.liveSessions.minted).toHaveLength(1)
  })

  test('is given up with a clear error where the account never stands still', async () => {
    const tries = vi.spyOn(backend.store, 'reserve').mockImplementation(async () => ({
      written: false,
      account: account(),
    }))
    await expect(start()).rejects.toMatchObject({
      code: 'operation_in_progress',
      details: { retry_after_seconds: 2 },
    })
    expect(tries).toHaveBeenCalledTimes(12)
    expect(backend.liveSessions.minted, 'one token for all the tries').toHaveLength(1)
    expect(allCredits(account())).toBe(1_000)
  })

  test('is handed out again, by the allowance, where the answer to its write was lost on the way', async () => {
    const real = backend.store.reserve.bind(backend.store)
    vi.spyOn(backend.store, 'reserve').mockImplementationOnce(async (...args) => {
      await real(...args)
      return real(...args)
    })
    expect(await start()).toMatchObject({ token: 'token-2', credits_available: 950 })
    expect(account().creditsBalance).toBe(950)
    expect(account().allowanceUses).toHaveLength(1)
  })
})

describe('the language', () => {
  test('is the one that was asked for', async () => {
    const { websocket_url } = await start({ language: 'es' })
    expect(websocket_url).toBe('wss://streaming.example.com/v3/ws?language=es')
    expect(account().holds[operationId]?.live?.language).toBe('es')
  })

  test('stays what it was in the leases that follow', async () => {
    await start({ language: 'es' })
    goTo(270)
    expect((await renew(2)).websocket_url).toBe('wss://streaming.example.com/v3/ws?language=es')
  })

  test('stays so where it is no longer offered', async () => {
    await start({ language: 'es' })
    backend.liveSessions.languages = ['en']
    goTo(270)
    expect(await renew(2)).toMatchObject({ lease: 2, websocket_url: expect.stringContaining('language=es') })
  })

  test('is refused where the vendor has no model for it', async () => {
    await expect(start({ language: 'xx' })).rejects.toMatchObject({
      code: 'validation_failed',
      message:
        'These captions are not offered in that language. Nothing was charged. Must be one of en, es, multi.',
      details: { errors: [{ path: 'language', message: 'Must be one of en, es, multi.' }] },
    })
    expect(account().holds).toEqual({})
    expect(backend.liveSessions.minted).toEqual([])
  })
})

describe('starting captions while others are open', () => {
  test.each([
    [0, 300],
    [12.5, 288],
    [299.999, 1],
  ])('is refused %d s into their lease: nothing is charged for %i s', async (seconds, wait) => {
    await start()
    goTo(seconds)
    await expect(start({ operationId: backend.clock.id() })).rejects.toMatchObject({
      code: 'live_already_open',
      message:
        'Live captions are open on this account already. Nothing was charged. Stop those first, or wait until they end.',
      details: { operation_id: operationId, retry_after_seconds: wait },
    })
    expect(account().creditsBalance).toBe(950)
    expect(backend.liveSessions.minted).toHaveLength(1)
  })

  test('charges them whole where their lease has ended: nobody can go on with them', async () => {
    await startAndRenewTo(2)
    goTo(600)
    const next = backend.clock.id()
    expect(await start({ operationId: next })).toMatchObject({ operation_id: next, lease: 1 })
    expect(Object.keys(account().holds)).toEqual([next])
    expect(await backend.store.readUsage(userId, operationId)).toMatchObject({
      service: 'live_transcription',
      creditsUsed: 100,
      balanceAfter: 900,
      metadata: { seconds: 600, leases: 2, credits_refunded: 0, ended_by: 'expiry' },
    })
    expect(account()).toMatchObject({ creditsBalance: 850, totalUsage: 100, allowanceUses: [] })
  })

  test('charges them whole also long after, when their hold has expired', async () => {
    await start()
    goTo(24 * 3_600)
    await start({ operationId: backend.clock.id() })
    expect(await backend.store.readUsage(userId, operationId)).toMatchObject({ creditsUsed: 50 })
  })

  test('is refused because they are open, also where there is nothing left to pay for others', async () => {
    await start()
    owns(0)
    await expect(start({ operationId: backend.clock.id() })).rejects.toMatchObject({
      code: 'live_already_open',
    })
  })

  test('leaves captions that are over as they are where there is nothing left to pay for others', async () => {
    await start()
    owns(9)
    goTo(300)
    const before = account()
    await expect(start({ operationId: backend.clock.id() })).rejects.toMatchObject({
      code: 'insufficient_credits',
      details: { required: 10, available: 9 },
    })
    expect(account()).toEqual(before)
    expect(await backend.stops.stop(userId, operationId, startMs + 60_000)).toMatchObject({
      credits_used: 10,
      credits_refunded: 40,
    })
  })

  test('asks the vendor for a token only once those that are over are charged', async () => {
    await start()
    goTo(300)
    justBefore('settle', () => expect(backend.liveSessions.minted).toHaveLength(1))
    await start({ operationId: backend.clock.id() })
    expect(backend.liveSessions.minted).toHaveLength(2)
  })

  test('goes through where somebody else has charged those that are over', async () => {
    await start()
    goTo(300)
    justBefore('settle', () => backend.stops.stop(userId, operationId, undefined))
    expect(await start({ operationId: backend.clock.id() })).toMatchObject({ lease: 1 })
    expect(account()).toMatchObject({ creditsBalance: 900, totalUsage: 50 })
  })

  test('is refused after all where they are renewed in the last moment', async () => {
    await start()
    goTo(300)
    justBefore('settle', async () => {
      // By a clock that is a millisecond behind.
      goTo(299.999)
      await renew(2)
      goTo(300)
    })
    await expect(start({ operationId: backend.clock.id() })).rejects.toMatchObject({
      code: 'live_already_open',
    })
    expect(account().holds[operationId]).toMatchObject({ live: { lease: 2 } })
  })
})

describe('starting the same captions again', () => {
  test('hands the lease out again for what remains of it, and charges nothing', async () => {
    const first = await start()
    goTo(20.5)
    expect(await start()).toEqual({ ...first, token: 'token-2' })
    expect(backend.liveSessions.minted[1]).toEqual({ redeemSeconds: 60, sessionSeconds: 280 })
    expect(account()).toMatchObject({
      creditsBalance: 950,
      allowanceUses: [Math.floor(backend.clock.nowMs / 1_000)],
    })
  })

  test('opens no session shorter than the vendor caps', async () => {
    await start()
    goTo(295)
    await start()
    expect(backend.liveSessions.minted[1]).toMatchObject({ sessionSeconds: 60 })
  })

  test('is refused once another lease is in force', async () => {
    await startAndRenewTo(2)
    await expect(start()).rejects.toMatchObject({
      code: 'wrong_lease',
      message:
        'Lease 2 is in force: ask for it again, or for lease 3 when it is time. Nothing more was charged.',
      details: { operation_id: operationId, lease: 2 },
    })
    expect(account().allowanceUses).toEqual([])
  })

  test('is refused once the lease is over', async () => {
    await start()
    goTo(300)
    await expect(start()).rejects.toMatchObject({ ...overError, details: { operation_id: operationId } })
    expect(backend.liveSessions.minted).toHaveLength(1)
  })

  test('is refused once they were stopped', async () => {
    await start()
    await backend.stops.stop(userId, operationId, undefined)
    await expect(start()).rejects.toMatchObject({ ...overError, details: { operation_id: operationId } })
    expect(account().holds).toEqual({})
  })

  test('with another body is another request, while they last and after', async () => {
    await start()
    const mismatch = { code: 'idempotency_mismatch' }
    await expect(start({ requestHash: 'hash-two', language: 'es' })).rejects.toMatchObject(mismatch)
    await backend.stops.stop(userId, operationId, undefined)
    await expect(start({ requestHash: 'hash-two', language: 'es' })).rejects.toMatchObject(mismatch)
  })

  test('uses none of the allowance where the vendor fails', async () => {
    await start()
    backend.liveSessions.failure = vendorTimesOut()
    await expect(start()).rejects.toMatchObject({ code: 'upstream_timeout' })
    expect(account()).toMatchObject({ creditsBalance: 950, allowanceUses: [] })
  })

  test('is refused once the allowance is spent, and asks the vendor for nothing', async () => {
    await start()
    spendAllowance()
    goTo(10)
    await expect(start()).rejects.toMatchObject({
      code: 'allowance_spent',
      message: `This lease was handed out before, and no more repeats are free for now. Nothing more was charged. Renew from ${isoAt(270)} on.`,
      details: { operation_id: operationId },
    })
    expect(backend.liveSessions.minted).toHaveLength(1)
  })

  test('is given up where the allowance never stands still', async () => {
    await start()
    const tries = vi.spyOn(backend.store, 'useAllowance').mockImplementation(async () => ({
      written: false,
      account: account(),
    }))
    await expect(start()).rejects.toMatchObject({ code: 'operation_in_progress' })
    expect(tries).toHaveBeenCalledTimes(12)
    expect(backend.liveSessions.minted, 'one token for all the tries').toHaveLength(2)
  })

  test('hands no token out where they are stopped in between', async () => {
    await start()
    justBefore('useAllowance', () => backend.stops.stop(userId, operationId, undefined))
    await expect(start()).rejects.toMatchObject(overError)
    expect(account().allowanceUses, 'the refund').toHaveLength(1)
  })
})

describe('renewing captions', () => {
  test('sells the next lease into the same hold, and a token that ends with it', async () => {
    await start()
    goTo(270)
    expect(await renew(2)).toEqual({
      operation_id: operationId,
      lease: 2,
      websocket_url: 'wss://streaming.example.com/v3/ws?language=en',
      token: 'token-2',
      lease_seconds: 300,
      lease_expires_at: isoAt(600),
      renew_from: isoAt(570),
      credits_held: 100,
      credits_available: 900,
    })
    expect(backend.liveSessions.minted[1]).toEqual({ redeemSeconds: 60, sessionSeconds: 330 })
    expect(account().holds[operationId]).toMatchObject({
      split: { fromBalance: 100, fromGrants: {} },
      expiresAtMs: startMs + (600 + 3_600) * 1_000,
      live: { startedAtMs: startMs, lease: 2, paidSeconds: 600, leaseSeconds: 300, language: 'en' },
    })
    expect(account().allowanceUses).toEqual([])
  })

  test('notes that the account is active, so that a sweep finds what it leaves', async () => {
    await start()
    goTo(290)
    await renew(2)
    expect(backend.activity.noted).toEqual([
      { userId, atMs: startMs },
      { userId, atMs: startMs + 290_000 },
    ])
  })

  test.each([
    [0, 270],
    [269, 1],
    [269.999, 1],
  ])('is refused %d s after the start: too early by %i s', async (seconds, wait) => {
    await start()
    goTo(seconds)
    await expect(renew(2)).rejects.toMatchObject({
      code: 'renew_too_early',
      message: `The next lease can be had in ${wait} seconds. Nothing more was charged.`,
      details: { operation_id: operationId, retry_after_seconds: wait },
    })
    expect(account().creditsBalance).toBe(950)
  })

  test.each([
    [270, 330],
    [285.2, 315],
    [299.999, 301],
  ])('%d s after the start opens a session of %i s', async (seconds, cap) => {
    await start()
    goTo(seconds)
    await renew(2)
    expect(backend.liveSessions.minted[1]).toMatchObject({ sessionSeconds: cap })
  })

  test('is refused from the end of the lease on', async () => {
    await start()
    goTo(300)
    await expect(renew(2)).rejects.toMatchObject({ ...overError, details: { operation_id: operationId } })
    expect(account().creditsBalance).toBe(950)
    goTo(10_000)
    await expect(renew(2)).rejects.toMatchObject(overError)
  })

  test.each([3, 4, 99])('is refused for lease %i while the first is in force', async lease => {
    await start()
    goTo(280)
    await expect(renew(lease)).rejects.toMatchObject({
      code: 'wrong_lease',
      details: { operation_id: operationId, lease: 1 },
    })
    expect(account().creditsBalance).toBe(950)
  })

  test('is refused for a lease that was over before', async () => {
    await startAndRenewTo(3)
    await expect(renew(2)).rejects.toMatchObject({ code: 'wrong_lease', details: { lease: 3 } })
  })

  test('hands the same lease out again by the allowance, and charges nothing', async () => {
    await startAndRenewTo(2)
    goTo(280)
    expect(await renew(2)).toMatchObject({ lease: 2, token: 'token-3', credits_held: 100 })
    expect(backend.liveSessions.minted[2]).toMatchObject({ sessionSeconds: 320 })
    expect(account()).toMatchObject({ creditsBalance: 900, allowanceUses: [expect.any(Number)] })
  })

  test('is refused for the same lease once the allowance is spent; the next one can be had in time', async () => {
    await startAndRenewTo(2)
    spendAllowance()
    await expect(renew(2)).rejects.toMatchObject({ code: 'allowance_spent' })
    goTo(570)
    expect(await renew(3)).toMatchObject({ lease: 3 })
  })

  test('takes what is left where that is less than a full lease', async () => {
    owns(62)
    await startAndRenewTo(2)
    expect(account()).toMatchObject({ creditsBalance: 0 })
    expect(account().holds[operationId]?.live).toMatchObject({ paidSeconds: 372, leaseSeconds: 72 })
    expect(backend.liveSessions.minted[1]).toMatchObject({ sessionSeconds: 102 })
  })

  test.each([
    [10, 54, 6],
    [12, 65, 7],
    [35, 189, 21],
  ])(
    'of %i credits can be had from %i s after the start: %i s before the end',
    async (credits, from, window) => {
      owns(credits)
      const { renew_from } = await start()
      expect(renew_from).toBe(isoAt(from))
      owns(50)
      goTo(from - 0.001)
      await expect(renew(2)).rejects.toMatchObject({ code: 'renew_too_early' })
      goTo(from)
      await renew(2)
      expect(backend.liveSessions.minted[1]).toMatchObject({ sessionSeconds: 300 + window })
    },
  )

  test('is refused where less than a minute can be paid; what was paid for goes on', async () => {
    owns(59)
    await start()
    goTo(280)
    await expect(renew(2)).rejects.toMatchObject({
      code: 'insufficient_credits',
      details: { required: 10, available: 9 },
    })
    expect(account().holds[operationId]?.live).toMatchObject({ lease: 1 })
    expect(backend.liveSessions.minted).toHaveLength(1)
  })

  test('is refused in debt', async () => {
    await start()
    owns(-1)
    goTo(280)
    await expect(renew(2)).rejects.toMatchObject({ code: 'account_in_debt' })
  })

  test('draws on the same grant again, and on another, and remembers both', async () => {
    const grant = (remaining: number, inMs: number) => ({
      remaining,
      expiresAtMs: startMs + inMs,
      source: 'plus',
    })
    backend.store.change(userId, before => ({
      ...before,
      grants: { g0: grant(60, 1e8), g1: grant(20, 1e9) },
    }))
    await startAndRenewTo(2)
    expect(account().holds[operationId]?.split).toEqual({ fromBalance: 20, fromGrants: { g0: 60, g1: 20 } })
  })

  test.each(vendorFailures)(
    'holds nothing more where the vendor %s; the same may be tried again',
    async (_what, fail, code, message) => {
      await start()
      goTo(275)
      const held = account()
      backend.liveSessions.failure = fail()
      await expect(renew(2)).rejects.toMatchObject({ code, message })
      expect(account()).toEqual(held)
      backend.liveSessions.failure = undefined
      expect(await renew(2)).toMatchObject({ lease: 2 })
      expect(account().allowanceUses).toEqual([])
    },
  )

  test('uses none of the allowance where the vendor fails at a repeat', async () => {
    await startAndRenewTo(2)
    backend.liveSessions.failure = vendorFails()
    await expect(renew(2)).rejects.toMatchObject({ code: 'upstream_failed' })
    expect(account().allowanceUses).toEqual([])
  })

  test('is refused where the lease ends while the vendor answers', async () => {
    await start()
    goTo(299)
    const mint = backend.liveSessions.mintToken.bind(backend.liveSessions)
    vi.spyOn(backend.liveSessions, 'mintToken').mockImplementationOnce(async request => {
      goTo(301)
      return mint(request)
    })
    await expect(renew(2)).rejects.toMatchObject(overError)
    expect(account().creditsBalance).toBe(950)
  })

  test('goes through on another try, with the token that it has, where the write lost', async () => {
    await start()
    goTo(280)
    vi.spyOn(backend.store, 'renew').mockImplementationOnce(async () => ({
      written: false,
      account: account(),
    }))
    expect(await renew(2)).toMatchObject({ lease: 2, token: 'token-2', credits_held: 100 })
    expect(backend.liveSessions.minted).toHaveLength(2)
  })

  test('asks for another token where less can be paid at that try', async () => {
    await start()
    goTo(270)
    justBefore('renew', () => owns(30))
    expect(await renew(2)).toMatchObject({ lease_seconds: 180, token: 'token-3', credits_available: 0 })
    expect(backend.liveSessions.minted[2]).toMatchObject({ sessionSeconds: 210 })
  })

  test('asks for another token where the first would outlast the lease', async () => {
    await start()
    goTo(270)
    vi.spyOn(backend.store, 'renew').mockImplementationOnce(async () => {
      goTo(273)
      return { written: false, account: account() }
    })
    expect(await renew(2)).toMatchObject({ token: 'token-3' })
    expect(backend.liveSessions.minted[2]).toMatchObject({ sessionSeconds: 327 })
  })

  test('is handed out again, by the allowance, where the answer to its write was lost on the way', async () => {
    await start()
    goTo(280)
    const real = backend.store.renew.bind(backend.store)
    vi.spyOn(backend.store, 'renew').mockImplementationOnce(async (...args) => {
      await real(...args)
      return real(...args)
    })
    expect(await renew(2)).toMatchObject({ lease: 2, token: 'token-3' })
    expect(account().creditsBalance).toBe(900)
    expect(account().allowanceUses).toHaveLength(1)
  })

  test('is given up where the account never stands still', async () => {
    await start()
    goTo(280)
    const tries = vi.spyOn(backend.store, 'renew').mockImplementation(async () => ({
      written: false,
      account: account(),
    }))
    await expect(renew(2)).rejects.toMatchObject({ code: 'operation_in_progress' })
    expect(tries).toHaveBeenCalledTimes(12)
    expect(backend.liveSessions.minted, 'one token for all the tries').toHaveLength(2)
    expect(account().creditsBalance).toBe(950)
  })

  test('is refused for captions that were stopped', async () => {
    await start()
    goTo(280)
    await backend.stops.stop(userId, operationId, undefined)
    await expect(renew(2)).rejects.toMatchObject({ ...overError, details: { operation_id: operationId } })
  })

  test.each([
    ['closed', () => backend.store.change(userId, before => ({ ...before, isActive: false }))],
    ['gone', () => backend.store.accounts.delete(userId)],
  ])('is refused for an account that is %s', async (_what, end) => {
    await start()
    goTo(280)
    end()
    await expect(renew(2)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: 'This account is closed. Sign in to another.',
    })
    expect(backend.liveSessions.minted).toHaveLength(1)
  })

  test('finds no captions that are unknown, of another account, or another operation', async () => {
    const missing = {
      code: 'not_found',
      message: 'There are no such live captions. Nothing was charged for them.',
    }
    await expect(renew(2)).rejects.toMatchObject(missing)
    await start()
    goTo(280)
    const other = backend.openAccount()
    await expect(backend.live.renew(other, operationId, 2)).rejects.toMatchObject(missing)
    const clip = backend.clock.id()
    const opened = await backend.ledger.open({
      userId,
      operationId: clip,
      service: 'clip_transcription',
      credits: 2,
      requestHash: 'hash',
      holdMs: 60_000,
    })
    await expect(backend.live.renew(userId, clip, 2)).rejects.toMatchObject(missing)
    if (opened.state !== 'reserved') throw new Error('The clip was not opened.')
    await backend.ledger.settle(opened.reservation, { cost: 2, metadata: {} })
    await expect(backend.live.renew(userId, clip, 2)).rejects.toMatchObject(missing)
  })
})

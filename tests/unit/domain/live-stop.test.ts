import { beforeEach, describe, expect, test, vi } from 'vitest'
import { liveRules } from '../../support/live.ts'
import { allCredits } from '../support/memory-ledger-store.ts'
import { createBackend, type TestBackend } from '../support/test-backend.ts'

let backend: TestBackend
let userId: string
let operationId: string
/** When the captions start. */
let startMs: number

beforeEach(async () => {
  backend = createBackend()
  userId = backend.openAccount({ creditsBalance: 1_000 })
  operationId = backend.clock.id()
  startMs = backend.clock.nowMs
  await backend.live.start({ userId, operationId, requestHash: 'hash', language: undefined })
})

const atMs = (seconds: number): number => startMs + Math.round(seconds * 1_000)
const account = () => backend.account(userId)
const row = () => backend.store.readUsage(userId, operationId)
const renewAt = (seconds: number, lease: number) => {
  backend.clock.nowMs = atMs(seconds)
  return backend.live.renew(userId, operationId, lease)
}
/** Stops at so many seconds after the start; `endedAt` is what the client says, likewise. */
const stopAt = (seconds: number, endedAt?: number) => {
  backend.clock.nowMs = atMs(seconds)
  return backend.stops.stop(userId, operationId, endedAt === undefined ? undefined : atMs(endedAt))
}
const secondOf = (seconds: number): number => Math.floor(atMs(seconds) / 1_000)
const spendAllowance = (): void => {
  const uses = Array(liveRules.allowancePerHour).fill(secondOf(0))
  backend.store.change(userId, before => ({ ...before, allowanceUses: uses }))
}

describe('stopping captions', () => {
  test('charges by our clock, and gives back what was held for longer', async () => {
    expect(await stopAt(100.2)).toEqual({
      operation_id: operationId,
      seconds: 101,
      credits_used: 17,
      credits_refunded: 33,
      credits_available: 983,
    })
    expect(account()).toMatchObject({
      creditsBalance: 983,
      totalUsage: 17,
      holds: {},
      allowanceUses: [secondOf(100)],
    })
    expect(await row()).toMatchObject({
      service: 'live_transcription',
      creditsUsed: 17,
      balanceAfter: 983,
      metadata: { seconds: 101, leases: 1, credits_refunded: 33, ended_by: 'stop' },
    })
  })

  test('at once costs a credit', async () => {
    expect(await stopAt(0)).toMatchObject({ seconds: 0, credits_used: 1, credits_refunded: 49 })
  })

  test.each([
    [294, 49, 1],
    [294.001, 50, 0],
    [300, 50, 0],
  ])('%d s after the start costs %i', async (seconds, cost, uses) => {
    expect(await stopAt(seconds)).toMatchObject({ credits_used: cost, credits_refunded: 50 - cost })
    expect(account().allowanceUses).toHaveLength(uses)
  })

  test('after its last lease, while the hold lasts, costs the leases and uses no allowance', async () => {
    expect(await stopAt(3_899)).toMatchObject({ seconds: 300, credits_used: 50, credits_refunded: 0 })
    expect(account().allowanceUses).toEqual([])
    expect((await row())?.metadata).toMatchObject({ ended_by: 'stop' })
  })

  test('charges the leases before the last whole', async () => {
    await renewAt(270, 2)
    expect(await stopAt(271)).toMatchObject({ seconds: 300, credits_used: 50, credits_refunded: 50 })
  })

  test('with two leases charges what ran of the second', async () => {
    await renewAt(270, 2)
    expect(await stopAt(400)).toMatchObject({ seconds: 400, credits_used: 67, credits_refunded: 33 })
    expect((await row())?.metadata).toMatchObject({ leases: 2 })
  })

  test('gives back to where it came from: the balance first, then the grants that lapse last', async () => {
    const other = backend.openAccount({
      creditsBalance: 0,
      grants: {
        g0: { remaining: 20, expiresAtMs: startMs + 1e8, source: 'plus' },
        g1: { remaining: 20, expiresAtMs: startMs + 1e9, source: 'plus' },
      },
    })
    const theirs = backend.clock.id()
    await backend.live.start({
      userId: other,
      operationId: theirs,
      requestHash: 'hash',
      language: undefined,
    })
    backend.store.change(other, before => ({ ...before, creditsBalance: 30 }))
    backend.clock.nowMs = atMs(230)
    await backend.live.renew(other, theirs, 2)
    expect(backend.account(other).creditsBalance).toBe(0)
    backend.clock.nowMs = atMs(240)
    await backend.stops.stop(other, theirs, undefined)
    expect(backend.account(other)).toMatchObject({
      creditsBalance: 30,
      grants: { g0: { remaining: 0 }, g1: { remaining: 0 } },
    })
  })

  test('gives back grants where nothing came from the balance', async () => {
    const other = backend.openAccount({
      creditsBalance: 0,
      grants: {
        g0: { remaining: 20, expiresAtMs: startMs + 1e8, source: 'plus' },
        g1: { remaining: 40, expiresAtMs: startMs + 1e9, source: 'plus' },
      },
    })
    const theirs = backend.clock.id()
    await backend.live.start({
      userId: other,
      operationId: theirs,
      requestHash: 'hash',
      language: undefined,
    })
    backend.clock.nowMs = atMs(60)
    await backend.stops.stop(other, theirs, undefined)
    expect(backend.account(other)).toMatchObject({
      creditsBalance: 0,
      grants: { g0: { remaining: 10 }, g1: { remaining: 40 } },
    })
  })

  test('gives nothing back once the allowance is spent, and still says how long the captions ran', async () => {
    spendAllowance()
    expect(await stopAt(100)).toEqual({
      operation_id: operationId,
      seconds: 100,
      credits_used: 50,
      credits_refunded: 0,
      credits_available: 950,
    })
    expect(account()).toMatchObject({ creditsBalance: 950, allowanceUses: { length: 6 } })
  })

  test('gives back again an hour later', async () => {
    spendAllowance()
    expect(await stopAt(3_601, 60)).toMatchObject({ credits_used: 10, credits_refunded: 40 })
    expect(account().allowanceUses).toHaveLength(7)
  })
})

describe('the time of the last sound', () => {
  test.each([
    ['in the past is taken', 200, 90, { seconds: 90, credits_used: 15 }],
    ['in the future is now', 200, 4_000, { seconds: 200, credits_used: 34 }],
    ['before the start is the start', 200, -4_000, { seconds: 0, credits_used: 1 }],
    ['is taken long after the lease has ended too', 3_800, 90, { seconds: 90, credits_used: 15 }],
    [
      'after the end of the lease is its end',
      3_800,
      3_700,
      { seconds: 300, credits_used: 50, credits_refunded: 0 },
    ],
  ])('%s', async (_what, stoppedAt, endedAt, answer) => {
    expect(await stopAt(stoppedAt, endedAt)).toMatchObject(answer)
  })

  test.each([-4_000, 100, 300])('of %i s is not believed of a lease before the last', async endedAt => {
    await renewAt(270, 2)
    expect(await stopAt(550, endedAt)).toMatchObject({ seconds: 300, credits_used: 50, credits_refunded: 50 })
  })

  test('is taken by the allowance', async () => {
    spendAllowance()
    expect(await stopAt(500, 10)).toMatchObject({ seconds: 10, credits_used: 50, credits_refunded: 0 })
  })
})

describe('stopping captions again', () => {
  test('answers the same and changes nothing', async () => {
    const first = await stopAt(100)
    const after = account()
    expect(await stopAt(200)).toEqual(first)
    expect(await stopAt(250, 10)).toEqual(first)
    expect(account()).toEqual(after)
  })

  test('tells what can be spent by then', async () => {
    await stopAt(100)
    backend.store.change(userId, before => ({ ...before, creditsBalance: 5 }))
    expect(await stopAt(200)).toMatchObject({ credits_used: 17, credits_available: 5 })
  })
})

describe('captions whose hold has expired', () => {
  const whole = { seconds: 300, credits_used: 50, credits_refunded: 0, credits_available: 950 }

  test('are charged whole when they are stopped, whatever the client says', async () => {
    expect(await stopAt(3_900, 10)).toMatchObject(whole)
    expect((await row())?.metadata).toMatchObject({ ended_by: 'expiry' })
    expect(account()).toMatchObject({ creditsBalance: 950, totalUsage: 50, holds: {}, allowanceUses: [] })
  })

  test('are charged whole by whatever next touches the account; stopping them then changes nothing', async () => {
    backend.clock.nowMs = atMs(3_900)
    await backend.ledger.fold(account())
    const after = account()
    expect(after).toMatchObject({ creditsBalance: 950, totalUsage: 50, holds: {} })
    expect(await stopAt(4_000, 10)).toMatchObject(whole)
    expect(account()).toEqual(after)
  })

  test('are shown as charged before a write has said so', async () => {
    backend.clock.nowMs = atMs(3_900)
    expect(await backend.ledger.readAccount(userId)).toMatchObject({
      creditsBalance: 950,
      totalUsage: 50,
      holds: {},
    })
    expect(account().holds).not.toEqual({})
  })
})

describe('there are no captions to stop', () => {
  const missing = {
    code: 'not_found',
    message: 'There are no such live captions. Nothing was charged for them.',
  }

  test('of an id that nobody has used', async () => {
    await expect(backend.stops.stop(userId, backend.clock.id(), undefined)).rejects.toMatchObject(missing)
  })

  test('of another account, open or stopped', async () => {
    const other = backend.openAccount()
    await expect(backend.stops.stop(other, operationId, undefined)).rejects.toMatchObject(missing)
    await stopAt(10)
    await expect(backend.stops.stop(other, operationId, undefined)).rejects.toMatchObject(missing)
    expect(account().creditsBalance).toBe(998)
  })

  test('under the id of a clip, open or finished', async () => {
    const clip = backend.clock.id()
    const opened = await backend.ledger.open({
      userId,
      operationId: clip,
      service: 'clip_transcription',
      credits: 2,
      requestHash: 'hash',
      holdMs: 60_000,
    })
    await expect(backend.stops.stop(userId, clip, undefined)).rejects.toMatchObject(missing)
    if (opened.state !== 'reserved') throw new Error('The clip was not opened.')
    await backend.ledger.settle(opened.reservation, { cost: 2, metadata: {} })
    await expect(backend.stops.stop(userId, clip, undefined)).rejects.toMatchObject(missing)
    expect(account()).toMatchObject({ creditsBalance: 948, totalUsage: 2 })
  })

  test('of an account that is gone', async () => {
    backend.store.accounts.delete(userId)
    await expect(stopAt(10)).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

describe('a stop that meets another writer', () => {
  test('states the balance that the other left', async () => {
    const real = backend.store.settle.bind(backend.store)
    vi.spyOn(backend.store, 'settle').mockImplementationOnce((...args) => {
      backend.store.change(userId, before => ({ ...before, creditsBalance: before.creditsBalance - 100 }))
      return real(...args)
    })
    expect(await stopAt(60)).toMatchObject({ credits_used: 10, credits_available: 890 })
    expect(await row()).toMatchObject({ balanceAfter: 890 })
  })

  test('gives nothing back where the other took the last of the allowance', async () => {
    const real = backend.store.settle.bind(backend.store)
    vi.spyOn(backend.store, 'settle').mockImplementationOnce((...args) => {
      spendAllowance()
      return real(...args)
    })
    expect(await stopAt(60)).toMatchObject({ credits_used: 50, credits_refunded: 0 })
    expect(account().allowanceUses).toHaveLength(6)
  })

  test('is given up with a clear error where it loses every time, and changes nothing', async () => {
    const tries = vi
      .spyOn(backend.store, 'settle')
      .mockImplementation(async () => ({ outcome: 'account_moved', account: account() }))
    await expect(stopAt(60)).rejects.toMatchObject({
      code: 'operation_in_progress',
      message:
        'Too much happens on this account at once: the captions are still open. Send the same request again in a few seconds.',
      details: { operation_id: operationId, retry_after_seconds: 2 },
    })
    expect(tries).toHaveBeenCalledTimes(12)
    expect(allCredits(account())).toBe(1_000)
  })

  test('no longer insists on the exact balance where the account never stands still', async () => {
    const real = backend.store.settle.bind(backend.store)
    vi.spyOn(backend.store, 'settle').mockImplementation((...args) => {
      backend.store.change(userId, before => before)
      return real(...args)
    })
    expect(await stopAt(60)).toMatchObject({ credits_used: 10 })
  })
})

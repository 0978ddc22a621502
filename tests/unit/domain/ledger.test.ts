import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type Account, maxOpenHolds } from '../../../src/domain/account.ts'
import { Ledger, type Opened, type OpenRequest } from '../../../src/domain/ledger.ts'
import type { Reservation } from '../../../src/domain/ports.ts'
import { allCredits } from '../support/memory-ledger-store.ts'
import { createBackend, holdMs, type TestBackend } from '../support/test-backend.ts'

let backend: TestBackend
let userId: string

beforeEach(() => {
  backend = createBackend()
  userId = backend.openAccount({ creditsBalance: 100 })
})

const request = (over: Partial<OpenRequest> = {}): OpenRequest => ({
  userId,
  operationId: backend.clock.id(),
  service: 'ask_agent',
  credits: 5,
  requestHash: 'hash-one',
  holdMs,
  ...over,
})

const open = (over: Partial<OpenRequest> = {}): Promise<Opened> => backend.ledger.open(request(over))

const reserve = async (over: Partial<OpenRequest> = {}): Promise<Reservation> => {
  const opened = await open(over)
  if (opened.state !== 'reserved') throw new Error(`Expected a reservation, got ${opened.state}.`)
  return opened.reservation
}

const spend = (credits: number): Account =>
  backend.store.change(userId, account => ({ ...account, creditsBalance: account.creditsBalance - credits }))

const settlement = (cost: number) => ({ cost, metadata: {}, result: { answer: 'yes' } })

const grant = (remaining: number, inMs: number) => ({
  remaining,
  expiresAtMs: backend.clock.nowMs + inMs,
  source: 'plus',
})

describe('a reservation that meets another writer', () => {
  test('is proposed again from what the other left, when grants were burned meanwhile', async () => {
    backend.store.change(userId, account => ({ ...account, grants: { g: grant(5, 1_000_000) } }))
    const real = backend.store.reserve.bind(backend.store)
    vi.spyOn(backend.store, 'reserve').mockImplementationOnce((reservation, nowMs) => {
      backend.store.change(userId, account => ({ ...account, grants: { g: grant(1, 1_000_000) } }))
      return real(reservation, nowMs)
    })
    const { hold } = await reserve()
    expect(hold.split).toEqual({ fromBalance: 4, fromGrants: { g: 1 } })
  })

  test('is refused when the other left too little', async () => {
    const real = backend.store.reserve.bind(backend.store)
    vi.spyOn(backend.store, 'reserve').mockImplementationOnce((reservation, nowMs) => {
      spend(98)
      return real(reservation, nowMs)
    })
    await expect(open()).rejects.toMatchObject({
      code: 'insufficient_credits',
      details: { required: 5, available: 2 },
    })
  })

  test('is given up with a clear error when it loses every time, and holds nothing', async () => {
    const tries = vi.spyOn(backend.store, 'reserve').mockImplementation(async () => ({
      written: false,
      account: backend.account(userId),
    }))
    await expect(open()).rejects.toMatchObject({ code: 'operation_in_progress' })
    expect(tries).toHaveBeenCalledTimes(12)
    expect(backend.account(userId).holds).toEqual({})
  })

  test('is ours when the write took effect and its answer was lost on the way', async () => {
    const real = backend.store.reserve.bind(backend.store)
    vi.spyOn(backend.store, 'reserve').mockImplementationOnce(async (reservation, nowMs) => {
      await real(reservation, nowMs)
      return real(reservation, nowMs)
    })
    expect(await open()).toMatchObject({ state: 'reserved' })
    expect(backend.account(userId).creditsBalance).toBe(95)
  })

  test('is refused when the account was closed meanwhile', async () => {
    const real = backend.store.reserve.bind(backend.store)
    vi.spyOn(backend.store, 'reserve').mockImplementationOnce((reservation, nowMs) => {
      backend.store.change(userId, account => ({ ...account, isActive: false }))
      return real(reservation, nowMs)
    })
    await expect(open()).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(allCredits(backend.account(userId))).toBe(100)
  })
})

test('holds of one millisecond expire at times that differ, since that tells them apart', async () => {
  const random = vi.fn().mockReturnValueOnce(0).mockReturnValueOnce(0.5).mockReturnValueOnce(0.999)
  const { store, failures, activity, clock } = backend
  const ledger = new Ledger({
    store,
    failures,
    activity,
    now: clock.now,
    backoff: async () => undefined,
    random,
    log: backend.ledgerLog,
  })
  for (let i = 0; i < 3; i++) await ledger.open(request())
  const lives = Object.values(backend.account(userId).holds).map(hold => hold.expiresAtMs - clock.nowMs)
  expect(lives).toEqual([holdMs, holdMs + 30_000, holdMs + 59_940])
})

describe('opening', () => {
  test('more than eight operations at once is refused, and the ninth holds nothing', async () => {
    for (let i = 0; i < maxOpenHolds; i++) await reserve()
    await expect(open()).rejects.toMatchObject({ code: 'too_many_open_operations' })
    expect(Object.keys(backend.account(userId).holds)).toHaveLength(maxOpenHolds)
  })

  test('with nothing left is no debt', async () => {
    backend.store.change(userId, account => ({ ...account, creditsBalance: 0 }))
    await expect(open()).rejects.toMatchObject({
      code: 'insufficient_credits',
      details: { required: 5, available: 0 },
    })
  })

  test('in debt says what is owed', async () => {
    backend.store.change(userId, account => ({ ...account, creditsBalance: -30 }))
    await expect(open()).rejects.toMatchObject({
      code: 'account_in_debt',
      message: expect.stringContaining('30 credits are owed'),
      details: { required: 5, available: 0 },
    })
  })

  test('without an account is refused', async () => {
    await expect(open({ userId: 'nobody' })).rejects.toMatchObject({ code: 'unauthenticated' })
    await expect(backend.ledger.readAccount('nobody')).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('under a key whose time is not plausible is refused, unless it is the repeat of what is finished', async () => {
    const reservation = await reserve()
    await backend.ledger.settle(reservation, settlement(5))
    backend.clock.advance(30 * 24 * 3_600_000)
    expect(await open({ operationId: reservation.operationId })).toMatchObject({ state: 'finished' })
    await expect(open({ operationId: backend.clock.id(8 * 24 * 3_600_000) })).rejects.toMatchObject({
      code: 'validation_failed',
    })
  })

  test('with another request under a key in use, or used up, is refused', async () => {
    const reservation = await reserve()
    const { operationId } = reservation
    await expect(open({ operationId, requestHash: 'hash-two' })).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
    await backend.ledger.settle(reservation, settlement(5))
    await expect(open({ operationId, requestHash: 'hash-two' })).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
  })
})

describe('settling', () => {
  test('again after another writer moved the account journals the balance that stands then', async () => {
    const reservation = await reserve()
    const real = backend.store.settle.bind(backend.store)
    vi.spyOn(backend.store, 'settle').mockImplementationOnce((...call) => {
      spend(50)
      return real(...call)
    })
    const { row, creditsAvailable } = await backend.ledger.settle(reservation, settlement(3))
    expect(row).toMatchObject({ creditsUsed: 3, balanceAfter: 47 })
    expect(creditsAvailable).toBe(47)
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 47, totalUsage: 3, holds: {} })
  })

  test('on an account that never rests fails, and leaves the hold to expire', async () => {
    const reservation = await reserve()
    const tries = vi.spyOn(backend.store, 'settle').mockImplementation(async () => ({
      outcome: 'account_moved',
      account: backend.account(userId),
    }))
    await expect(backend.ledger.settle(reservation, settlement(5))).rejects.toThrow(/not settled/)
    expect(tries).toHaveBeenCalledTimes(12)
    expect(allCredits(backend.account(userId))).toBe(100)
  })

  test('where others keep moving the account goes through in the end, without insisting on the balance', async () => {
    const reservation = await reserve()
    const real = backend.store.settle.bind(backend.store)
    const settle = vi.spyOn(backend.store, 'settle').mockImplementation((...call) => {
      spend(1)
      return real(...call)
    })
    const { row } = await backend.ledger.settle(reservation, settlement(5))
    const tries = settle.mock.calls.length
    const insisted = settle.mock.calls.filter(([, , , expectedRevision]) => expectedRevision !== undefined)
    expect([insisted.length, tries]).toEqual([6, 7])
    expect(row).toMatchObject({ creditsUsed: 5, balanceAfter: 95 - (tries - 1) })
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 95 - tries, totalUsage: 5, holds: {} })
  })

  test.each([0, 5])('may cost %i, the least and the most', async cost => {
    const reservation = await reserve()
    const { row } = await backend.ledger.settle(reservation, settlement(cost))
    expect(row.creditsUsed).toBe(cost)
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 100 - cost, holds: {} })
  })

  test('twice answers the first row and charges once', async () => {
    const reservation = await reserve()
    const first = await backend.ledger.settle(reservation, settlement(5))
    const second = await backend.ledger.settle(reservation, settlement(4))
    expect(second).toEqual(first)
    expect(backend.account(userId).creditsBalance).toBe(95)
  })

  test('finds the row of whoever was first and gives the hold back', async () => {
    const reservation = await reserve()
    const { operationId } = reservation
    const standing = await backend.store.putUsageIfAbsent({
      userId,
      operationId,
      service: 'ask_agent',
      creditsUsed: 0,
      balanceAfter: 100,
      requestHash: 'hash-one',
      priceListVersion: '2026-11-22',
      metadata: {},
    })
    expect(await backend.ledger.settle(reservation, settlement(5))).toEqual({
      row: standing,
      creditsAvailable: 100,
    })
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 100, holds: {} })
  })

  test('never answers with the row of another request under the same key, and gives the hold back', async () => {
    const reservation = await reserve()
    const { operationId } = reservation
    backend.store.putRow({
      userId,
      operationId,
      service: 'ask_agent',
      creditsUsed: 0,
      balanceAfter: 100,
      requestHash: 'hash-two',
      priceListVersion: '2026-11-22',
      metadata: {},
    })
    await expect(backend.ledger.settle(reservation, settlement(5))).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 100, holds: {} })
    await expect(backend.ledger.settle(reservation, settlement(5))).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
  })

  test('after the hold has expired is free, gives the hold back, and still delivers', async () => {
    const reservation = await reserve()
    backend.clock.advance(holdMs)
    const { row, creditsAvailable } = await backend.ledger.settle(reservation, settlement(5))
    expect(row).toMatchObject({ creditsUsed: 0, balanceAfter: 100, result: { answer: 'yes' } })
    expect(creditsAvailable).toBe(100)
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 100, totalUsage: 0, holds: {} })
  })

  test('after the hold was given back is free', async () => {
    const reservation = await reserve()
    await backend.ledger.release(reservation)
    const { row } = await backend.ledger.settle(reservation, settlement(5))
    expect(row.creditsUsed).toBe(0)
    expect(backend.account(userId).creditsBalance).toBe(100)
  })

  test("never ends a later reservation of the same operation with the first one's result", async () => {
    const first = await reserve()
    backend.clock.advance(holdMs)
    const second = await reserve({ operationId: first.operationId })
    const late = await backend.ledger.settle(first, settlement(5))
    expect(late.row.creditsUsed).toBe(0)
    expect(Object.keys(backend.account(userId).holds)).toEqual([first.operationId])
    const settled = await backend.ledger.settle(second, settlement(5))
    expect(settled.row).toEqual(late.row)
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 100, holds: {} })
  })

  test.each([-1, 6, 1.5, Number.NaN])('at a cost of %d, outside what was held, is refused', async cost => {
    const reservation = await reserve()
    await expect(backend.ledger.settle(reservation, settlement(cost))).rejects.toThrow(/outside 0\.\.5/)
    expect(Object.keys(backend.account(userId).holds)).toHaveLength(1)
  })

  test('for an account that is gone is refused', async () => {
    const reservation = await reserve()
    backend.store.accounts.delete(userId)
    await expect(backend.ledger.settle(reservation, settlement(5))).rejects.toMatchObject({
      code: 'unauthenticated',
    })
  })

  test('knows nothing of what can be spent where the account vanished as the row was found', async () => {
    const reservation = await reserve()
    const row = (await backend.ledger.settle(reservation, settlement(5))).row
    vi.spyOn(backend.store, 'settle').mockResolvedValue({ outcome: 'row_exists', row })
    vi.spyOn(backend.store, 'release').mockResolvedValue({ written: false, account: undefined })
    const { hold, operationId } = reservation
    backend.store.change(userId, account => ({ ...account, holds: { [operationId]: hold } }))
    expect(await backend.ledger.settle(reservation, settlement(5))).toEqual({ row, creditsAvailable: 0 })
  })
})

describe('what time does to an account', () => {
  test('is shown at once, without a write', async () => {
    const { operationId } = await reserve()
    backend.clock.advance(holdMs)
    const view = await backend.ledger.readAccount(userId)
    expect(view).toMatchObject({ creditsBalance: 100, holds: {} })
    expect(Object.keys(backend.account(userId).holds)).toEqual([operationId])
  })

  test('is written by the next operation: expired holds go back, and why is kept for a week', async () => {
    const { operationId } = await reserve()
    backend.clock.advance(holdMs)
    const next = await reserve()
    expect(Object.keys(backend.account(userId).holds)).toEqual([next.operationId])
    expect(backend.account(userId).creditsBalance).toBe(95)
    expect(backend.failures.failures.get(`${userId} ${operationId}`)).toMatchObject({
      code: 'upstream_timeout',
      expiresAtMs: backend.clock.nowMs + 7 * 24 * 3_600_000,
    })
  })

  test('takes a lapsed grant off the account and journals what was left of it, once', async () => {
    backend.store.change(userId, account => ({ ...account, grants: { g: grant(7, 1_000) } }))
    backend.clock.advance(1_000)
    await reserve()
    await reserve()
    expect(backend.account(userId).grants).toEqual({})
    expect([...backend.store.transactions.values()]).toEqual([
      expect.objectContaining({ type: 'expiry', credits: -7, balanceAfter: 100, grantId: 'g' }),
    ])
  })

  test('leaves a lapsed grant where an open hold draws on it, until that has ended', async () => {
    backend.store.change(userId, account => ({ ...account, grants: { g: grant(7, 1_000) } }))
    const drawing = await reserve()
    backend.clock.advance(1_000)
    await reserve({ credits: 1 })
    expect(backend.account(userId).grants.g?.remaining).toBe(2)
    await backend.ledger.release(drawing)
    await reserve({ credits: 1 })
    expect(backend.account(userId).grants).toEqual({})
    expect([...backend.store.transactions.values()]).toEqual([
      expect.objectContaining({ type: 'expiry', credits: -7 }),
    ])
  })

  test('that two write at once is written once', async () => {
    backend.store.change(userId, account => ({
      ...account,
      grants: { g: grant(7, 1_000), h: grant(3, 1_000) },
    }))
    backend.clock.advance(1_000)
    const seen = backend.account(userId)
    await Promise.all([backend.ledger.fold(seen), backend.ledger.fold(seen)])
    await backend.ledger.fold(backend.account(userId))
    expect(backend.account(userId).grants).toEqual({})
    const lapsed = [...backend.store.transactions.values()].map(row => row.credits)
    expect(lapsed.toSorted()).toEqual([-3, -7])
  })

  test('that another write came before is taken as that one left it', async () => {
    backend.store.change(userId, account => ({ ...account, grants: { g: grant(7, 1_000) } }))
    backend.clock.advance(1_000)
    const seen = backend.account(userId)
    spend(10)
    expect(await backend.ledger.fold(seen)).toEqual(backend.account(userId))
    expect(backend.account(userId).grants.g?.remaining).toBe(7)
  })

  test('keeps what was seen of an account that vanished meanwhile', async () => {
    backend.store.change(userId, account => ({ ...account, grants: { g: grant(7, 1_000) } }))
    await reserve()
    backend.clock.advance(holdMs)
    const seen = backend.account(userId)
    backend.store.accounts.delete(userId)
    expect(await backend.ledger.fold(seen)).toBe(seen)
  })

  test('changes nothing twice: a fold of a folded account writes nothing', async () => {
    const release = vi.spyOn(backend.store, 'release')
    const recordMovement = vi.spyOn(backend.store, 'recordMovement')
    await reserve()
    const account = backend.account(userId)
    expect(await backend.ledger.fold(account)).toBe(account)
    expect(release).not.toHaveBeenCalled()
    expect(recordMovement).not.toHaveBeenCalled()
  })
})

describe('a movement', () => {
  const give = () =>
    backend.ledger.grant(userId, {
      transactionId: 'invoice#in_1',
      credits: 10,
      expiresAtMs: backend.clock.nowMs + 1_000_000,
      source: 'plus',
    })

  test('is applied once, however often it is told', async () => {
    expect(await give()).toBe(true)
    expect(await give()).toBe(false)
    expect(allCredits(backend.account(userId))).toBe(110)
  })

  test('that meets another writer is applied to what the other left', async () => {
    const real = backend.store.recordMovement.bind(backend.store)
    vi.spyOn(backend.store, 'recordMovement').mockImplementationOnce((...call) => {
      spend(40)
      return real(...call)
    })
    expect(await give()).toBe(true)
    expect(backend.store.transactions.get('invoice#in_1')?.balanceAfter).toBe(70)
  })

  test('of a purchase goes through where others keep moving the account', async () => {
    const purchase = {
      transactionId: backend.clock.id(),
      userId,
      type: 'purchase',
      status: 'pending',
      credits: 500,
      createdAt: backend.clock.iso(),
    } as const
    await backend.store.putPurchaseIfAbsent(purchase)
    const real = backend.store.completePurchase.bind(backend.store)
    vi.spyOn(backend.store, 'completePurchase').mockImplementation((...call) => {
      spend(1)
      return real(...call)
    })
    expect(
      await backend.ledger.creditPurchase(purchase, { sessionId: 'cs_1', paidAt: backend.clock.iso() }),
    ).toBe(true)
    expect(backend.account(userId)).toMatchObject({ totalCreditsPurchased: 500 })
    expect(backend.store.transactions.get(purchase.transactionId)).toMatchObject({
      status: 'completed',
      stripeSessionId: 'cs_1',
    })
  })

  test('on an account that never rests fails, so that whoever told of it tells again', async () => {
    const tries = vi.spyOn(backend.store, 'recordMovement').mockImplementation(async () => ({
      outcome: 'account_moved',
      account: backend.account(userId),
    }))
    await expect(give()).rejects.toThrow(/not written/)
    expect(tries).toHaveBeenCalledTimes(12)
  })

  test('for an account that does not exist fails', async () => {
    backend.store.accounts.delete(userId)
    await expect(give()).rejects.toThrow(/does not exist/)
  })
})

describe('the log', () => {
  const told = (code: string) =>
    backend.ledgerLog.lines.filter(line => line.code === code).map(line => line.fields)

  test('tells of each settled operation once, with its service and what it cost', async () => {
    const reservation = await reserve()
    await backend.ledger.settle(reservation, settlement(3))
    await backend.ledger.settle(reservation, settlement(3))
    expect(told('operation_settled')).toEqual([
      {
        user_id: userId,
        operation_id: reservation.operationId,
        service: 'ask_agent',
        credits_used: 3,
      },
    ])
  })

  test('tells of each hold that expired once, and not of those that were given back', async () => {
    const released = await reserve()
    await backend.ledger.release(released)
    const { operationId } = await reserve({ service: 'catchup' })
    backend.clock.advance(holdMs + 1)
    await backend.ledger.current(userId)
    await backend.ledger.current(userId)
    expect(told('hold_expired')).toEqual([{ user_id: userId, operation_id: operationId, service: 'catchup' }])
    expect(told('operation_settled')).toEqual([])
  })

  test('tells of one expiry where two find it at the same time', async () => {
    await reserve()
    backend.clock.advance(holdMs + 1)
    const found = backend.account(userId)
    await Promise.all([backend.ledger.fold(found), backend.ledger.fold(found)])
    expect(told('hold_expired')).toHaveLength(1)
  })

  test('tells of nothing where a result comes too late: it is free', async () => {
    const reservation = await reserve()
    backend.clock.advance(holdMs + 1)
    await backend.ledger.settle(reservation, settlement(5))
    expect(told('operation_settled')).toEqual([])
  })
})

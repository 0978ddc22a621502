import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { toUsageItem } from '../../src/db/usage-item.ts'
import type { OpenRequest } from '../../src/domain/ledger.ts'
import type { Reservation } from '../../src/domain/ports.ts'
import { connect } from '../support/database.ts'
import { createLedger, imbalance, openAccount, readBooks, type TestLedger } from '../support/ledger.ts'

/** Past the life of a hold of a second, and what is added to tell attempts apart. */
const pastExpiryMs = 61_000
let nowMs = Date.now()
let test: TestLedger

const request = (userId: string, credits: number, over: Partial<OpenRequest> = {}): OpenRequest => ({
  userId,
  operationId: v7({ msecs: nowMs }),
  service: 'ask_agent',
  credits,
  requestHash: 'hash-one',
  holdMs: 60_000,
  ...over,
})

const reserve = async (wanted: OpenRequest): Promise<Reservation> => {
  const opened = await test.ledger.open(wanted)
  if (opened.state !== 'reserved') throw new Error(`Expected a reservation, got ${opened.state}.`)
  return opened.reservation
}

const expectBooksToClose = async (userId: string): Promise<void> => {
  expect(imbalance(await readBooks(test, userId))).toBe(0)
}

beforeAll(() => {
  test = createLedger(connect(), () => nowMs)
})

describe('reserve', () => {
  it('holds the credits and says where they came from', async () => {
    const userId = await openAccount(test, nowMs)
    const reservation = await reserve(request(userId, 5))
    const { account } = await readBooks(test, userId)
    expect(account.creditsBalance).toBe(195)
    expect(account.holds[reservation.operationId]).toMatchObject({
      split: { fromBalance: 5, fromGrants: {} },
    })
    await expectBooksToClose(userId)
  })

  it('refuses more than there is, and tells what there is', async () => {
    const userId = await openAccount(test, nowMs)
    await expect(test.ledger.open(request(userId, 201))).rejects.toMatchObject({
      code: 'insufficient_credits',
      details: { required: 201, available: 200 },
    })
    await expectBooksToClose(userId)
  })

  it('burns grants before the balance, the soonest to lapse first', async () => {
    const userId = await openAccount(test, nowMs, 10)
    await test.ledger.grant(userId, {
      transactionId: `late#${userId}`,
      credits: 10,
      expiresAtMs: nowMs + 90_000,
      source: 'plus',
    })
    await test.ledger.grant(userId, {
      transactionId: `soon#${userId}`,
      credits: 10,
      expiresAtMs: nowMs + 80_000,
      source: 'plus',
    })
    const { hold } = await reserve(request(userId, 25))
    expect(hold.split).toEqual({
      fromBalance: 5,
      fromGrants: { g1: 10, g0: 10 },
    })
    await expectBooksToClose(userId)
  })

  it('tells a repeat of the same request from another under its key', async () => {
    const userId = await openAccount(test, nowMs)
    const wanted = request(userId, 5)
    await reserve(wanted)
    expect((await test.ledger.open(wanted)).state).toBe('in_progress')
    await expect(test.ledger.open({ ...wanted, requestHash: 'hash-two' })).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
  })

  it('refuses another request under a key that is being settled while it is looked at', async () => {
    const userId = await openAccount(test, nowMs)
    const small = request(userId, 1)
    const reservation = await reserve(small)
    const read = test.store.readAccount.bind(test.store)
    const reading = vi.spyOn(test.store, 'readAccount').mockImplementationOnce(async id => {
      await test.ledger.settle(reservation, { cost: 1, metadata: {} })
      return read(id)
    })
    const large = test.ledger.open({ ...small, credits: 99, requestHash: 'hash-two' })
    await expect(large).rejects.toMatchObject({ code: 'idempotency_mismatch' })
    reading.mockRestore()
    await expectBooksToClose(userId)
  })

  it('tells one of several that come in the same millisecond that the operation is its own', async () => {
    const userId = await openAccount(test, nowMs)
    const wanted = request(userId, 5)
    const opened = await Promise.all(Array.from({ length: 6 }, () => test.ledger.open(wanted)))
    expect(opened.map(({ state }) => state).sort()).toEqual([...Array(5).fill('in_progress'), 'reserved'])
    await expectBooksToClose(userId)
  })

  it('charges once where two of them drew the same moment, so that both do the work', async () => {
    const userId = await openAccount(test, nowMs)
    const alike = createLedger(
      connect(),
      () => nowMs,
      () => 0.5,
    ).ledger
    const wanted = request(userId, 5)
    const opened = await Promise.all([alike.open(wanted), alike.open(wanted)])
    const reservations = opened.flatMap(one => (one.state === 'reserved' ? [one.reservation] : []))
    expect(reservations).toHaveLength(2)
    const settled = await Promise.all(
      reservations.map(one => alike.settle(one, { cost: 5, metadata: {}, result: { answer: 'Yes.' } })),
    )
    expect(settled.map(({ row, creditsAvailable }) => [row.creditsUsed, creditsAvailable])).toEqual([
      [5, 195],
      [5, 195],
    ])
    await expectBooksToClose(userId)
  })

  it('keeps at most eight operations open', async () => {
    const userId = await openAccount(test, nowMs)
    const tries = await Promise.allSettled(
      Array.from({ length: 12 }, () => test.ledger.open(request(userId, 5))),
    )
    const refused = tries.filter(result => result.status === 'rejected')
    expect(refused).toHaveLength(4)
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'too_many_open_operations' })
    const { account } = await readBooks(test, userId)
    expect(Object.keys(account.holds)).toHaveLength(8)
    await expectBooksToClose(userId)
  })

  it('never overdraws, however many ask at once', async () => {
    const userId = await openAccount(test, nowMs, 17)
    const tries = await Promise.allSettled(
      Array.from({ length: 12 }, () => test.ledger.open(request(userId, 5))),
    )
    expect(tries.filter(result => result.status === 'fulfilled')).toHaveLength(3)
    const { account } = await readBooks(test, userId)
    expect(account.creditsBalance).toBe(2)
    await expectBooksToClose(userId)
  })

  it('refuses a key whose time is long past', async () => {
    const userId = await openAccount(test, nowMs)
    const operationId = v7({ msecs: nowMs - 8 * 24 * 3_600_000 })
    await expect(test.ledger.open(request(userId, 5, { operationId }))).rejects.toMatchObject({
      code: 'validation_failed',
    })
  })
})

describe('settle', () => {
  it('journals the cost with the balance after it, and gives back what was not used', async () => {
    const userId = await openAccount(test, nowMs)
    const reservation = await reserve(request(userId, 20))
    const settled = await test.ledger.settle(reservation, {
      cost: 12,
      metadata: { seconds: 72 },
      result: { text: 'é' },
    })
    expect(settled.row).toMatchObject({ creditsUsed: 12, balanceAfter: 188 })
    expect(await test.store.readUsage(userId, reservation.operationId)).toEqual(settled.row)
    const { account } = await readBooks(test, userId)
    expect(account).toMatchObject({ creditsBalance: 188, totalUsage: 12, holds: {} })
    await expectBooksToClose(userId)
  })

  it('changes nothing the second time, and tells what happened the first', async () => {
    const userId = await openAccount(test, nowMs)
    const reservation = await reserve(request(userId, 20))
    const first = await test.ledger.settle(reservation, { cost: 12, metadata: {} })
    const second = await test.ledger.settle(reservation, { cost: 20, metadata: {} })
    expect(second).toEqual(first)
    await expectBooksToClose(userId)
  })

  it('answers no request from the row of another under its key, and gives back what it held', async () => {
    const userId = await openAccount(test, nowMs)
    const reservation = await reserve(request(userId, 20))
    const foreign = {
      userId,
      operationId: reservation.operationId,
      service: 'ask_agent' as const,
      creditsUsed: 0,
      balanceAfter: 200,
      requestHash: 'hash-two',
      priceListVersion: 'test',
      metadata: {},
    }
    expect(await test.store.putUsageIfAbsent(foreign)).toBeUndefined()
    const { client, tables } = test.database
    await client.send(new PutCommand({ TableName: tables.usage, Item: toUsageItem(foreign) }))
    const settling = test.ledger.settle(reservation, { cost: 20, metadata: {} })
    await expect(settling).rejects.toMatchObject({ code: 'idempotency_mismatch' })
    expect((await readBooks(test, userId)).account).toMatchObject({ creditsBalance: 200, holds: {} })
    await expectBooksToClose(userId)
  })

  it('refuses a cost outside what is held', async () => {
    const userId = await openAccount(test, nowMs)
    const reservation = await reserve(request(userId, 20))
    for (const cost of [-1, 21, 0.5, Number.NaN]) {
      await expect(test.ledger.settle(reservation, { cost, metadata: {} })).rejects.toThrow('outside 0..20')
    }
    await expectBooksToClose(userId)
  })

  it('delivers a result that comes after the hold has expired, free', async () => {
    const userId = await openAccount(test, nowMs)
    const reservation = await reserve(request(userId, 20, { holdMs: 1_000 }))
    nowMs += pastExpiryMs
    const settled = await test.ledger.settle(reservation, { cost: 20, metadata: {}, result: 'late' })
    expect(settled).toMatchObject({ creditsAvailable: 200, row: { creditsUsed: 0, result: 'late' } })
    await expectBooksToClose(userId)
  })

  it('leaves a lapsed grant lapsed, and journals what it took with it', async () => {
    const userId = await openAccount(test, nowMs, 10)
    const grantId = `monthly#${userId}`
    await test.ledger.grant(userId, {
      transactionId: grantId,
      credits: 30,
      expiresAtMs: nowMs + 5_000,
      source: 'plus',
    })
    const reservation = await reserve(request(userId, 20))
    nowMs += 5_000
    const settled = await test.ledger.settle(reservation, { cost: 4, metadata: {} })
    expect(settled.creditsAvailable).toBe(10)
    const account = await test.ledger.fold((await readBooks(test, userId)).account)
    expect(account.grants).toEqual({})
    const { transactions } = await readBooks(test, userId)
    expect(transactions.find(row => row.type === 'expiry')).toMatchObject({ credits: -26, balanceAfter: 10 })
    await expectBooksToClose(userId)
  })
})

describe('a row that comes late, at no charge', () => {
  const rowOf = ({ userId, operationId }: OpenRequest, requestHash = 'hash-one') => ({
    userId,
    operationId,
    service: 'ask_agent' as const,
    creditsUsed: 0,
    balanceAfter: 200,
    requestHash,
    priceListVersion: 'test',
    metadata: {},
  })
  const accountOf = async (userId: string) => (await readBooks(test, userId)).account

  it('moves the revision of the account, and nothing else', async () => {
    const userId = await openAccount(test, nowMs)
    const before = await accountOf(userId)
    const row = rowOf(request(userId, 5))
    expect(await test.store.putUsageIfAbsent(row)).toEqual(row)
    expect(await accountOf(userId)).toEqual({ ...before, revision: before.revision + 1 })
    expect(await test.store.readUsage(userId, row.operationId)).toMatchObject(row)
    await expectBooksToClose(userId)
  })

  it('moves nothing where a row stands, and answers that', async () => {
    const userId = await openAccount(test, nowMs)
    const wanted = request(userId, 5)
    const first = await test.ledger.settle(await reserve(wanted), { cost: 5, metadata: {} })
    const before = await accountOf(userId)
    expect(await test.store.putUsageIfAbsent(rowOf(wanted, 'hash-two'))).toEqual(first.row)
    expect(await accountOf(userId)).toEqual(before)
  })

  it('is written beside a hold of the same request, whose end then gives everything back', async () => {
    const userId = await openAccount(test, nowMs)
    const wanted = request(userId, 5)
    const reservation = await reserve(wanted)
    const row = rowOf(wanted)
    expect(await test.store.putUsageIfAbsent(row)).toEqual(row)
    const settled = await test.ledger.settle(reservation, { cost: 5, metadata: {} })
    expect(settled).toMatchObject({ creditsAvailable: 200, row: { creditsUsed: 0 } })
    await expectBooksToClose(userId)
  })

  it('is not written beside a hold of another request', async () => {
    const userId = await openAccount(test, nowMs)
    const wanted = request(userId, 5)
    await reserve(wanted)
    const before = await accountOf(userId)
    expect(await test.store.putUsageIfAbsent(rowOf(wanted, 'hash-two'))).toBeUndefined()
    expect(await accountOf(userId)).toEqual(before)
    expect(await test.store.readUsage(userId, wanted.operationId)).toBeUndefined()
  })

  it('is not written for an account that is gone', async () => {
    const row = rowOf(request(v7({ msecs: nowMs }), 5))
    expect(await test.store.putUsageIfAbsent(row)).toBeUndefined()
    expect(await test.store.readUsage(row.userId, row.operationId)).toBeUndefined()
  })

  it('is written once, however many bring it', async () => {
    const userId = await openAccount(test, nowMs)
    const row = rowOf(request(userId, 5))
    const before = await accountOf(userId)
    const put = await Promise.all(Array.from({ length: 6 }, () => test.store.putUsageIfAbsent(row)))
    expect(put).toEqual(Array(6).fill(expect.objectContaining(row)))
    expect((await accountOf(userId)).revision).toBe(before.revision + 1)
  })
})

describe('release and expiry', () => {
  it('gives everything back where it came from, once', async () => {
    const userId = await openAccount(test, nowMs, 10)
    const grantId = `monthly#${userId}`
    await test.ledger.grant(userId, {
      transactionId: grantId,
      credits: 30,
      expiresAtMs: nowMs + 90_000,
      source: 'plus',
    })
    const reservation = await reserve(request(userId, 35))
    await test.ledger.release(reservation)
    await test.ledger.release(reservation)
    const { account } = await readBooks(test, userId)
    expect(account).toMatchObject({ creditsBalance: 10, holds: {}, grants: { g0: { remaining: 30 } } })
    await expectBooksToClose(userId)
  })

  it('does not let a straggler end another reservation of the same operation', async () => {
    const userId = await openAccount(test, nowMs)
    const wanted = request(userId, 5)
    const first = await reserve(wanted)
    await test.ledger.release(first)
    nowMs += 1
    const second = await reserve(wanted)
    await test.ledger.release(first)
    const { account } = await readBooks(test, userId)
    expect(account.holds[wanted.operationId]).toEqual(second.hold)
    await expectBooksToClose(userId)
  })

  it('folds expired holds in when the account is next used', async () => {
    const userId = await openAccount(test, nowMs)
    const stale = await reserve(request(userId, 150, { holdMs: 1_000 }))
    nowMs += pastExpiryMs
    const fresh = await reserve(request(userId, 180))
    const { account } = await readBooks(test, userId)
    expect(Object.keys(account.holds)).toEqual([fresh.operationId])
    expect(await test.failures.read(userId, stale.operationId)).toMatchObject({ code: 'upstream_timeout' })
    await expectBooksToClose(userId)
  })

  it('shows what an expired hold gives back before any write has said so', async () => {
    const userId = await openAccount(test, nowMs)
    await reserve(request(userId, 150, { holdMs: 1_000 }))
    nowMs += pastExpiryMs
    expect(await test.ledger.readAccount(userId)).toMatchObject({ creditsBalance: 200, holds: {} })
  })
})

describe('money in', () => {
  const purchase = async (userId: string) => {
    const row = {
      transactionId: v7({ msecs: nowMs }),
      userId,
      type: 'purchase' as const,
      status: 'pending' as const,
      credits: 500,
      amountCents: 299,
      currency: 'usd',
      createdAt: new Date(nowMs).toISOString(),
    }
    await test.store.putPurchaseIfAbsent(row)
    return row
  }

  it('credits a purchase once, however often and from however many sides it is told', async () => {
    const userId = await openAccount(test, nowMs)
    const row = await purchase(userId)
    const told = await Promise.all(
      Array.from({ length: 6 }, () =>
        test.ledger.creditPurchase(row, { sessionId: 'cs_test_1', paidAt: row.createdAt }),
      ),
    )
    expect(told.filter(Boolean)).toHaveLength(1)
    const { account } = await readBooks(test, userId)
    expect(account).toMatchObject({ creditsBalance: 700, totalCreditsPurchased: 500 })
    expect(await test.store.readTransaction(row.transactionId)).toMatchObject({
      status: 'completed',
      balanceAfter: 700,
      stripeSessionId: 'cs_test_1',
    })
    await expectBooksToClose(userId)
  })

  it('credits a purchase that was closed as expired before the payment was told', async () => {
    const userId = await openAccount(test, nowMs)
    const row = await purchase(userId)
    expect(await test.store.moveStatus(row.transactionId, ['pending'], 'expired', 'session_expired')).toBe(
      true,
    )
    expect(await test.ledger.creditPurchase(row, { sessionId: 'cs_test_1', paidAt: row.createdAt })).toBe(
      true,
    )
    expect(await test.store.moveStatus(row.transactionId, ['pending'], 'failed', 'late')).toBe(false)
    await expectBooksToClose(userId)
  })

  it('gives a grant once for its cause, also after it has lapsed', async () => {
    const userId = await openAccount(test, nowMs, 0)
    const grant = {
      transactionId: `invoice#${userId}`,
      credits: 30,
      expiresAtMs: nowMs + 1_000,
      source: 'plus',
    }
    expect(await test.ledger.grant(userId, grant)).toBe(true)
    expect(await test.ledger.grant(userId, grant)).toBe(false)
    nowMs += 1_000
    await test.ledger.fold((await readBooks(test, userId)).account)
    expect(await test.ledger.grant(userId, grant)).toBe(false)
    await expectBooksToClose(userId)
  })
})

it('keeps an account with eight holds under the kilobyte that one write unit covers', async () => {
  const userId = await openAccount(test, nowMs)
  await test.users.attachStripeCustomer(userId, 'cus_QkX3bT9mPzV1aB')
  await test.ledger.grant(userId, {
    transactionId: 'invoice#in_1QkX3bT9mPzV1aBcDeFgHiJk',
    credits: 3_000,
    expiresAtMs: nowMs + 1e9,
    source: 'plus',
  })
  await Promise.all(
    Array.from({ length: 8 }, () =>
      reserve(
        request(userId, 10, { service: 'clip_transcription', requestHash: 'AbCd1234', audioMs: 60_000 }),
      ),
    ),
  )
  const { client, tables } = test.database
  const { ConsumedCapacity } = await client.send(
    new UpdateCommand({
      TableName: tables.users,
      Key: { user_id: userId },
      UpdateExpression: 'SET last_login = :at',
      ExpressionAttributeValues: { ':at': new Date(nowMs).toISOString() },
      ReturnConsumedCapacity: 'TOTAL',
    }),
  )
  expect(ConsumedCapacity?.CapacityUnits).toBe(1)
})

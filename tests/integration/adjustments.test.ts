import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { DynamoPersonalRecords } from '../../src/db/personal-records.ts'
import { Adjustments } from '../../src/domain/adjustments.ts'
import { listTransactions } from '../../src/domain/purchases.ts'
import { connect } from '../support/database.ts'
import { createLedger, imbalance, openAccount, readBooks, type TestLedger } from '../support/ledger.ts'
import { silent } from '../support/silent-log.ts'

const actor = 'arn:aws:sts::123456789012:assumed-role/Operators/ann'
const hourMs = 3_600_000

let nowMs = Date.now()
let test: TestLedger
let adjustments: Adjustments

beforeAll(() => {
  test = createLedger(connect(), () => nowMs)
  adjustments = new Adjustments({ ...test, backoff: async () => undefined, log: silent })
})

const wanted = (credits: number, over: { transaction_id?: string; reason?: string } = {}) => ({
  transaction_id: v7(),
  credits,
  reason: 'Captions failed all evening',
  actor,
  ...over,
})

const granted = (credits: number, lifeMs = hourMs, over: { transaction_id?: string } = {}) => ({
  ...wanted(credits, over),
  expires_at: new Date(nowMs + lifeMs).toISOString(),
})

const expectBooks = async (userId: string, creditsBalance: number) => {
  const books = await readBooks(test, userId)
  expect(books.account.creditsBalance).toBe(creditsBalance)
  expect(imbalance(books)).toBe(0)
  return books
}

const reserve = async (userId: string, credits: number) => {
  const opened = await test.ledger.open({
    userId,
    operationId: v7({ msecs: nowMs }),
    service: 'ask_agent',
    credits,
    requestHash: 'hash',
    holdMs: 60_000,
  })
  if (opened.state !== 'reserved') throw new Error('Nothing was held.')
  return opened.reservation
}

describe('an adjustment', () => {
  it('moves the balance and leaves a row that says why and who it was', async () => {
    const userId = await openAccount(test, nowMs)
    const { row, isNew } = await adjustments.adjust(userId, wanted(50))
    expect(isNew).toBe(true)
    expect(await test.store.readTransaction(row.transactionId)).toEqual(row)
    expect(row).toMatchObject({
      type: 'adjustment',
      status: 'completed',
      credits: 50,
      balanceAfter: 250,
      reason: 'Captions failed all evening',
      actor,
    })
    const { account } = await expectBooks(userId, 250)
    expect(account.totalCreditsPurchased).toBe(0)
  })

  it('shows its listener neither the reason nor who it was', async () => {
    const userId = await openAccount(test, nowMs)
    await adjustments.adjust(userId, wanted(50))
    const { transactions } = await listTransactions(test.transactions, userId, { limit: 10 })
    expect(transactions).toHaveLength(2)
    expect(JSON.stringify(transactions)).not.toMatch(/arn:|evening/)
  })

  it('is made once, however often it is asked for, and answers the row that stands', async () => {
    const userId = await openAccount(test, nowMs)
    const request = wanted(-150)
    const first = await adjustments.adjust(userId, request)
    nowMs += hourMs
    const again = await adjustments.adjust(userId, {
      ...request,
      actor: 'arn:aws:iam::123456789012:user/bob',
    })
    expect(again).toEqual({ row: first.row, isNew: false })
    await expectBooks(userId, 50)
  })

  it('is made once by any number of callers at once', async () => {
    const userId = await openAccount(test, nowMs)
    const request = wanted(-150)
    const answers = await Promise.all(Array.from({ length: 8 }, () => adjustments.adjust(userId, request)))
    expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1)
    for (const { row } of answers) expect(row).toEqual(answers[0]?.row)
    await expectBooks(userId, 50)
  })

  it.each([
    ['another amount', { credits: 51 }],
    ['another reason', { reason: 'Something else' }],
  ])('is refused under the same id with %s', async (_what, over) => {
    const userId = await openAccount(test, nowMs)
    const request = wanted(50)
    await adjustments.adjust(userId, request)
    await expect(adjustments.adjust(userId, { ...request, ...over })).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
    await expectBooks(userId, 250)
  })

  it("is refused under the id of another account's, and as a grant under its own", async () => {
    const [userId, other] = [await openAccount(test, nowMs), await openAccount(test, nowMs)]
    const request = wanted(50)
    await adjustments.adjust(userId, request)
    const refused = { code: 'idempotency_mismatch' }
    await expect(adjustments.adjust(other, request)).rejects.toMatchObject(refused)
    const { transaction_id } = request
    await expect(adjustments.grant(userId, granted(50, hourMs, { transaction_id }))).rejects.toMatchObject(
      refused,
    )
    await expectBooks(other, 200)
    await expectBooks(userId, 250)
  })

  it('takes nothing below zero, and tells what is there', async () => {
    const userId = await openAccount(test, nowMs)
    await expect(adjustments.adjust(userId, wanted(-201))).rejects.toMatchObject({
      code: 'insufficient_credits',
      details: { required: 201, available: 200 },
    })
    await adjustments.adjust(userId, wanted(-200))
    await expectBooks(userId, 0)
  })

  it('lets no race take the balance below zero', async () => {
    const userId = await openAccount(test, nowMs)
    const answers = await Promise.allSettled(
      Array.from({ length: 6 }, () => adjustments.adjust(userId, wanted(-60))),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    await expectBooks(userId, 20)
  })

  it('is stopped by the write itself where the balance has gone since it was read', async () => {
    const userId = await openAccount(test, nowMs)
    const outcome = await test.store.recordMovement(
      { ...(await adjustments.adjust(userId, wanted(-150))).row, transactionId: v7() },
      { balance: -150 },
      undefined,
      { isActive: true, leastBalance: 150 },
    )
    expect(outcome).toMatchObject({ outcome: 'account_moved', account: { creditsBalance: 50 } })
    await expectBooks(userId, 50)
  })

  it('is made on an account that never stands still, and takes nothing below zero there', async () => {
    const userId = await openAccount(test, nowMs)
    const { store } = test
    const restless = (before: () => Promise<unknown>): Adjustments =>
      new Adjustments({
        ledger: test.ledger,
        store: {
          readAccount: id => store.readAccount(id),
          readTransaction: id => store.readTransaction(id),
          recordMovement: async (...write) => {
            await before()
            return store.recordMovement(...write)
          },
        },
        now: () => nowMs,
        backoff: async () => undefined,
        log: silent,
      })
    const addOne = () => adjustments.adjust(userId, wanted(1))
    await restless(addOne).adjust(userId, wanted(-50))
    const { account } = await readBooks(test, userId)
    expect(account.creditsBalance).toBe(200 - 50 + 7)
    // What is there when it is read is gone when it is written.
    const takeAll = async () => {
      const { creditsBalance } = (await readBooks(test, userId)).account
      if (creditsBalance > 0) await adjustments.adjust(userId, wanted(-creditsBalance))
    }
    await expect(restless(takeAll).adjust(userId, wanted(-50))).rejects.toMatchObject({
      code: 'insufficient_credits',
    })
    let tries = 0
    const refill = async () => {
      tries++
      await takeAll()
      if (tries < 7) await adjustments.adjust(userId, wanted(60))
      else await adjustments.adjust(userId, wanted(40))
    }
    await adjustments.adjust(userId, wanted(60))
    await expect(restless(refill).adjust(userId, wanted(-50))).rejects.toMatchObject({
      details: { available: 40 },
    })
    await expectBooks(userId, 40)
  })

  it('leaves what an open operation holds, and takes what an expired one held', async () => {
    const userId = await openAccount(test, nowMs)
    await reserve(userId, 150)
    await expect(adjustments.adjust(userId, wanted(-100))).rejects.toMatchObject({
      details: { available: 50 },
    })
    nowMs += 3 * 60_000
    await adjustments.adjust(userId, wanted(-100))
    await expectBooks(userId, 100)
  })

  it('pays off a debt in parts', async () => {
    const userId = await openAccount(test, nowMs)
    const { row } = await adjustments.adjust(userId, wanted(40))
    // A dispute will take more than there is; an adjustment can't.
    await test.store.recordMovement(
      { ...row, transactionId: v7(), credits: -340 },
      { balance: -340 },
      undefined,
    )
    await expect(adjustments.adjust(userId, wanted(-1))).rejects.toMatchObject({ details: { available: 0 } })
    await adjustments.adjust(userId, wanted(40))
    await expectBooks(userId, -60)
  })

  it.each([
    ['no credits', { credits: 0 }],
    ['half a credit', { credits: 0.5 }],
    ['more than a million', { credits: 1_000_001 }],
    ['less than minus a million', { credits: -1_000_001 }],
    ['no reason', { reason: '  ' }],
    ['a reason of 201 characters', { reason: 'x'.repeat(201) }],
    ["a listener's e-mail in the reason", { reason: 'ann@example.com asked' }],
    ['an id that any two may choose', { transaction_id: 'one' }],
    ['nobody who did it', { actor: '' }],
  ])('is refused with %s', async (_what, over) => {
    const userId = await openAccount(test, nowMs)
    await expect(adjustments.adjust(userId, { ...wanted(5), ...over })).rejects.toMatchObject({
      code: 'validation_failed',
    })
    await expectBooks(userId, 200)
  })

  it('trims its reason', async () => {
    const userId = await openAccount(test, nowMs)
    const { row } = await adjustments.adjust(userId, wanted(5, { reason: '  Sorry \n' }))
    expect(row.reason).toBe('Sorry')
  })

  it.each(['re', 'pyr'])('books a refund under the id that a webhook would give it: %s_…', async prefix => {
    const userId = await openAccount(test, nowMs)
    const id = `refund#${prefix}_${v7().replaceAll('-', '')}`
    const { row } = await adjustments.adjust(userId, wanted(-100, { transaction_id: id }))
    expect(await test.store.readTransaction(id)).toEqual(row)
  })

  it('books a refund on a closed account too: who is erased may have had the money back', async () => {
    const userId = await openAccount(test, nowMs)
    await new DynamoPersonalRecords(test.database, async () => undefined).close(userId)
    const transaction_id = `refund#re_${v7().replaceAll('-', '')}`
    await expect(adjustments.adjust(userId, wanted(-201, { transaction_id }))).rejects.toMatchObject({
      code: 'insufficient_credits',
    })
    const { row } = await adjustments.adjust(userId, wanted(-100, { transaction_id }))
    expect(await adjustments.adjust(userId, wanted(-100, { transaction_id }))).toEqual({ row, isNew: false })
    await expectBooks(userId, 100)
    await expect(
      adjustments.adjust(v7(), wanted(-100, { transaction_id: `${transaction_id}x` })),
    ).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('gives the credits of a payment once, whether its purchase is credited before, after or meanwhile', async () => {
    const userId = await openAccount(test, nowMs)
    const begin = async () => {
      const paid = { transactionId: v7(), sessionId: `cs_${v7().replaceAll('-', '')}` }
      const createdAt = new Date(nowMs).toISOString()
      const purchase = {
        ...paid,
        userId,
        type: 'purchase',
        status: 'pending',
        credits: 500,
        createdAt,
      } as const
      await test.store.putPurchaseIfAbsent(purchase)
      const request = wanted(500, { transaction_id: `session#${paid.sessionId}` })
      return {
        credit: () => test.ledger.creditPurchase(purchase, { sessionId: paid.sessionId, paidAt: createdAt }),
        makeUp: () => adjustments.adjust(userId, request, paid),
        status: async () => (await test.store.readTransaction(paid.transactionId))?.status,
      }
    }
    const refused = { code: 'validation_failed', message: expect.stringContaining('has been credited') }

    const credited = await begin()
    expect(await credited.credit()).toBe(true)
    await expect(credited.makeUp()).rejects.toMatchObject(refused)
    await expectBooks(userId, 700)

    const madeUp = await begin()
    expect(await madeUp.makeUp()).toMatchObject({ isNew: true })
    expect(await madeUp.credit()).toBe(false)
    expect(await madeUp.makeUp()).toMatchObject({ isNew: false })
    expect(await madeUp.status()).toBe('pending')
    await expectBooks(userId, 1_200)

    const raced = await begin()
    const [isCredited, other] = await Promise.all([
      raced.credit(),
      raced.makeUp().catch((error: unknown) => error),
    ])
    expect(other).toMatchObject(isCredited ? refused : { isNew: true })
    await expectBooks(userId, 1_700)
  })

  it('is refused where there is no account, or it is closed', async () => {
    const refused = { code: 'not_found' }
    await expect(adjustments.adjust(v7(), wanted(5))).rejects.toMatchObject(refused)
    const userId = await openAccount(test, nowMs)
    const { client, tables } = test.database
    await client.send(
      new UpdateCommand({
        TableName: tables.users,
        Key: { user_id: userId },
        UpdateExpression: 'SET is_active = :no',
        ExpressionAttributeValues: { ':no': false },
      }),
    )
    await expect(adjustments.adjust(userId, wanted(5))).rejects.toMatchObject(refused)
    await expect(adjustments.grant(userId, granted(5))).rejects.toMatchObject(refused)
    await expectBooks(userId, 200)
  })
})

describe('a grant by staff', () => {
  it('is burned before the balance, and lapses', async () => {
    const userId = await openAccount(test, nowMs)
    const { row } = await adjustments.grant(userId, granted(30))
    expect(row).toMatchObject({ type: 'grant', credits: 30, balanceAfter: 230, actor })
    expect(row.lapsesAt).toBe(new Date(nowMs + hourMs).toISOString())
    const reservation = await reserve(userId, 10)
    expect(reservation.hold.split).toEqual({ fromBalance: 0, fromGrants: { [row.grantId ?? '']: 10 } })
    await test.ledger.settle(reservation, { cost: 10, metadata: {} })
    nowMs += 2 * hourMs
    await test.ledger.current(userId)
    const { account, transactions } = await expectBooks(userId, 200)
    expect(account.grants).toEqual({})
    expect(transactions).toContainEqual(
      expect.objectContaining({ type: 'expiry', credits: -20, grantId: row.grantId }),
    )
  })

  it('is given once by any number of callers at once', async () => {
    const userId = await openAccount(test, nowMs)
    const request = granted(30)
    const answers = await Promise.all(Array.from({ length: 5 }, () => adjustments.grant(userId, request)))
    expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1)
    const { account } = await expectBooks(userId, 200)
    expect(Object.values(account.grants)).toEqual([
      { remaining: 30, expiresAtMs: nowMs + hourMs, source: 'staff' },
    ])
  })

  it('is answered by its row once it has lapsed, too', async () => {
    const userId = await openAccount(test, nowMs)
    const request = granted(30)
    const { row } = await adjustments.grant(userId, request)
    nowMs += 2 * hourMs
    expect(await adjustments.grant(userId, request)).toEqual({ row, isNew: false })
    await expectBooks(userId, 200)
  })

  it('is refused under the same id with another end', async () => {
    const userId = await openAccount(test, nowMs)
    const request = granted(30)
    await adjustments.grant(userId, request)
    const later = new Date(nowMs + 2 * hourMs).toISOString()
    await expect(adjustments.grant(userId, { ...request, expires_at: later })).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
  })

  it('is refused where it would lapse at once, and with no credits or fewer', async () => {
    const userId = await openAccount(test, nowMs)
    const refused = { code: 'validation_failed' }
    await expect(adjustments.grant(userId, granted(30, 0))).rejects.toMatchObject(refused)
    await expect(adjustments.grant(userId, granted(0))).rejects.toMatchObject(refused)
    await expect(adjustments.grant(userId, granted(-5))).rejects.toMatchObject(refused)
    await expect(adjustments.grant(userId, { ...granted(5), expires_at: 'tomorrow' })).rejects.toMatchObject(
      refused,
    )
    await expectBooks(userId, 200)
  })
})

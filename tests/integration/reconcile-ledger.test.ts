import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { v7 } from 'uuid'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DynamoLedgerAudit } from '../../src/db/ledger-audit.ts'
import { DynamoReconcileMark } from '../../src/db/reconcile-mark.ts'
import { Adjustments } from '../../src/domain/adjustments.ts'
import type { LedgerAudit } from '../../src/domain/audit-ports.ts'
import { usageSortKey } from '../../src/domain/operation-id.ts'
import { createHandler } from '../../src/handlers/reconcile.ts'
import { connectToOwnTables, emptyTables } from '../support/database.ts'
import { createLedger, openAccount, type TestLedger } from '../support/ledger.ts'
import { createReconciliation } from '../support/reconcile.ts'
import { silent } from '../support/silent-log.ts'
import { type StripeUnderTest, startStripe } from '../support/stripe-stand-in.ts'
import { MemoryLog } from '../unit/support/memory-log.ts'

let nowMs: number
let test: TestLedger
let stripe: StripeUnderTest
let log: MemoryLog

beforeAll(async () => {
  stripe = await startStripe()
  test = createLedger(await connectToOwnTables(), () => nowMs)
})

afterAll(() => stripe.close())

beforeEach(() => {
  nowMs = Date.now()
  log = new MemoryLog()
})

afterEach(() => emptyTables(test.database))

const run = (options: Parameters<typeof createReconciliation>[2] = {}, userId?: string) =>
  createReconciliation(test, stripe, { log, ...options }).run({ fromMs: nowMs, userId })

const open = async (userId: string, credits: number, holdMs = 60_000) => {
  const opened = await test.ledger.open({
    userId,
    operationId: v7({ msecs: nowMs }),
    service: 'ask_agent',
    credits,
    requestHash: 'hash',
    holdMs,
  })
  if (opened.state !== 'reserved') throw new Error('Nothing was held.')
  return opened.reservation
}

const settle = async (userId: string, credits: number) => {
  const reservation = await open(userId, credits)
  await test.ledger.settle(reservation, { cost: credits, metadata: {} })
  return reservation
}

const change = async (userId: string, expression: string, value: unknown): Promise<void> => {
  await test.database.client.send(
    new UpdateCommand({
      TableName: test.database.tables.users,
      Key: { user_id: userId },
      UpdateExpression: expression,
      ExpressionAttributeValues: { ':value': value },
    }),
  )
}

/** An account with something of everything: a debit, an open and an expired hold, grants, a movement by staff. */
const busyAccount = async (): Promise<string> => {
  const userId = await openAccount(test, nowMs)
  await settle(userId, 20)
  await test.ledger.grant(userId, {
    transactionId: `invoice#${v7()}`,
    credits: 40,
    expiresAtMs: nowMs + 1_000,
    source: 'plus',
  })
  await open(userId, 50, 1)
  const adjustments = new Adjustments({ ...test, backoff: async () => undefined, log: silent })
  const by = { transaction_id: v7(), reason: 'Sorry', actor: 'arn:aws:iam::123456789012:user/ann' }
  await adjustments.adjust(userId, { ...by, credits: -30 })
  nowMs += 120_000
  await open(userId, 7)
  return userId
}

describe('on books that close', () => {
  it('finds nothing, whatever is open, expired or lapsed', async () => {
    const users = [await busyAccount(), await busyAccount(), await openAccount(test, nowMs)]
    const report = await run()
    expect(report).toMatchObject({
      accounts: users.length,
      unprovedAccounts: 0,
      ledgerMismatches: [],
      stripeMismatches: [],
      isStripeCompared: true,
      complete: true,
    })
    expect(log.lines).toEqual([
      expect.objectContaining({
        code: 'reconcile_done',
        fields: expect.objectContaining({ accounts: 3, ledger_mismatches: 0, complete: true }),
      }),
    ])
  })

  it('changes nothing but its mark', async () => {
    const userId = await busyAccount()
    const before = await test.store.readAccount(userId)
    await run()
    expect(await test.store.readAccount(userId)).toEqual(before)
  })

  it('finds nothing where the account moves while it is read', async () => {
    const userId = await busyAccount()
    let moves = 3
    const audit = new DynamoLedgerAudit(test.database, async () => undefined)
    const moving: LedgerAudit = {
      accountIds: after => audit.accountIds(after),
      transactions: (...read) => audit.transactions(...read),
      usageTotal: async (...read) => {
        const total = await audit.usageTotal(...read)
        if (moves-- > 0) await settle(userId, 1)
        return total
      },
    }
    expect(await run({ audit: moving })).toMatchObject({ ledgerMismatches: [], complete: true })
  })

  it('says which account it could not prove, because it never stood still', async () => {
    const userId = await busyAccount()
    const audit = new DynamoLedgerAudit(test.database, async () => undefined)
    const moving: LedgerAudit = {
      accountIds: after => audit.accountIds(after),
      transactions: (...read) => audit.transactions(...read),
      usageTotal: async (...read) => {
        await settle(userId, 1)
        return audit.usageTotal(...read)
      },
    }
    expect(await run({ audit: moving })).toMatchObject({
      unprovedAccounts: 1,
      ledgerMismatches: [],
      complete: false,
    })
    expect(log.codes()).toEqual(['reconcile_account_unsteady', 'reconcile_done'])
  })

  it('finds nothing where an index or a read lags behind', async () => {
    await busyAccount()
    const audit = new DynamoLedgerAudit(test.database, async () => undefined)
    const pauses: number[] = []
    const lagging: LedgerAudit = {
      accountIds: after => audit.accountIds(after),
      usageTotal: async (userId, consistency) =>
        consistency === 'strong' ? audit.usageTotal(userId, consistency) : 0,
      transactions: async (...read) => {
        const rows = await audit.transactions(...read)
        return pauses.length < 2 ? rows.slice(1) : rows
      },
    }
    const sleep = async (milliseconds: number) => void pauses.push(milliseconds)
    expect(await run({ audit: lagging, sleep })).toMatchObject({ ledgerMismatches: [], complete: true })
    expect(pauses).toEqual([500, 1_000])
  })

  it('leaves out the items that keep e-mails unique, over any number of pages', async () => {
    const ids = await Promise.all(Array.from({ length: 120 }, () => openAccount(test, nowMs)))
    const audit = new DynamoLedgerAudit(test.database, async () => undefined)
    const pages: (readonly string[])[] = []
    for await (const page of audit.accountIds(undefined)) pages.push(page)
    expect(pages.length).toBeGreaterThan(1)
    expect(pages.flat().sort()).toEqual(ids.sort())
  })
})

describe('on books that do not close', () => {
  const expectMismatch = async (userId: string, expected: object) => {
    await openAccount(test, nowMs)
    const report = await run()
    const none = {
      userId,
      imbalanceCredits: 0,
      usageTotalCredits: 0,
      purchasedTotalCredits: 0,
      belowZero: [],
    }
    expect(report.ledgerMismatches).toEqual([{ ...none, ...expected }])
    expect(log.lines[0]).toMatchObject({
      level: 'error',
      code: 'ledger_mismatch',
      fields: { user_id: userId },
    })
  }

  it.each([
    [3, -3],
    [-1, 1],
  ])('finds a balance that was changed by %d past the journals', async (by, imbalanceCredits) => {
    const userId = await busyAccount()
    await change(userId, 'SET credits_balance = credits_balance + :value', by)
    await expectMismatch(userId, { imbalanceCredits })
    expect(log.lines[0]?.fields.imbalance_credits).toBe(imbalanceCredits)
  })

  it('finds a debit whose row is gone', async () => {
    const userId = await busyAccount()
    const { operationId } = await settle(userId, 5)
    const Key = { user_id: userId, timestamp: usageSortKey(operationId) }
    await test.database.client.send(new DeleteCommand({ TableName: test.database.tables.usage, Key }))
    await expectMismatch(userId, { imbalanceCredits: 5, usageTotalCredits: 5 })
  })

  it('finds a movement whose row is gone', async () => {
    const userId = await busyAccount()
    const Key = { transaction_id: `bonus#${userId}` }
    await test.database.client.send(new DeleteCommand({ TableName: test.database.tables.transactions, Key }))
    await expectMismatch(userId, { imbalanceCredits: -200 })
  })

  it('finds running totals that are not those of the rows', async () => {
    const userId = await busyAccount()
    await change(userId, 'SET total_usage = total_usage + :value, total_credits_purchased = :value', 9)
    await expectMismatch(userId, { usageTotalCredits: 9, purchasedTotalCredits: 9 })
  })

  it('finds a grant below zero, though the sum is right', async () => {
    const userId = await openAccount(test, nowMs)
    await change(userId, 'SET grants = :value', {
      g1: { remaining: -10, expires_at: nowMs + 1_000, source: 'plus' },
    })
    await change(userId, 'SET credits_balance = credits_balance + :value', 10)
    await expectMismatch(userId, { belowZero: ['g1'] })
  })

  it('looks at one account alone where it is told to', async () => {
    const [userId, other] = [await busyAccount(), await busyAccount()]
    await change(other, 'SET credits_balance = credits_balance + :value', 1)
    expect(await run({}, userId)).toMatchObject({ accounts: 1, ledgerMismatches: [] })
    expect(await run({}, other)).toMatchObject({ accounts: 1, ledgerMismatches: [{ userId: other }] })
  })

  it('looks at the others where one cannot be read', async () => {
    const [userId, other] = [await busyAccount(), await busyAccount()]
    await change(userId, 'SET credits_balance = :value', 'many')
    await change(other, 'SET credits_balance = credits_balance + :value', 1)
    expect(await run()).toMatchObject({
      accounts: 2,
      unprovedAccounts: 1,
      ledgerMismatches: [{ userId: other }],
      complete: false,
    })
    expect(log.codes().sort()).toEqual(['ledger_mismatch', 'reconcile_account_failed', 'reconcile_done'])
  })
})

describe('at night', () => {
  const spareMs = 240_000
  /** Each batch of accounts takes so long that `batches` of them fit into the function's time. */
  const night = async (batches: number) => {
    const looked: string[] = []
    const store = {
      readTransaction: (id: string) => test.store.readTransaction(id),
      readAccount: async (userId: string) => {
        looked.push(userId)
        return test.store.readAccount(userId)
      },
    }
    const startedMs = nowMs
    const now = () => startedMs + Math.floor(new Set(looked).size / 10) * 1_000
    const reconciliation = createReconciliation(test, stripe, { log, store, now })
    const handler = createHandler({ reconciliation, now })
    const report = await handler(undefined, {
      getRemainingTimeInMillis: () => spareMs + batches * 1_000,
    })
    return { report, looked: new Set(looked) }
  }

  it('stops before its time is up, goes on there the next night, and then begins anew', async () => {
    const ids = await Promise.all(Array.from({ length: 25 }, () => openAccount(test, nowMs)))
    const first = await night(2)
    expect(first.report).toMatchObject({ accounts: 20, complete: false })
    const second = await night(2)
    expect(second.report).toMatchObject({ accounts: 5, complete: true })
    expect([...first.looked, ...second.looked].sort()).toEqual(ids.sort())
    const third = await night(9)
    expect(third.report).toMatchObject({ accounts: 25, complete: true })
  })

  it('goes on where it was noted to be when it was killed', async () => {
    const ids = await Promise.all(Array.from({ length: 35 }, () => openAccount(test, nowMs)))
    let batches = 0
    const now = () => nowMs + batches * 61_000
    const audit = new DynamoLedgerAudit(test.database, async () => undefined)
    const dying: LedgerAudit = {
      usageTotal: (...read) => audit.usageTotal(...read),
      transactions: (...read) => audit.transactions(...read),
      accountIds: async function* (after) {
        const page: string[] = []
        for await (const ids of audit.accountIds(after)) page.push(...ids)
        for (let at = 0; at < page.length; at += 10, batches++) {
          if (batches === 3) throw new Error('Killed.')
          yield page.slice(at, at + 10)
        }
      },
    }
    const mark = new DynamoReconcileMark(test.database, async () => undefined)
    await mark.write(undefined, 1)
    const killed = createReconciliation(test, stripe, { log, audit: dying, now })
    await expect(killed.run({ fromMs: nowMs, resumes: true })).rejects.toThrow('Killed.')
    // The last note was made before the third ten.
    expect(await mark.lastRunAtMs()).toBe(1)
    expect((await night(9)).report).toMatchObject({ accounts: ids.length - 20, complete: true })
  })

  it('throws nothing for what it finds', async () => {
    const userId = await busyAccount()
    await change(userId, 'SET credits_balance = credits_balance + :value', 1)
    expect((await night(9)).report.ledgerMismatches).toHaveLength(1)
  })

  it('fails at its end where an account could not be read, so that somebody is told', async () => {
    const [userId, other] = [await busyAccount(), await busyAccount()]
    const { client, tables } = test.database
    await client.send(
      new UpdateCommand({
        TableName: tables.usage,
        Key: { user_id: userId, timestamp: usageSortKey((await settle(userId, 5)).operationId) },
        UpdateExpression: 'SET credits_used = :value',
        ExpressionAttributeValues: { ':value': 4.5 },
      }),
    )
    await expect(night(9)).rejects.toThrow('could not be looked at')
    expect(log.lines).toContainEqual(
      expect.objectContaining({ code: 'reconcile_account_failed', fields: { user_id: userId } }),
    )
    expect(log.lines).toContainEqual(
      expect.objectContaining({ code: 'reconcile_done', fields: expect.objectContaining({ accounts: 2 }) }),
    )
    expect((await run({}, other)).complete).toBe(true)
  })

  it('proves the ledger though Stripe does not answer, and fails at its end', async () => {
    await busyAccount()
    await stripe.control({ fail_next: { count: 9, status: 500 } })
    await expect(night(9)).rejects.toThrow('could not be looked at')
    await stripe.control({ fail_next: { count: 0, status: 500 } })
    expect(log.codes()).toEqual(['reconcile_stripe_failed', 'reconcile_done'])
    expect(log.lines).toContainEqual(
      expect.objectContaining({
        fields: expect.objectContaining({ accounts: 1, stripe_compared: false, complete: false }),
      }),
    )
  })
})

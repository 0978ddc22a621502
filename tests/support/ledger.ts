import { setTimeout as sleep } from 'node:timers/promises'
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { v7 } from 'uuid'
import { DynamoActiveAccounts } from '../../src/db/active-accounts.ts'
import type { Database } from '../../src/db/dynamodb.ts'
import { DynamoJobFailures } from '../../src/db/ephemera.ts'
import { DynamoTransactionHistory, DynamoUsageHistory } from '../../src/db/history.ts'
import { DynamoLedgerStore } from '../../src/db/ledger-store.ts'
import { DynamoUserDirectory } from '../../src/db/user-directory.ts'
import { type Account, creditsHeld } from '../../src/domain/account.ts'
import { fullJitter } from '../../src/domain/backoff.ts'
import { JobOutcomes } from '../../src/domain/job-outcomes.ts'
import type { TransactionRow, UsageRow } from '../../src/domain/journal.ts'
import { Ledger } from '../../src/domain/ledger.ts'
import type { Clock } from '../../src/domain/ports.ts'
import { silent } from './silent-log.ts'

/**
 * Numbers below 1 that lie far from each other, begun at a random one: by chance one attempt in 60,000 would draw the
 * moment of another.
 */
const apart = (): (() => number) => {
  const goldenRatio = 0.618_033_988_749_895
  let last = Math.random()
  return () => {
    last = (last + goldenRatio) % 1
    return last
  }
}

/** The real ledger on the real tables, with the test's own clock, and what it draws its attempts' moments from. */
export const createLedger = (database: Database, now: Clock, random = apart()) => {
  const backoff = fullJitter(Math.random, ms => sleep(ms))
  const store = new DynamoLedgerStore(database, backoff)
  const failures = new DynamoJobFailures(database)
  const activity = new DynamoActiveAccounts(database, backoff, now)
  const ledger = new Ledger({ store, failures, activity, now, backoff, random, log: silent })
  return {
    database,
    now,
    store,
    failures,
    activity,
    ledger,
    outcomes: new JobOutcomes({ ledger, store, failures, now }),
    users: new DynamoUserDirectory(database, backoff),
    transactions: new DynamoTransactionHistory(database, backoff),
    usage: new DynamoUsageHistory(database),
  }
}

export type TestLedger = ReturnType<typeof createLedger>

/** Opens an account with a bonus, as registering does, without the cost of a password. */
export const openAccount = async (
  { users }: TestLedger,
  nowMs: number,
  bonusCredits = 200,
): Promise<string> => {
  const userId = v7({ msecs: nowMs })
  const email = `listener-${userId.slice(-12)}@example.com`
  const createdAt = new Date(nowMs).toISOString()
  const created = await users.create(
    { userId, email, name: 'Ann Listener', passwordHash: 'x'.repeat(60), createdAt },
    {
      transactionId: `bonus#${userId}`,
      userId,
      type: 'bonus',
      status: 'completed',
      credits: bonusCredits,
      createdAt,
      completedAt: createdAt,
    },
  )
  if (!created) throw new Error('The account was not created.')
  return userId
}

/** Everything the journals and the account say of one user. */
export interface Books {
  readonly account: Account
  readonly usage: readonly UsageRow[]
  readonly transactions: readonly TransactionRow[]
}

const allTransactions = async (ledger: TestLedger, userId: string): Promise<TransactionRow[]> => {
  const { client, tables } = ledger.database
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: tables.transactions,
      IndexName: 'user_id',
      KeyConditionExpression: 'user_id = :user',
      ExpressionAttributeValues: { ':user': userId },
    }),
  )
  const rows = await Promise.all(Items.map(item => ledger.store.readTransaction(item.transaction_id)))
  return rows.filter(row => row !== undefined)
}

export const readBooks = async (ledger: TestLedger, userId: string): Promise<Books> => {
  const account = await ledger.store.readAccount(userId)
  if (!account) throw new Error('There is no such account.')
  const [usage, transactions] = await Promise.all([
    ledger.usage.between(userId, 0, 4_102_444_800_000),
    allTransactions(ledger, userId),
  ])
  return { account, usage, transactions }
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)

/**
 * The closing equation of the ledger: Transactions minus Usage minus open holds, less balance and grants. It is 0
 * in every state. A lapsed grant stays on the account until it is journalled, so it is counted until then.
 */
export const imbalance = ({ account, usage, transactions }: Books): number => {
  const movements = total(transactions.filter(row => row.status === 'completed').map(row => row.credits))
  const debits = total(usage.map(row => row.creditsUsed))
  const grants = total(Object.values(account.grants).map(grant => grant.remaining))
  return movements - debits - creditsHeld(account) - account.creditsBalance - grants
}

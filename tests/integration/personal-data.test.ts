import { ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { packOperationId, toAccount, toAllowanceItem, toHoldItem } from '../../src/db/account-item.ts'
import { DynamoLedgerAudit } from '../../src/db/ledger-audit.ts'
import { DynamoPersonalRecords } from '../../src/db/personal-records.ts'
import { toTransactionItem, toTransactionRow } from '../../src/db/transaction-item.ts'
import { toUsageItem, toUsageRow } from '../../src/db/usage-item.ts'
import type { Hold } from '../../src/domain/account.ts'
import { Adjustments } from '../../src/domain/adjustments.ts'
import { type PersonalData, readPersonalData } from '../../src/domain/personal-data.ts'
import { connectToOwnTables } from '../support/database.ts'
import { createLedger, openAccount, type TestLedger } from '../support/ledger.ts'
import { silent } from '../support/silent-log.ts'

type Item = Record<string, unknown>

const requestHash = 'AbCd1234'
const nowMs = Date.now()
let test: TestLedger
let userId: string
let data: PersonalData

const open = async (service: Hold['service'], credits: number, over: Partial<Hold> = {}) => {
  const { audioMs, live } = over
  const opened = await test.ledger.open({
    userId,
    operationId: v7({ msecs: nowMs }),
    service,
    credits,
    requestHash,
    holdMs: 600_000,
    audioMs,
    firstLease: live && (() => live),
  })
  if (opened.state !== 'reserved') throw new Error('Nothing was held.')
  return opened.reservation
}

const buy = async (): Promise<void> => {
  const purchase = {
    transactionId: v7(),
    userId,
    type: 'purchase',
    status: 'pending',
    packageId: 'starter',
    credits: 500,
    amountCents: 299,
    currency: 'usd',
    priceListVersion: '1',
    createdAt: new Date(nowMs).toISOString(),
  } as const
  await test.store.putPurchaseIfAbsent(purchase)
  await test.ledger.creditPurchase(purchase, { sessionId: 'cs_1', paidAt: '2026-11-29T12:00:00.000Z' })
}

/** An account of which everything is kept that can be. */
const live = async (): Promise<void> => {
  await test.users.recordLogin(userId, new Date(nowMs).toISOString())
  await test.users.attachStripeCustomer(userId, 'cus_1')
  await buy()
  await new Adjustments({ ...test, backoff: async () => undefined, log: silent }).grant(userId, {
    transaction_id: v7(),
    credits: 40,
    reason: 'Sorry',
    actor: 'arn:aws:iam::123456789012:user/ann',
    expires_at: new Date(nowMs + 3_600_000).toISOString(),
  })
  const asked = await open('ask_agent', 5)
  await test.ledger.settle(asked, { cost: 5, metadata: { segments: 12 }, result: { answer: 'Leisure.' } })
  const clip = await open('clip_transcription', 45, { audioMs: 7_100 })
  await test.store.attachReference(clip, 'job-1')
  await test.store.useAllowance(clip, { before: [], after: [Math.floor(nowMs / 1_000)] })
  await open('live_transcription', 10, {
    live: { startedAtMs: nowMs, lease: 1, paidSeconds: 60, leaseSeconds: 60, language: 'en' },
  })
  // Nothing writes this one yet.
  await test.database.client.send(
    new UpdateCommand({
      TableName: test.database.tables.users,
      Key: { user_id: userId },
      UpdateExpression: 'SET email_verified = :yes',
      ExpressionAttributeValues: { ':yes': true },
    }),
  )
}

beforeAll(async () => {
  test = createLedger(await connectToOwnTables(), () => nowMs)
  userId = await openAccount(test, nowMs)
  await live()
  data = await readPersonalData(
    {
      store: test.store,
      records: new DynamoPersonalRecords(test.database, async () => undefined),
      audit: new DynamoLedgerAudit(test.database, async () => undefined),
      speech: { read: async () => ({ status: 'processing' }) },
      now: () => nowMs,
    },
    userId,
  )
})

const itemsOf = async (table: 'users' | 'usage' | 'transactions'): Promise<Item[]> => {
  const { client, tables } = test.database
  const { Items = [] } = await client.send(new ScanCommand({ TableName: tables[table] }))
  return Items.filter(item => JSON.stringify(item).includes(userId))
}

/** What is stored and is not exported, and why. */
const leftOut: Readonly<Record<string, string>> = {
  password_hash: 'a secret',
  revision: "counts the account's writes",
  request_hash: 'tells a repeated request from another, and says nothing that its row does not',
  actor: 'somebody else: who of the staff it was',
}

const compared = (item: object | undefined): Item =>
  Object.fromEntries(
    Object.entries(item ?? {})
      .filter(([attribute, value]) => leftOut[attribute] === undefined && value !== undefined)
      .map(([attribute, value]) => [attribute, value instanceof Uint8Array ? [...value] : value]),
  )

const sorted = (items: readonly Item[], key: string): Item[] =>
  items.toSorted((one, other) => String(one[key]).localeCompare(String(other[key])))

const holdsOf = ({ open_operations: operations }: PersonalData): Item =>
  Object.fromEntries(
    operations.map(({ operation_id, live: leases, ...hold }) => [
      packOperationId(operation_id),
      toHoldItem({
        service: hold.service_type,
        split: { fromBalance: hold.credits_from_balance, fromGrants: hold.credits_from_grants },
        expiresAtMs: Date.parse(hold.expires_at),
        requestHash,
        audioMs: hold.audio_ms,
        reference: hold.vendor_job,
        live: leases && {
          startedAtMs: Date.parse(leases.started_at),
          lease: leases.lease,
          paidSeconds: leases.paid_seconds,
          leaseSeconds: leases.lease_seconds,
          language: leases.language,
        },
      }).filter(part => part !== undefined),
    ]),
  )

const grantsOf = ({ credits }: PersonalData): Item =>
  Object.fromEntries(
    credits.grants.map(({ grant_id, credits: remaining, expires_at, source }) => [
      grant_id,
      { remaining, expires_at: Date.parse(expires_at), source },
    ]),
  )

const accountOf = (exported: PersonalData): Item => {
  const { account, credits, vendors } = exported
  const { user_id, email, name, subscription_tier, created_at, last_login } = account
  const { credits_balance, total_credits_purchased, total_usage } = credits
  return {
    ...{ user_id, email, name, subscription_tier, created_at, last_login },
    ...{ credits_balance, total_credits_purchased, total_usage },
    is_active: account.is_active,
    email_verified: account.email_verified,
    grants: grantsOf(exported),
    holds: holdsOf(exported),
    stripe_customer_id: vendors.stripe.customer_id,
    allowance_uses: toAllowanceItem(exported.allowance_uses.map(at => Date.parse(at) / 1_000)),
    last_payment: account.last_payment && [account.last_payment.at, account.last_payment.failed],
  }
}

describe('what is stored is exported, but for what is left out on purpose', () => {
  it('of the account, and of the item that keeps its e-mail for it', async () => {
    const [item, emailItem] = sorted(await itemsOf('users'), 'user_id')
    // Where this fails, `live` does not leave something that is kept.
    expect(Object.entries(toAccount(item)).filter(([, value]) => value === undefined)).toEqual([])
    expect(compared(accountOf(data))).toEqual(compared(item))
    const { user_id: owner, email } = data.account
    expect({ user_id: `email#${email}`, owner }).toEqual(emailItem)
  })

  it('of its operations', async () => {
    const items = await itemsOf('usage')
    expect(items.map(item => Object.keys(item).sort())).toEqual([
      Object.keys(toUsageItem(toUsageRow(items[0]))).sort(),
    ])
    const exported = data.operations.map(row =>
      toUsageItem({
        userId,
        operationId: row.operation_id,
        service: row.service_type,
        creditsUsed: row.credits_used,
        balanceAfter: row.balance_after,
        metadata: row.metadata,
        requestHash,
        priceListVersion: row.price_list_version,
        result: row.result,
      }),
    )
    expect(exported.map(compared)).toEqual(items.map(compared))
  })

  it('of its movements', async () => {
    const items = sorted(await itemsOf('transactions'), 'transaction_id')
    const everyAttribute = Object.keys(toTransactionItem(toTransactionRow(items[0])))
    expect([...new Set(items.flatMap(Object.keys))].sort()).toEqual(everyAttribute.sort())
    const exported = data.transactions.map(row =>
      toTransactionItem({
        userId,
        transactionId: row.transaction_id,
        type: row.type,
        status: row.status,
        credits: row.credits,
        amountCents: row.amount_cents,
        currency: row.currency,
        packageId: row.package_id,
        stripeSessionId: row.stripe_session_id,
        priceListVersion: row.price_list_version,
        grantId: row.grant_id,
        lapsesAt: row.lapses_at,
        reason: row.reason,
        createdAt: row.created_at,
        completedAt: row.completed_at,
        balanceAfter: row.balance_after,
      }),
    )
    expect(sorted(exported.map(compared), 'transaction_id')).toEqual(items.map(compared))
  })
})

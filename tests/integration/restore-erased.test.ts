import { PutCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { v7 } from 'uuid'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Operation } from '../../ops/command.ts'
import { ledgerTables, type RestorePlan } from '../../ops/restore-plan.ts'
import { eraseLate, isProved, verify } from '../../ops/restore-verification.ts'
import type { Target } from '../../ops/target.ts'
import { readConfig } from '../../src/config.ts'
import type { Database } from '../../src/db/dynamodb.ts'
import { connectToOwnTables, emptyTables } from '../support/database.ts'
import { createErasure } from '../support/erasure.ts'
import { createLedger, openAccount, type TestLedger } from '../support/ledger.ts'
import { SECRET_KEY, type StripeUnderTest, startStripe } from '../support/stripe-stand-in.ts'
import { startVendors, type Vendors } from '../support/vendors.ts'

const atMs = Date.now()

let serving: TestLedger
let restored: Database
let stripe: StripeUnderTest
let vendors: Vendors
let userId: string

beforeAll(async () => {
  stripe = await startStripe()
  vendors = await startVendors()
  serving = createLedger(await connectToOwnTables(), () => Date.now())
  restored = await connectToOwnTables()
})

afterAll(async () => {
  await stripe.close()
  await vendors.close()
})

afterEach(async () => {
  await emptyTables(serving.database)
  await emptyTables(restored)
})

beforeEach(async () => {
  userId = await openAccount(serving, atMs)
  await copyTables()
})

/** Makes the other tables what these are now, as a restore does. */
const copyTables = async (): Promise<void> => {
  const { client, tables } = serving.database
  for (const table of ledgerTables) {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: tables[table] }))
    for (const Item of Items) {
      await client.send(new PutCommand({ TableName: restored.tables[table], Item }))
    }
  }
}

const ledgerNames = ({ tables: { users, usage, transactions } }: Database) => ({ users, usage, transactions })

const planOf = (): RestorePlan => ({
  atMs,
  suffix: '-r20261129120000',
  from: ledgerNames(serving.database),
  to: ledgerNames(restored),
})

const operationOf = (): Operation => {
  const target: Target = {
    stage: 'test',
    region: 'us-east-1',
    isProd: false,
    stateDir: '/tmp/none',
    apiUrl: 'http://127.0.0.1',
    tablesSuffix: '',
    database: serving.database,
    environment: {},
    clientOptions: () => ({ region: 'us-east-1' }),
    config: (...names) =>
      readConfig(names, async () => ({}), {
        STAGE: 'test',
        STRIPE_SECRET_KEY: SECRET_KEY,
        STRIPE_API_URL: stripe.origin,
        ASSEMBLYAI_API_KEY: 'key',
        ASSEMBLYAI_API_URL: vendors.assemblyAiUrl,
      }),
    stack: () => Promise.reject(new Error('There is no stack.')),
    operator: async () => 'arn:aws:iam::123456789012:user/ann',
    close: () => undefined,
  }
  return { target, confirm: async () => undefined, yes: true, progress: () => undefined, now: Date.now }
}

const emailIn = async (database: Database): Promise<string | undefined> =>
  (await createLedger(database, () => Date.now()).store.readAccount(userId))?.email

it('leaves nobody in restored tables who was erased since', async () => {
  await createErasure(serving, stripe, vendors).run(userId)
  const verified = await verify(operationOf(), planOf())
  expect(isProved(verified)).toBe(true)
  expect(await emailIn(restored)).toBe('erased')
})

it('leaves nobody in them who was erased while it was asked whether to switch', async () => {
  const verified = await verify(operationOf(), planOf())
  await createErasure(serving, stripe, vendors).run(userId)
  const after = await eraseLate(operationOf(), planOf(), verified)
  expect(await emailIn(restored)).toBe('erased')
  expect(after).toMatchObject({ differences: { since: { erased: [userId] } }, notErased: [] })
})

it('names whom it could not erase yet, since an operation was open then', async () => {
  const { client, tables } = restored
  const hold = ['ask', 5, Date.now() + 600_000, 'hash', null, null, {}]
  await client.send(
    new UpdateCommand({
      TableName: tables.users,
      Key: { user_id: userId },
      UpdateExpression: 'SET holds.#op = :hold, credits_balance = credits_balance - :held',
      ExpressionAttributeNames: { '#op': Buffer.from(v7().replaceAll('-', ''), 'hex').toString('base64url') },
      ExpressionAttributeValues: { ':hold': hold, ':held': 5 },
    }),
  )
  await createErasure(serving, stripe, vendors).run(userId)
  const verified = await verify(operationOf(), planOf())
  expect(verified).toMatchObject({ notErased: [userId], reconciliation: { ledgerMismatches: [] } })
  const after = await eraseLate(operationOf(), planOf(), verified)
  expect(after).toMatchObject({ differences: { since: { erased: [userId] } }, notErased: [userId] })
})

it('verifies them though what serves can not be read any more', async () => {
  const { client, tables } = serving.database
  await client.send(new PutCommand({ TableName: tables.users, Item: { user_id: userId } }))
  const verified = await verify(operationOf(), planOf())
  expect(isProved(verified)).toBe(true)
  expect(verified.differences.since).toEqual({ opened: [], lost: [], erased: [] })
})

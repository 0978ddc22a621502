import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { v7 } from 'uuid'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { eraseLate, isProved, verify, verifyServing } from '../../ops/restore-verification.ts'
import { createErasure } from '../support/erasure.ts'
import { openAccount, type TestLedger } from '../support/ledger.ts'
import { type RestoredTables, startRestoredTables } from '../support/restored-tables.ts'

const atMs = Date.now()

let test: RestoredTables
let userId: string

beforeAll(async () => {
  test = await startRestoredTables(atMs)
})

afterAll(() => test.close())

afterEach(() => test.empty())

beforeEach(async () => {
  userId = await openAccount(test.serving, atMs)
  await test.restore()
})

const eraseWhereServing = () => createErasure(test.serving, test.stripe, test.vendors).run(userId)
const emailIn = async ({ store }: TestLedger): Promise<string | undefined> =>
  (await store.readAccount(userId))?.email

it('leaves nobody in restored tables who was erased since', async () => {
  await eraseWhereServing()
  const verified = await verify(test.operation(), test.plan())
  expect(isProved(verified)).toBe(true)
  expect(await emailIn(test.restored)).toBe('erased')
})

it('leaves nobody in them who was erased while it was asked whether to switch', async () => {
  const verified = await verify(test.operation(), test.plan())
  await eraseWhereServing()
  const after = await eraseLate(test.operation(), test.plan(), verified)
  expect(await emailIn(test.restored)).toBe('erased')
  expect(after).toMatchObject({ differences: { since: { erased: [userId] } }, notErased: [] })
})

it('takes out of tables that serve already who was erased before they did, where the command was broken off', async () => {
  await verify(test.operation(), test.plan())
  await eraseWhereServing()
  const operation = test.operation()
  const target = { ...operation.target, database: test.restored.database, tablesSuffix: test.plan().suffix }
  const verified = await verifyServing({ ...operation, target }, test.plan())
  expect(await emailIn(test.restored)).toBe('erased')
  expect(verified).toMatchObject({ differences: { since: { erased: [userId] } }, notErased: [] })
  expect(isProved(verified)).toBe(true)
})

it('does not take for lost who has registered since they serve', async () => {
  await openAccount(test.restored, Date.now())
  const { differences } = await verifyServing(test.operation(), test.plan())
  expect(differences.since).toEqual({ opened: [], lost: [], erased: [] })
})

it('names whom it could not erase yet, since an operation was open then', async () => {
  const { client, tables } = test.restored.database
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
  await eraseWhereServing()
  const verified = await verify(test.operation(), test.plan())
  expect(verified).toMatchObject({ notErased: [userId], reconciliation: { ledgerMismatches: [] } })
  const after = await eraseLate(test.operation(), test.plan(), verified)
  expect(after).toMatchObject({ differences: { since: { erased: [userId] } }, notErased: [userId] })
})

it('verifies them though what serves can not be read any more', async () => {
  const { client, tables } = test.serving.database
  await client.send(new PutCommand({ TableName: tables.users, Item: { user_id: userId } }))
  const verified = await verify(test.operation(), test.plan())
  expect(isProved(verified)).toBe(true)
  expect(verified.differences.since).toEqual({ opened: [], lost: [], erased: [] })
})

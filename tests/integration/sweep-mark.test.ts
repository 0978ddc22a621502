import { CreateTableCommand } from '@aws-sdk/client-dynamodb'
import { v7 } from 'uuid'
import { beforeEach, expect, it } from 'vitest'
import { DynamoSweepMark } from '../../src/db/sweep-mark.ts'
import { connect } from '../support/database.ts'

let mark: DynamoSweepMark

/** There is one mark in a table, so each test has a table of its own. */
beforeEach(async () => {
  const { client, tables } = connect()
  const TableName = `sweep-mark-${v7()}`
  await client.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  )
  mark = new DynamoSweepMark({ client, tables: { ...tables, ephemera: TableName } }, async () => undefined)
})

it('is absent before the first sweep', async () => {
  expect(await mark.read()).toBeUndefined()
})

it('is where the last complete sweep began', async () => {
  await mark.write(1_764_000_000_000)
  expect(await mark.read()).toBe(1_764_000_000_000)
  await mark.write(1_764_000_060_000)
  expect(await mark.read()).toBe(1_764_000_060_000)
})

it('never moves back: a sweep that ends late changes nothing', async () => {
  await mark.write(1_764_000_060_000)
  await mark.write(1_764_000_000_000)
  expect(await mark.read()).toBe(1_764_000_060_000)
})

it('is that of the latest of several sweeps at once', async () => {
  const times = Array.from({ length: 10 }, (_, index) => 1_764_000_000_000 + ((index * 7) % 10))
  await Promise.all(times.map(time => mark.write(time)))
  expect(await mark.read()).toBe(1_764_000_000_009)
})

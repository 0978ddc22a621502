import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { v7 } from 'uuid'
import { beforeEach, expect, it } from 'vitest'
import { DynamoActiveAccounts } from '../../src/db/active-accounts.ts'
import type { Database } from '../../src/db/dynamodb.ts'
import { connect } from '../support/database.ts'
import { meterWrites } from '../support/write-meter.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** The start of an hour that is a test's own: far from those of the others. */
let hourStartMs = Math.ceil(Date.now() / hourMs) * hourMs + 365 * dayMs
let nowMs: number
let database: Database
let activity: DynamoActiveAccounts

beforeEach(() => {
  hourStartMs += 30 * dayMs
  nowMs = hourStartMs
  database = connect()
  activity = new DynamoActiveAccounts(
    database,
    () => Promise.resolve(),
    () => nowMs,
  )
})

/** Notes accounts now, and answers their ids. */
const note = async (count: number): Promise<string[]> => {
  const userIds = Array.from({ length: count }, () => v7())
  await Promise.all(userIds.map(userId => activity.note(userId)))
  return userIds
}

const pagesSince = async (fromMs: number): Promise<string[][]> => {
  const pages: string[][] = []
  for await (const page of activity.since(fromMs)) pages.push([...page])
  return pages
}
const since = async (fromMs: number): Promise<string[]> => (await pagesSince(fromMs)).flat()

/** DynamoDB ends a page at a megabyte; this ends it sooner. */
const limitPages = (limit: number): void => {
  database.client.middlewareStack.add(
    (next, context) => async args => {
      if (context.commandName === 'QueryCommand') Object.assign(args.input, { Limit: limit })
      return next(args)
    },
    { step: 'initialize', name: 'limitPages' },
  )
}

it('finds every account of an hour, page by page', async () => {
  const userIds = await note(23)
  limitPages(5)
  const pages = await pagesSince(nowMs)
  expect(pages.filter(page => page.length > 0).map(page => page.length)).toEqual([5, 5, 5, 5, 3])
  expect(pages.flat().sort()).toEqual(userIds.sort())
})

it('finds accounts from the hour that is asked for until the hour that it is', async () => {
  const before = await note(2)
  nowMs = hourStartMs + hourMs
  const first = await note(2)
  nowMs = hourStartMs + 3 * hourMs + 1
  const last = await note(2)
  expect((await since(hourStartMs + hourMs)).sort()).toEqual([...first, ...last].sort())
  expect((await since(hourStartMs + 2 * hourMs - 1)).sort()).toEqual([...first, ...last].sort())
  expect((await since(hourStartMs + 2 * hourMs)).sort()).toEqual(last.sort())
  expect(await since(hourStartMs)).toEqual(expect.arrayContaining(before))
})

it('finds an account in each hour in which it was active', async () => {
  const [userId = ''] = await note(1)
  nowMs += hourMs
  await activity.note(userId)
  expect(await since(hourStartMs)).toEqual([userId, userId])
})

it('finds nobody in hours without anybody', async () => {
  nowMs += 3 * hourMs
  expect(await since(hourStartMs)).toEqual([])
})

it('looks back a week and no further, however long ago the last sweep was', async () => {
  await note(1)
  nowMs = hourStartMs + hourMs
  const found = await note(1)
  nowMs += 7 * dayMs
  expect(await since(hourStartMs)).toEqual(found)
})

it('writes an item and its index once in an hour, and nothing for the rest of it', async () => {
  const meter = meterWrites(database)
  const [userId = ''] = await note(1)
  expect(meter.take()).toEqual([{ command: 'PutItemCommand', table: 'ephemera', units: 2 }])
  nowMs = hourStartMs + hourMs - 1
  await activity.note(userId)
  expect(meter.take()).toEqual([])
  nowMs = hourStartMs + hourMs
  await activity.note(userId)
  expect(meter.take()).toHaveLength(1)
})

it('notes that vanish by themselves a week later', async () => {
  const [userId = ''] = await note(1)
  const { Item } = await database.client.send(
    new GetCommand({
      TableName: database.tables.ephemera,
      Key: { key: `active#${hourStartMs / hourMs}#${userId}` },
    }),
  )
  expect(Item).toMatchObject({ expires_at: (hourStartMs + 7 * dayMs) / 1_000 })
})

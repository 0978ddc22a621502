import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateTableCommand,
  DeleteItemCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  RestoreTableToPointInTimeCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type DynamoDbLocal, startDynamoDbLocal } from '../../local/dynamodb.ts'
import type { AwsStandInOptions } from '../../local/stand-ins/aws/plugin.ts'
import { type AwsUnderTest, clientOptions, startAws } from '../support/aws-stand-in.ts'

/** A write's time is known to a quarter of a second. */
const apartMs = 700

let engine: DynamoDbLocal
let direct: DynamoDBClient
let aws: AwsUnderTest
let stateDir: string
let table: string
let count = 0

beforeAll(async () => {
  engine = await startDynamoDbLocal()
  direct = new DynamoDBClient(clientOptions(engine.endpoint))
})
afterAll(() => engine.close())

const start = async (options: Partial<AwsStandInOptions> = {}): Promise<void> => {
  aws = await startAws({ dynamoDbEndpoint: engine.endpoint, stateDir, ...options })
}

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'aws-'))
  count += 1
  table = `accounts-${count}`
  await direct.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'email', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'email',
          KeySchema: [{ AttributeName: 'email', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  )
  await start()
})
afterEach(async () => {
  await aws.close()
  await rm(stateDir, { recursive: true })
})

const put = (id: string, credits: number) =>
  direct.send(
    new PutItemCommand({
      TableName: table,
      Item: { id: { S: id }, email: { S: `${id}@example.com` }, credits: { N: String(credits) } },
    }),
  )
const remove = (id: string) =>
  direct.send(new DeleteItemCommand({ TableName: table, Key: { id: { S: id } } }))

const creditsIn = async (name: string): Promise<Record<string, string | undefined>> => {
  const { Items = [] } = await direct.send(new ScanCommand({ TableName: name }))
  return Object.fromEntries(Items.map(({ id, credits }) => [id?.S, credits?.N]))
}

const enable = (isEnabled = true) =>
  aws.dynamoDb.send(
    new UpdateContinuousBackupsCommand({
      TableName: table,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: isEnabled },
    }),
  )
const recovery = async () => {
  const { ContinuousBackupsDescription } = await aws.dynamoDb.send(
    new DescribeContinuousBackupsCommand({ TableName: table }),
  )
  return ContinuousBackupsDescription?.PointInTimeRecoveryDescription
}
const restoreAt = (time: Date | undefined, target = `${table}-restored`) =>
  aws.dynamoDb.send(
    new RestoreTableToPointInTimeCommand({
      SourceTableName: table,
      TargetTableName: target,
      ...(time === undefined ? { UseLatestRestorableTime: true } : { RestoreDateTime: time }),
    }),
  )

/** A moment with no write near it. */
const quietMoment = async (): Promise<Date> => {
  await sleep(apartMs)
  const moment = new Date()
  await sleep(apartMs)
  return moment
}

describe('a restore to a point in time', () => {
  it('takes back what was put, changed and deleted after it, in a table of the same keys and indexes', async () => {
    await put('before', 1)
    await put('kept', 1)
    await enable()
    await put('changed', 1)
    await put('deleted', 1)
    const moment = await quietMoment()
    await put('changed', 2)
    await put('changed', 3)
    await remove('deleted')
    await put('new', 1)
    await direct.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Delete: { TableName: table, Key: { id: { S: 'before' } } } },
          { Put: { TableName: table, Item: { id: { S: 'other' } } } },
        ],
      }),
    )

    const { TableDescription } = await restoreAt(moment)
    expect(TableDescription).toMatchObject({
      TableStatus: 'CREATING',
      RestoreSummary: { RestoreDateTime: moment, RestoreInProgress: true },
    })
    const restored = `${table}-restored`
    expect(await creditsIn(restored)).toEqual({ before: '1', kept: '1', changed: '1', deleted: '1' })
    const { Items } = await direct.send(
      new QueryCommand({
        TableName: restored,
        IndexName: 'email',
        KeyConditionExpression: 'email = :email',
        ExpressionAttributeValues: { ':email': { S: 'deleted@example.com' } },
      }),
    )
    expect(Items).toEqual([{ id: { S: 'deleted' }, email: { S: 'deleted@example.com' } }])
  })

  it('can be to the latest moment, and of more items than fit in one batch', async () => {
    await enable()
    const ids = Array.from({ length: 60 }, (_, index) => `item-${index}`)
    await Promise.all(ids.map(id => put(id, 1)))
    await restoreAt(undefined)
    expect(Object.keys(await creditsIn(`${table}-restored`)).sort()).toEqual(ids.sort())
  })

  it('knows what was written before a restart', async () => {
    await enable()
    await put('one', 1)
    const moment = await quietMoment()
    await put('one', 2)
    await aws.close()
    await start()
    await expect.poll(recovery).toMatchObject({ PointInTimeRecoveryStatus: 'ENABLED' })
    await restoreAt(moment)
    expect(await creditsIn(`${table}-restored`)).toEqual({ one: '1' })
  })

  it('tells by DescribeTable where the table comes from', async () => {
    await enable()
    await restoreAt(undefined)
    const { Table } = await aws.dynamoDb.send(new DescribeTableCommand({ TableName: `${table}-restored` }))
    expect(Table).toMatchObject({ TableStatus: 'ACTIVE', RestoreSummary: { RestoreInProgress: false } })
    expect(Table?.RestoreSummary?.SourceTableArn).toMatch(new RegExp(`:table/${table}$`))
  })

  it('is refused before the first moment and in the future, and tells the bounds', async () => {
    await enable()
    const { EarliestRestorableDateTime: earliest, LatestRestorableDateTime: latest } =
      (await recovery()) ?? {}
    expect(Math.abs(Number(latest) - Date.now())).toBeLessThan(2_000)
    for (const time of [new Date(Number(earliest) - 2_000), new Date(Date.now() + 60_000)]) {
      await expect(restoreAt(time)).rejects.toMatchObject({ name: 'InvalidRestoreTimeException' })
    }
  })

  it('is refused onto a table that exists, of one that does not, and of one that is not watched', async () => {
    await expect(restoreAt(undefined)).rejects.toMatchObject({
      name: 'PointInTimeRecoveryUnavailableException',
    })
    await enable()
    await expect(restoreAt(undefined, table)).rejects.toMatchObject({ name: 'TableAlreadyExistsException' })
    table = 'nobody'
    await expect(restoreAt(undefined, 'somebody')).rejects.toMatchObject({ name: 'TableNotFoundException' })
  })
})

describe('recovery', () => {
  it('is on for the tables of the service once they are there', async () => {
    await aws.close()
    await start({ recoverableTables: async () => [table] })
    await expect.poll(recovery).toMatchObject({
      PointInTimeRecoveryStatus: 'ENABLED',
      RecoveryPeriodInDays: 35,
    })
  })

  it('is off until it is switched on, and can be switched off', async () => {
    expect(await recovery()).toEqual({ PointInTimeRecoveryStatus: 'DISABLED' })
    await enable()
    expect(await recovery()).toMatchObject({ PointInTimeRecoveryStatus: 'ENABLED' })
    await enable(false)
    expect(await recovery()).toEqual({ PointInTimeRecoveryStatus: 'DISABLED' })
  })
})

it('all else is DynamoDB Local’s own answer', async () => {
  await aws.dynamoDb.send(new PutItemCommand({ TableName: table, Item: { id: { S: 'via' } } }))
  expect(await creditsIn(table)).toEqual({ via: undefined })
  const missing = new ScanCommand({ TableName: 'nobody' })
  await expect(aws.dynamoDb.send(missing)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})

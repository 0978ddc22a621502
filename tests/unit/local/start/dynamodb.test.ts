import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DescribeTimeToLiveCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DynamoDbLocal, startDynamoDbLocal } from '../../../../local/dynamodb.ts'
import { createTables, readTables, requireTables, type TableInput } from '../../../../local/tables.ts'

let dir: string
let engine: DynamoDbLocal
let tables: TableInput[]
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dynamodb-'))
  tables = await readTables('test')
  engine = await startDynamoDbLocal({ dir })
  await createTables(engine.endpoint, tables)
})
afterAll(async () => {
  await engine.close()
  await rm(dir, { recursive: true })
})

const connect = (): DynamoDBClient =>
  new DynamoDBClient({
    endpoint: engine.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'another', secretAccessKey: 'another' },
  })

describe('DynamoDB Local', () => {
  it('has the tables, whatever region and key ask for them', async () => {
    const { TableNames } = await connect().send(new ListTablesCommand({}))
    expect(TableNames?.sort()).toEqual(tables.map(table => table.TableName).sort())
  })

  it('keeps them over a restart, and creating them again changes nothing', async () => {
    await engine.close()
    engine = await startDynamoDbLocal({ dir })
    await createTables(engine.endpoint, tables)
    const { TableNames } = await connect().send(new ListTablesCommand({}))
    expect(TableNames).toHaveLength(tables.length)
  })

  it('lets items expire in exactly the tables that say so', async () => {
    const client = connect()
    for (const { TableName, TimeToLiveSpecification } of tables) {
      const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }))
      expect(TimeToLiveDescription).toMatchObject(
        TimeToLiveSpecification === undefined
          ? { TimeToLiveStatus: 'DISABLED' }
          : { TimeToLiveStatus: 'ENABLED', AttributeName: TimeToLiveSpecification.AttributeName },
      )
    }
  })

  it('refuses a table that exists with other indexes, and says how to forget it', async () => {
    const indexed = tables.find(table => table.GlobalSecondaryIndexes !== undefined)
    if (indexed === undefined) throw new Error('No table has an index.')
    const changed = {
      ...indexed,
      GlobalSecondaryIndexes: indexed.GlobalSecondaryIndexes?.map(index => ({
        ...index,
        Projection: { ProjectionType: 'ALL' as const },
      })),
    }
    await expect(createTables(engine.endpoint, [changed])).rejects.toThrow(
      `The table ${indexed.TableName} was made with other keys or indexes`,
    )
  })

  it('is asked for tables that must be there, and names those that are not', async () => {
    await requireTables(engine.endpoint, tables)
    const [first] = tables
    if (first === undefined) throw new Error('There is no table.')
    const others = [first, { ...first, TableName: 'one-r1' }, { ...first, TableName: 'two-r1' }]
    await expect(requireTables(engine.endpoint, others)).rejects.toThrow(
      'There is no table one-r1, nor two-r1.',
    )
  })

  it('is gone once it is closed', async () => {
    const other = await startDynamoDbLocal()
    await other.close()
    await expect(fetch(other.endpoint)).rejects.toThrow()
    expect(await other.ended).toMatch(/SIGTERM|143/)
  })
})

import * as z from 'zod'
import { AwsError } from '../errors.ts'
import type { Engine } from './engine.ts'

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }))

const tableSchema = z.object({
  Table: z.object({
    TableName: z.string(),
    TableArn: z.string(),
    AttributeDefinitions: z.array(z.unknown()),
    KeySchema: keySchema,
    GlobalSecondaryIndexes: z
      .array(z.object({ IndexName: z.string(), KeySchema: keySchema, Projection: z.unknown() }))
      .default([]),
    StreamSpecification: z.object({ StreamEnabled: z.boolean() }).optional(),
    LatestStreamArn: z.string().optional(),
  }),
})
export type Table = z.infer<typeof tableSchema>['Table']

/** A table as the engine has it; undefined when there is none. */
export async function findTable(engine: Engine, name: string): Promise<Table | undefined> {
  try {
    return (await engine.call(tableSchema, 'DescribeTable', { TableName: name })).Table
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined
    throw error
  }
}

/** Makes an empty table with another's keys and indexes. Like a restored one it has no stream and no time-to-live. */
export async function createTableLike(engine: Engine, source: Table, name: string): Promise<void> {
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = source
  await engine.call(z.unknown(), 'CreateTable', {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions,
    KeySchema,
    ...(GlobalSecondaryIndexes.length === 0 ? {} : { GlobalSecondaryIndexes }),
  })
}

/** Has the engine keep what each write replaced. */
export async function enableStream(engine: Engine, table: Table): Promise<void> {
  if (table.StreamSpecification?.StreamEnabled) return
  await engine.call(z.unknown(), 'UpdateTable', {
    TableName: table.TableName,
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  })
}

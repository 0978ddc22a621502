import { randomUUID } from 'node:crypto'
import { DeleteCommand, paginateScan } from '@aws-sdk/lib-dynamodb'
import { createTables, readTables } from '../../local/tables.ts'
import { createDocumentClient, type Database } from '../../src/db/dynamodb.ts'
import { endpointVariable, testStage } from './dynamodb-engine.ts'

process.env.AWS_ACCESS_KEY_ID ??= 'test'
process.env.AWS_SECRET_ACCESS_KEY ??= 'test'

/** Where this run's DynamoDB Local listens. */
export const engineEndpoint = (): string => {
  const endpoint = process.env[endpointVariable]
  if (endpoint === undefined) throw new Error('DynamoDB Local was not started: run this through vitest.')
  return endpoint
}

const tableName = (stage: string, table: string): string => `live-transcription-${stage}-${table}`

/** The run's tables, or those of another stage, through `endpoint` (a fault proxy, or the engine itself). */
export const connect = (endpoint: string = engineEndpoint(), stage: string = testStage): Database => ({
  client: createDocumentClient({ region: 'us-east-1', endpoint }),
  tables: {
    users: tableName(stage, 'users'),
    usage: tableName(stage, 'usage'),
    transactions: tableName(stage, 'transactions'),
    ephemera: tableName(stage, 'ephemera'),
  },
})

/** Tables of a test's own, for what looks at all that is in them. */
export const connectToOwnTables = async (): Promise<Database> => {
  const stage = `own-${randomUUID().slice(0, 8)}`
  await createTables(engineEndpoint(), await readTables(stage))
  return connect(engineEndpoint(), stage)
}

const keyNames = {
  users: ['user_id'],
  usage: ['user_id', 'timestamp'],
  transactions: ['transaction_id'],
  ephemera: ['key'],
} as const

/** Leaves nothing in tables of a test's own: quicker than to make others. */
export const emptyTables = async ({ client, tables }: Database): Promise<void> => {
  for (const [table, names] of Object.entries(keyNames)) {
    const TableName = tables[table as keyof typeof keyNames]
    for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
      const keys = Items.map(item => Object.fromEntries(names.map(name => [name, item[name]])))
      await Promise.all(keys.map(Key => client.send(new DeleteCommand({ TableName, Key }))))
    }
  }
}

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

const tableName = (table: string): string => `live-transcription-${testStage}-${table}`

/** The run's tables, through `endpoint` (a fault proxy, or the engine itself). */
export const connect = (endpoint: string = engineEndpoint()): Database => ({
  client: createDocumentClient({ region: 'us-east-1', endpoint }),
  tables: {
    users: tableName('users'),
    usage: tableName('usage'),
    transactions: tableName('transactions'),
    ephemera: tableName('ephemera'),
  },
})

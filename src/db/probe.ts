import { GetCommand } from '@aws-sdk/lib-dynamodb'
import type { DatabaseProbe } from '../domain/ports.ts'
import type { Database } from './dynamodb.ts'

/** Asks the tables for an item that isn't there: it needs no right but to read. */
export class DynamoProbe implements DatabaseProbe {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async isReachable(): Promise<boolean> {
    const { client, tables } = this.#db
    const reads = [
      new GetCommand({ TableName: tables.users, Key: { user_id: 'health' } }),
      new GetCommand({ TableName: tables.usage, Key: { user_id: 'health', timestamp: 'health' } }),
      new GetCommand({ TableName: tables.transactions, Key: { transaction_id: 'health' } }),
      new GetCommand({ TableName: tables.ephemera, Key: { key: 'health' } }),
    ]
    const results = await Promise.allSettled(reads.map(read => client.send(read)))
    return results.every(result => result.status === 'fulfilled')
  }
}

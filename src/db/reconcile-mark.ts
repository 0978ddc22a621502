import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { ReconcileMark } from '../domain/audit-ports.ts'
import type { Backoff } from '../domain/ports.ts'
import { retryConflicts } from './conditional-write.ts'
import type { Database } from './dynamodb.ts'

const key = 'reconcile'
const markSchema = z.object({ after_user_id: z.string().optional(), at_ms: z.int().optional() })

/** Where the nightly reconciliation stopped, one item in the Ephemera table: without it the next one begins anew. */
export class DynamoReconcileMark implements ReconcileMark {
  readonly #db: Database
  readonly #backoff: Backoff

  constructor(db: Database, backoff: Backoff) {
    this.#db = db
    this.#backoff = backoff
  }

  async read(): Promise<string | undefined> {
    return (await this.#read())?.after_user_id
  }

  /** When the last run ended; undefined where there has been none. */
  async lastRunAtMs(): Promise<number | undefined> {
    return (await this.#read())?.at_ms
  }

  async #read(): Promise<z.output<typeof markSchema> | undefined> {
    const TableName = this.#db.tables.ephemera
    const { Item } = await this.#db.client.send(
      new GetCommand({ TableName, Key: { key }, ConsistentRead: true }),
    )
    return Item && markSchema.parse(Item)
  }

  async note(after: string | undefined): Promise<void> {
    await this.#put(after, await this.lastRunAtMs())
  }

  async write(after: string | undefined, atMs: number): Promise<void> {
    await this.#put(after, atMs)
  }

  async #put(after: string | undefined, atMs: number | undefined): Promise<void> {
    const TableName = this.#db.tables.ephemera
    await retryConflicts(this.#backoff, () =>
      this.#db.client.send(new PutCommand({ TableName, Item: { key, after_user_id: after, at_ms: atMs } })),
    )
  }
}

import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { Backoff, SweepMark } from '../domain/ports.ts'
import { conditional } from './conditional-write.ts'
import type { Database } from './dynamodb.ts'

const key = 'sweep'
const markSchema = z.object({ swept_until_ms: z.int() })

/** The sweep's mark, one item in the Ephemera table: without it the next sweep looks back a day. */
export class DynamoSweepMark implements SweepMark {
  readonly #db: Database
  readonly #backoff: Backoff

  constructor(db: Database, backoff: Backoff) {
    this.#db = db
    this.#backoff = backoff
  }

  async read(): Promise<number | undefined> {
    const TableName = this.#db.tables.ephemera
    const { Item } = await this.#db.client.send(
      new GetCommand({ TableName, Key: { key }, ConsistentRead: true }),
    )
    return Item && markSchema.parse(Item).swept_until_ms
  }

  async write(sweptUntilMs: number): Promise<void> {
    await conditional(this.#backoff, () =>
      this.#db.client.send(
        new UpdateCommand({
          TableName: this.#db.tables.ephemera,
          Key: { key },
          UpdateExpression: 'SET swept_until_ms = :ms',
          ConditionExpression: 'attribute_not_exists(swept_until_ms) OR swept_until_ms < :ms',
          ExpressionAttributeValues: { ':ms': sweptUntilMs },
        }),
      ),
    )
  }
}

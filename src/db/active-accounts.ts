import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { ActiveAccounts, Backoff, Clock } from '../domain/ports.ts'
import { retryConflicts } from './conditional-write.ts'
import type { Database } from './dynamodb.ts'

const hourMs = 3_600_000
/** A sweep that was held up for longer misses what stands open; it ends with the account's next operation all the same. */
const keptMs = 7 * 24 * hourMs

const hourOf = (atMs: number): number => Math.floor(atMs / hourMs)
const prefixOf = (hour: number): string => `active#${hour}#`
const foundSchema = z.object({ key: z.string() })

/**
 * Accounts by the hours in which they were active, in the Ephemera table: an item for each account and hour, found by
 * a sparse index. A note is a read, and in an hour's first operation two write units more (the item and its index).
 */
export class DynamoActiveAccounts implements ActiveAccounts {
  readonly #db: Database
  readonly #backoff: Backoff
  readonly #now: Clock

  constructor(db: Database, backoff: Backoff, now: Clock) {
    this.#db = db
    this.#backoff = backoff
    this.#now = now
  }

  async note(userId: string): Promise<void> {
    const hour = hourOf(this.#now())
    const TableName = this.#db.tables.ephemera
    const key = `${prefixOf(hour)}${userId}`
    const { Item } = await this.#db.client.send(
      new GetCommand({ TableName, Key: { key }, ProjectionExpression: 'active_in' }),
    )
    if (Item) return
    const expires_at = Math.ceil((hour * hourMs + keptMs) / 1_000)
    await retryConflicts(this.#backoff, () =>
      this.#db.client.send(new PutCommand({ TableName, Item: { key, active_in: String(hour), expires_at } })),
    )
  }

  async *since(fromMs: number): AsyncGenerator<readonly string[]> {
    const lastHour = hourOf(this.#now())
    const firstHour = hourOf(Math.max(fromMs, this.#now() - keptMs))
    for (let hour = firstHour; hour <= lastHour; hour++) yield* this.#ofHour(hour)
  }

  async *#ofHour(hour: number): AsyncGenerator<readonly string[]> {
    let startAfter: Record<string, unknown> | undefined
    do {
      const page = await this.#db.client.send(
        new QueryCommand({
          TableName: this.#db.tables.ephemera,
          IndexName: 'active_in',
          KeyConditionExpression: 'active_in = :hour',
          ExpressionAttributeValues: { ':hour': String(hour) },
          ExclusiveStartKey: startAfter,
        }),
      )
      const found = (page.Items ?? []).map(item => foundSchema.parse(item).key)
      yield found.map(key => key.slice(prefixOf(hour).length))
      startAfter = page.LastEvaluatedKey
    } while (startAfter)
  }
}

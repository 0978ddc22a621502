import { BatchGetCommand, paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { DomainError } from '../domain/errors.ts'
import type { TransactionRow, UsageRow } from '../domain/journal.ts'
import type { Backoff, Page, TransactionHistory, UsageHistory } from '../domain/ports.ts'
import type { Database } from './dynamodb.ts'
import { toTransactionRow } from './transaction-item.ts'
import { toUsageRow } from './usage-item.ts'

const cursorSchema = z.object({ t: z.string().min(1).max(200), c: z.string().min(1).max(40) })
type Cursor = z.infer<typeof cursorSchema>

const encodeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url')

const decodeCursor = (text: string): Cursor => {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
  } catch (error) {
    throw new DomainError(
      'validation_failed',
      'This cursor is not one that the API gave. Start from the first page.',
      { errors: [{ path: 'cursor', message: 'Unknown cursor.' }] },
      error,
    )
  }
}

const keySchema = z.object({ transaction_id: z.string(), created_at: z.string() })

/**
 * A user's transactions by time. The index holds keys alone, so that a change of status writes to the table
 * only; the rows are fetched by their keys.
 */
export class DynamoTransactionHistory implements TransactionHistory {
  readonly #db: Database
  readonly #backoff: Backoff

  constructor(db: Database, backoff: Backoff) {
    this.#db = db
    this.#backoff = backoff
  }

  async page(userId: string, limit: number, cursor: string | undefined): Promise<Page<TransactionRow>> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor)
    const { Items = [], LastEvaluatedKey } = await this.#db.client.send(
      new QueryCommand({
        TableName: this.#db.tables.transactions,
        IndexName: 'user_id',
        KeyConditionExpression: 'user_id = :user',
        ExpressionAttributeValues: { ':user': userId },
        ScanIndexForward: false,
        Limit: limit,
        ExclusiveStartKey: after && { user_id: userId, transaction_id: after.t, created_at: after.c },
      }),
    )
    const keys = Items.map(item => keySchema.parse(item))
    const rows = await this.#fetch(keys.map(key => key.transaction_id))
    const last = LastEvaluatedKey && keys.at(-1)
    return {
      rows: keys.flatMap(key => rows.get(key.transaction_id) ?? []),
      nextCursor: last && encodeCursor({ t: last.transaction_id, c: last.created_at }),
    }
  }

  async #fetch(transactionIds: readonly string[]): Promise<Map<string, TransactionRow>> {
    const rows = new Map<string, TransactionRow>()
    const table = this.#db.tables.transactions
    let keys: Record<string, unknown>[] = transactionIds.map(id => ({ transaction_id: id }))
    for (let attempt = 0; keys.length > 0; attempt++) {
      if (attempt > 0) await this.#backoff(attempt)
      const { Responses, UnprocessedKeys } = await this.#db.client.send(
        new BatchGetCommand({ RequestItems: { [table]: { Keys: keys } } }),
      )
      for (const item of Responses?.[table] ?? []) {
        const row = toTransactionRow(item)
        rows.set(row.transactionId, row)
      }
      keys = UnprocessedKeys?.[table]?.Keys ?? []
    }
    return rows
  }
}

/** Sorts behind every key of its millisecond. */
const endOfMillisecond = '\uffff'

/** A user's journal of debits by time. */
export class DynamoUsageHistory implements UsageHistory {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async between(userId: string, fromMs: number, toMs: number): Promise<readonly UsageRow[]> {
    const pages = paginateQuery(
      { client: this.#db.client },
      {
        TableName: this.#db.tables.usage,
        KeyConditionExpression: 'user_id = :user AND #timestamp BETWEEN :from AND :to',
        ProjectionExpression:
          'user_id, #timestamp, service_type, credits_used, balance_after, metadata, request_hash, price_list_version',
        ExpressionAttributeNames: { '#timestamp': 'timestamp' },
        ExpressionAttributeValues: {
          ':user': userId,
          ':from': new Date(fromMs).toISOString(),
          ':to': `${new Date(toMs).toISOString()}${endOfMillisecond}`,
        },
        ScanIndexForward: false,
      },
    )
    const rows: UsageRow[] = []
    for await (const page of pages) rows.push(...(page.Items ?? []).map(toUsageRow))
    return rows
  }
}

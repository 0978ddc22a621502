import { BatchGetCommand, paginateQuery, paginateScan } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { Consistency, LedgerAudit } from '../domain/audit-ports.ts'
import type { TransactionRow } from '../domain/journal.ts'
import type { Backoff } from '../domain/ports.ts'
import type { Database } from './dynamodb.ts'
import { isEmailKey } from './email-key.ts'
import { toTransactionRow } from './transaction-item.ts'

const userSchema = z.object({ user_id: z.string() })
const debitSchema = z.object({ credits_used: z.int() })
const keySchema = z.object({ transaction_id: z.string() })

/** Items of one page of the scan: few enough that those who read them are not far behind. */
const scanLimit = 200
/** As many as DynamoDB takes at once. */
const mostKeys = 100

/** All of the ledger's tables, read for proving them. The only reader that scans. */
export class DynamoLedgerAudit implements LedgerAudit {
  readonly #db: Database
  readonly #backoff: Backoff

  constructor(db: Database, backoff: Backoff) {
    this.#db = db
    this.#backoff = backoff
  }

  async *accountIds(after: string | undefined): AsyncGenerator<readonly string[]> {
    const pages = paginateScan(
      {
        client: this.#db.client,
        pageSize: scanLimit,
        ...(after === undefined ? {} : { startingToken: { user_id: after } }),
      },
      { TableName: this.#db.tables.users, ProjectionExpression: 'user_id' },
    )
    for await (const { Items = [] } of pages) {
      yield Items.map(item => userSchema.parse(item).user_id).filter(id => !isEmailKey(id))
    }
  }

  async usageTotal(userId: string, consistency: Consistency): Promise<number> {
    const pages = paginateQuery(
      { client: this.#db.client },
      {
        TableName: this.#db.tables.usage,
        KeyConditionExpression: 'user_id = :user',
        ProjectionExpression: 'credits_used',
        ExpressionAttributeValues: { ':user': userId },
        ConsistentRead: consistency === 'strong',
      },
    )
    let total = 0
    for await (const { Items = [] } of pages) {
      for (const item of Items) total += debitSchema.parse(item).credits_used
    }
    return total
  }

  async transactions(userId: string, consistency: Consistency): Promise<TransactionRow[]> {
    const pages = paginateQuery(
      { client: this.#db.client, pageSize: mostKeys },
      {
        TableName: this.#db.tables.transactions,
        IndexName: 'user_id',
        KeyConditionExpression: 'user_id = :user',
        ExpressionAttributeValues: { ':user': userId },
      },
    )
    const rows: TransactionRow[] = []
    for await (const { Items = [] } of pages) {
      const ids = Items.map(item => keySchema.parse(item).transaction_id)
      rows.push(...(await this.#fetch(ids, consistency)))
    }
    return rows
  }

  async #fetch(transactionIds: readonly string[], consistency: Consistency): Promise<TransactionRow[]> {
    const rows: TransactionRow[] = []
    const table = this.#db.tables.transactions
    let keys: Record<string, unknown>[] = transactionIds.map(id => ({ transaction_id: id }))
    for (let attempt = 0; keys.length > 0; attempt++) {
      if (attempt > 0) await this.#backoff(attempt)
      const { Responses, UnprocessedKeys } = await this.#db.client.send(
        new BatchGetCommand({
          RequestItems: { [table]: { Keys: keys, ConsistentRead: consistency === 'strong' } },
        }),
      )
      rows.push(...(Responses?.[table] ?? []).map(toTransactionRow))
      keys = UnprocessedKeys?.[table]?.Keys ?? []
    }
    return rows
  }
}

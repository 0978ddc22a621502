import { randomUUID } from 'node:crypto'
import { paginateQuery, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Account } from '../domain/account.ts'
import { erased } from '../domain/erasure.ts'
import type { UsageRow } from '../domain/journal.ts'
import type { PersonalRecords } from '../domain/personal-ports.ts'
import type { Backoff } from '../domain/ports.ts'
import { conditional, transact } from './conditional-write.ts'
import type { Database } from './dynamodb.ts'
import { emailKey } from './email-key.ts'
import { toUsageItem, toUsageRow } from './usage-item.ts'

const nothingHeld = 'size(holds) = :none'

/** What is kept about one listener, in the Users and Usage tables. */
export class DynamoPersonalRecords implements PersonalRecords {
  readonly #db: Database
  readonly #backoff: Backoff

  constructor(db: Database, backoff: Backoff) {
    this.#db = db
    this.#backoff = backoff
  }

  async *usage(userId: string): AsyncGenerator<readonly UsageRow[]> {
    const pages = paginateQuery(
      { client: this.#db.client },
      {
        TableName: this.#db.tables.usage,
        KeyConditionExpression: 'user_id = :user',
        ExpressionAttributeValues: { ':user': userId },
        ConsistentRead: true,
      },
    )
    for await (const { Items = [] } of pages) yield Items.map(toUsageRow)
  }

  async close(userId: string): Promise<boolean> {
    const { held } = await conditional(this.#backoff, () =>
      this.#db.client.send(
        new UpdateCommand({
          TableName: this.#db.tables.users,
          Key: { user_id: userId },
          UpdateExpression: 'SET is_active = :false',
          ConditionExpression: nothingHeld,
          ExpressionAttributeValues: { ':false': false, ':none': 0 },
        }),
      ),
    )
    return held
  }

  async redactUsage(row: UsageRow): Promise<void> {
    const { user_id, timestamp, metadata, request_hash } = toUsageItem(row)
    await conditional(this.#backoff, () =>
      this.#db.client.send(
        new UpdateCommand({
          TableName: this.#db.tables.usage,
          Key: { user_id, timestamp },
          UpdateExpression: 'SET metadata = :metadata, request_hash = :hash REMOVE #result',
          ConditionExpression: 'attribute_exists(user_id)',
          ExpressionAttributeNames: { '#result': 'result' },
          ExpressionAttributeValues: { ':metadata': metadata, ':hash': request_hash },
        }),
      ),
    )
  }

  async forget({ userId, email }: Account): Promise<boolean> {
    const TableName = this.#db.tables.users
    const ClientRequestToken = randomUUID()
    const failed = await transact(this.#backoff, ['account', 'email'], () =>
      this.#db.client.send(
        new TransactWriteCommand({
          ClientRequestToken,
          TransactItems: [
            {
              Update: {
                TableName,
                Key: { user_id: userId },
                UpdateExpression:
                  'SET email = :erased, password_hash = :erased REMOVE #name, last_login, email_verified, stripe_customer_id, allowance_uses, last_payment',
                ConditionExpression: `is_active = :false AND email = :email AND ${nothingHeld}`,
                ExpressionAttributeNames: { '#name': 'name' },
                ExpressionAttributeValues: {
                  ':erased': erased,
                  ':false': false,
                  ':email': email,
                  ':none': 0,
                },
              },
            },
            {
              Delete: {
                TableName,
                Key: { user_id: emailKey(email) },
                ConditionExpression: 'attribute_not_exists(user_id) OR #owner = :user',
                ExpressionAttributeNames: { '#owner': 'owner' },
                ExpressionAttributeValues: { ':user': userId },
              },
            },
          ],
        }),
      ),
    )
    return failed === undefined
  }
}

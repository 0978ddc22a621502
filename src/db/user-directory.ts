import { randomUUID } from 'node:crypto'
import { GetCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { Account } from '../domain/account.ts'
import type { TransactionRow } from '../domain/journal.ts'
import type { Backoff, NewAccount, UserDirectory } from '../domain/ports.ts'
import { toAccount } from './account-item.ts'
import { retryConflicts, transact } from './conditional-write.ts'
import type { Database } from './dynamodb.ts'
import { emailKey } from './email-key.ts'
import { toTransactionItem } from './transaction-item.ts'

const emailOwnerSchema = z.object({ owner: z.string() })

/** Accounts by e-mail, in the Users table. */
export class DynamoUserDirectory implements UserDirectory {
  readonly #db: Database
  readonly #backoff: Backoff

  constructor(db: Database, backoff: Backoff) {
    this.#db = db
    this.#backoff = backoff
  }

  async create(account: NewAccount, bonus: TransactionRow): Promise<boolean> {
    const { users, transactions } = this.#db.tables
    const ClientRequestToken = randomUUID()
    const absent = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const
    const failed = await transact(this.#backoff, ['email', 'account', 'bonus'], () =>
      this.#db.client.send(
        new TransactWriteCommand({
          ClientRequestToken,
          TransactItems: [
            {
              Put: {
                TableName: users,
                Item: { user_id: emailKey(account.email), owner: account.userId },
                ConditionExpression: 'attribute_not_exists(user_id)',
                ...absent,
              },
            },
            {
              Put: {
                TableName: users,
                Item: newAccountItem(account, bonus.credits),
                ConditionExpression: 'attribute_not_exists(user_id)',
              },
            },
            {
              Put: {
                TableName: transactions,
                Item: toTransactionItem(bonus),
                ConditionExpression: 'attribute_not_exists(transaction_id)',
              },
            },
          ],
        }),
      ),
    )
    if (!failed) return true
    const owner = emailOwnerSchema.safeParse(failed.email?.item).data?.owner
    return owner === account.userId
  }

  async findByEmail(email: string): Promise<Account | undefined> {
    const owner = await this.#read(emailKey(email))
    const userId = emailOwnerSchema.safeParse(owner).data?.owner
    // As many reads for an e-mail that nobody has as for one that somebody has: the time must not tell.
    const item = await this.#read(userId ?? emailKey(email))
    return userId !== undefined && item ? toAccount(item) : undefined
  }

  async #read(userId: string): Promise<Record<string, unknown> | undefined> {
    const { Item } = await this.#db.client.send(
      new GetCommand({ TableName: this.#db.tables.users, Key: { user_id: userId }, ConsistentRead: true }),
    )
    return Item
  }

  async recordLogin(userId: string, at: string): Promise<void> {
    await retryConflicts(this.#backoff, () =>
      this.#db.client.send(
        new UpdateCommand({
          TableName: this.#db.tables.users,
          Key: { user_id: userId },
          UpdateExpression: 'SET last_login = :at',
          ConditionExpression: 'attribute_exists(user_id)',
          ExpressionAttributeValues: { ':at': at },
        }),
      ),
    )
  }

  async attachStripeCustomer(userId: string, customerId: string): Promise<string> {
    const { Attributes } = await retryConflicts(this.#backoff, () =>
      this.#db.client.send(
        new UpdateCommand({
          TableName: this.#db.tables.users,
          Key: { user_id: userId },
          UpdateExpression: 'SET stripe_customer_id = if_not_exists(stripe_customer_id, :customer)',
          ConditionExpression: 'attribute_exists(user_id)',
          ExpressionAttributeValues: { ':customer': customerId },
          ReturnValues: 'ALL_NEW',
        }),
      ),
    )
    return toAccount(Attributes).stripeCustomerId ?? customerId
  }
}

const newAccountItem = (account: NewAccount, credits: number): Record<string, unknown> => ({
  user_id: account.userId,
  email: account.email,
  name: account.name,
  password_hash: account.passwordHash,
  credits_balance: credits,
  subscription_tier: 'free',
  created_at: account.createdAt,
  last_login: account.createdAt,
  is_active: true,
  total_credits_purchased: 0,
  total_usage: 0,
  grants: {},
  holds: {},
  revision: 0,
})

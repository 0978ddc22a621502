import { randomUUID } from 'node:crypto'
import {
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb'
import { type Account, maxOpenHolds, type Split } from '../domain/account.ts'
import type { AccountChange, TransactionRow, UsageRow } from '../domain/journal.ts'
import { usageSortKey } from '../domain/operation-id.ts'
import type {
  Backoff,
  LedgerStore,
  MovementOutcome,
  Reservation,
  SettleOutcome,
  Written,
} from '../domain/ports.ts'
import { holdField, packOperationId, toAccount, toHoldItem } from './account-item.ts'
import { conditional, transact } from './conditional-write.ts'
import type { Database } from './dynamodb.ts'
import { toTransactionItem, toTransactionRow } from './transaction-item.ts'
import { toUsageItem, toUsageRow } from './usage-item.ts'

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number]
type Update = Required<Pick<UpdateCommandInput, 'UpdateExpression' | 'ConditionExpression'>> &
  Pick<UpdateCommandInput, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>

const foundAccount = (item: Record<string, unknown> | undefined): Account | undefined =>
  item && toAccount(item)

/**
 * Terms of an update that moves a split between grants and balance, in either direction. A grant that is drawn
 * on by a hold stays on the item, so its path is there.
 */
const splitTerms = (split: Split, sign: '+' | '-') => {
  const grants = Object.entries(split.fromGrants)
  return {
    set: [
      `credits_balance = credits_balance ${sign} :fromBalance`,
      ...grants.map((_, i) => `grants.#g${i}.remaining = grants.#g${i}.remaining ${sign} :g${i}`),
    ],
    names: Object.fromEntries(grants.map(([id], i) => [`#g${i}`, id])),
    values: {
      ':fromBalance': split.fromBalance,
      ...Object.fromEntries(grants.map(([, credits], i) => [`:g${i}`, credits])),
    },
  }
}

const reserveUpdate = ({ operationId, hold }: Reservation, nowMs: number): Update => {
  const terms = splitTerms(hold.split, '-')
  const grantConditions = Object.keys(hold.split.fromGrants).map(
    (_, i) => `grants.#g${i}.remaining >= :g${i} AND grants.#g${i}.expires_at > :now`,
  )
  return {
    UpdateExpression: `SET holds.#op = :hold, revision = revision + :one, ${terms.set.join(', ')}`,
    ConditionExpression: [
      'is_active = :true',
      'attribute_not_exists(holds.#op)',
      'size(holds) < :maxOpenHolds',
      'credits_balance >= :fromBalance',
      ...grantConditions,
    ].join(' AND '),
    ExpressionAttributeNames: { '#op': packOperationId(operationId), ...terms.names },
    ExpressionAttributeValues: {
      ':hold': toHoldItem(hold),
      ':one': 1,
      ':true': true,
      ':maxOpenHolds': maxOpenHolds,
      ...(grantConditions.length > 0 ? { ':now': nowMs } : {}),
      ...terms.values,
    },
  }
}

const releaseUpdate = ({ operationId, hold }: Reservation): Update => {
  const terms = splitTerms(hold.split, '+')
  return {
    UpdateExpression: `REMOVE holds.#op SET revision = revision + :one, ${terms.set.join(', ')}`,
    ConditionExpression: `holds.#op[${holdField.expiresAt}] = :exp`,
    ExpressionAttributeNames: { '#op': packOperationId(operationId), ...terms.names },
    ExpressionAttributeValues: { ':one': 1, ':exp': hold.expiresAtMs, ...terms.values },
  }
}

const settleUpdate = (account: Account, reservation: Reservation, returned: Split, cost: number): Update => {
  const terms = splitTerms(returned, '+')
  return {
    UpdateExpression: `REMOVE holds.#op SET revision = revision + :one, total_usage = total_usage + :cost, ${terms.set.join(', ')}`,
    ConditionExpression: `holds.#op[${holdField.expiresAt}] = :exp AND revision = :revision`,
    ExpressionAttributeNames: { '#op': packOperationId(reservation.operationId), ...terms.names },
    ExpressionAttributeValues: {
      ':one': 1,
      ':cost': cost,
      ':exp': reservation.hold.expiresAtMs,
      ':revision': account.revision,
      ...terms.values,
    },
  }
}

const movementUpdate = (account: Account, change: AccountChange): Update => {
  const set = ['revision = revision + :one']
  const remove: string[] = []
  const names: Record<string, string> = {}
  const values: Record<string, unknown> = { ':one': 1, ':revision': account.revision }
  if (change.balance !== undefined) {
    set.push('credits_balance = credits_balance + :balance')
    values[':balance'] = change.balance
  }
  if (change.purchased !== undefined) {
    set.push('total_credits_purchased = total_credits_purchased + :purchased')
    values[':purchased'] = change.purchased
  }
  if (change.addGrant) {
    const { id, remaining, expiresAtMs, source } = change.addGrant
    set.push('grants.#grant = :grant')
    names['#grant'] = id
    values[':grant'] = { remaining, expires_at: expiresAtMs, source }
  }
  if (change.removeGrant !== undefined) {
    remove.push('grants.#grant')
    names['#grant'] = change.removeGrant
  }
  if (change.paymentFailedAt === null) remove.push('payment_failed_at')
  if (typeof change.paymentFailedAt === 'string') {
    set.push('payment_failed_at = :paymentFailedAt')
    values[':paymentFailedAt'] = change.paymentFailedAt
  }
  return {
    UpdateExpression: `SET ${set.join(', ')}${remove.length > 0 ? ` REMOVE ${remove.join(', ')}` : ''}`,
    ConditionExpression: 'revision = :revision',
    ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
    ExpressionAttributeValues: values,
  }
}

/** The ledger's tables in DynamoDB. Every method is one conditional write or one transaction. */
export class DynamoLedgerStore implements LedgerStore {
  readonly #db: Database
  readonly #backoff: Backoff

  constructor(db: Database, backoff: Backoff) {
    this.#db = db
    this.#backoff = backoff
  }

  async readAccount(userId: string): Promise<Account | undefined> {
    const { Item } = await this.#db.client.send(
      new GetCommand({ TableName: this.#db.tables.users, Key: { user_id: userId }, ConsistentRead: true }),
    )
    return foundAccount(Item)
  }

  async readUsage(userId: string, operationId: string): Promise<UsageRow | undefined> {
    const { Item } = await this.#db.client.send(
      new GetCommand({
        TableName: this.#db.tables.usage,
        Key: { user_id: userId, timestamp: usageSortKey(operationId) },
        ConsistentRead: true,
      }),
    )
    return Item && toUsageRow(Item)
  }

  async readTransaction(transactionId: string): Promise<TransactionRow | undefined> {
    const { Item } = await this.#db.client.send(
      new GetCommand({
        TableName: this.#db.tables.transactions,
        Key: { transaction_id: transactionId },
        ConsistentRead: true,
      }),
    )
    return Item && toTransactionRow(Item)
  }

  async reserve(reservation: Reservation, nowMs: number): Promise<Written> {
    return this.#updateAccount(reservation.userId, reserveUpdate(reservation, nowMs))
  }

  async release(reservation: Reservation): Promise<Written> {
    return this.#updateAccount(reservation.userId, releaseUpdate(reservation))
  }

  async attachReference({ userId, operationId, hold }: Reservation, reference: string): Promise<Written> {
    return this.#updateAccount(userId, {
      UpdateExpression: `SET holds.#op[${holdField.reference}] = :ref`,
      ConditionExpression: `holds.#op[${holdField.expiresAt}] = :exp`,
      ExpressionAttributeNames: { '#op': packOperationId(operationId) },
      ExpressionAttributeValues: { ':ref': reference, ':exp': hold.expiresAtMs },
    })
  }

  async #updateAccount(userId: string, update: Update): Promise<Written> {
    const result = await conditional(this.#backoff, () =>
      this.#db.client.send(
        new UpdateCommand({
          TableName: this.#db.tables.users,
          Key: { user_id: userId },
          ...update,
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    )
    if (result.held) return { written: true, account: toAccount(result.output.Attributes) }
    return { written: false, account: foundAccount(result.item) }
  }

  async settle(
    account: Account,
    reservation: Reservation,
    returned: Split,
    row: UsageRow,
  ): Promise<SettleOutcome> {
    const failed = await this.#transact(
      ['account', 'row'],
      [
        this.#accountItem(account.userId, settleUpdate(account, reservation, returned, row.creditsUsed)),
        {
          Put: {
            TableName: this.#db.tables.usage,
            Item: toUsageItem(row),
            ConditionExpression: 'attribute_not_exists(user_id)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
      ],
    )
    if (!failed) return { outcome: 'settled' }
    if (failed.row?.item) return { outcome: 'row_exists', row: toUsageRow(failed.row.item) }
    return { outcome: 'account_moved', account: foundAccount(failed.account?.item) }
  }

  async putUsageIfAbsent(row: UsageRow): Promise<UsageRow> {
    const result = await conditional(this.#backoff, () =>
      this.#db.client.send(
        new PutCommand({
          TableName: this.#db.tables.usage,
          Item: toUsageItem(row),
          ConditionExpression: 'attribute_not_exists(user_id)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    )
    return !result.held && result.item ? toUsageRow(result.item) : row
  }

  async recordMovement(
    account: Account,
    row: TransactionRow,
    change: AccountChange,
  ): Promise<MovementOutcome> {
    return this.#movement(account, change, {
      Put: {
        TableName: this.#db.tables.transactions,
        Item: toTransactionItem(row),
        ConditionExpression: 'attribute_not_exists(transaction_id)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    })
  }

  async completePurchase(
    account: Account,
    row: TransactionRow,
    change: AccountChange,
  ): Promise<MovementOutcome> {
    return this.#movement(account, change, {
      Update: {
        TableName: this.#db.tables.transactions,
        Key: { transaction_id: row.transactionId },
        UpdateExpression:
          'SET #status = :completed, completed_at = :completedAt, balance_after = :balanceAfter, stripe_session_id = :session REMOVE reason',
        ConditionExpression: 'user_id = :user AND credits = :credits AND #status <> :completed',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':completed': 'completed',
          ':completedAt': row.completedAt,
          ':balanceAfter': row.balanceAfter,
          ':session': row.stripeSessionId,
          ':user': row.userId,
          ':credits': row.credits,
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    })
  }

  async #movement(account: Account, change: AccountChange, rowWrite: TransactItem): Promise<MovementOutcome> {
    const failed = await this.#transact(
      ['account', 'row'],
      [this.#accountItem(account.userId, movementUpdate(account, change)), rowWrite],
    )
    if (!failed) return { outcome: 'written' }
    if (failed.row)
      return { outcome: 'row_exists', row: failed.row.item && toTransactionRow(failed.row.item) }
    return { outcome: 'account_moved', account: foundAccount(failed.account?.item) }
  }

  #accountItem(userId: string, update: Update): TransactItem {
    return {
      Update: {
        TableName: this.#db.tables.users,
        Key: { user_id: userId },
        ...update,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    }
  }

  #transact<Name extends string>(names: readonly Name[], items: TransactItem[]) {
    const ClientRequestToken = randomUUID()
    return transact(this.#backoff, names, () =>
      this.#db.client.send(new TransactWriteCommand({ TransactItems: items, ClientRequestToken })),
    )
  }

  async putPurchaseIfAbsent(row: TransactionRow): Promise<TransactionRow | undefined> {
    const result = await conditional(this.#backoff, () =>
      this.#db.client.send(
        new PutCommand({
          TableName: this.#db.tables.transactions,
          Item: toTransactionItem(row),
          ConditionExpression: 'attribute_not_exists(transaction_id)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    )
    return result.held || !result.item ? undefined : toTransactionRow(result.item)
  }

  async attachSession(transactionId: string, stripeSessionId: string): Promise<void> {
    await conditional(this.#backoff, () =>
      this.#db.client.send(
        new UpdateCommand({
          TableName: this.#db.tables.transactions,
          Key: { transaction_id: transactionId },
          UpdateExpression: 'SET stripe_session_id = :session',
          ConditionExpression: 'attribute_exists(transaction_id)',
          ExpressionAttributeValues: { ':session': stripeSessionId },
        }),
      ),
    )
  }

  async moveStatus(
    transactionId: string,
    from: readonly TransactionRow['status'][],
    to: TransactionRow['status'],
    reason: string,
  ): Promise<boolean> {
    const result = await conditional(this.#backoff, () =>
      this.#db.client.send(
        new UpdateCommand({
          TableName: this.#db.tables.transactions,
          Key: { transaction_id: transactionId },
          UpdateExpression: 'SET #status = :to, reason = :reason',
          ConditionExpression: `#status IN (${from.map((_, i) => `:from${i}`).join(', ')})`,
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':to': to,
            ':reason': reason,
            ...Object.fromEntries(from.map((status, i) => [`:from${i}`, status])),
          },
        }),
      ),
    )
    return result.held
  }
}

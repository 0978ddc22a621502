import { randomUUID } from 'node:crypto'
import {
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb'
import { type Account, type Hold, maxOpenHolds, type Split } from '../domain/account.ts'
import type { AccountChange, AccountCondition, TransactionRow, UsageRow } from '../domain/journal.ts'
import { madeUpRowId } from '../domain/movement-ids.ts'
import { usageSortKey } from '../domain/operation-id.ts'
import type {
  AllowanceChange,
  Backoff,
  LedgerStore,
  MovementOutcome,
  PaidSession,
  Reservation,
  SettleOutcome,
  Written,
} from '../domain/ports.ts'
import { holdField, packOperationId, toAccount, toAllowanceItem, toHoldItem } from './account-item.ts'
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

/** Lets a write through only if the account has not moved since it was read, where that is asked for. */
const revisionGuard = (expected: number | undefined) =>
  expected === undefined
    ? { condition: undefined, values: {} }
    : { condition: 'revision = :revision', values: { ':revision': expected } }

const allOf = (...conditions: (string | undefined)[]): string =>
  conditions.filter(condition => condition !== undefined).join(' AND ')

/** What must hold for a split to be taken: enough in the balance, and in grants that have not lapsed. */
const enoughFor = (split: Split, nowMs: number) => {
  const grants = Object.keys(split.fromGrants).map(
    (_, i) => `grants.#g${i}.remaining >= :g${i} AND grants.#g${i}.expires_at > :now`,
  )
  return {
    conditions: ['is_active = :true', 'credits_balance >= :fromBalance', ...grants],
    values: { ':true': true, ...(grants.length > 0 ? { ':now': nowMs } : {}) },
  }
}

const reserveUpdate = (
  { operationId, hold }: Reservation,
  nowMs: number,
  expectedRevision: number | undefined,
): Update => {
  const terms = splitTerms(hold.split, '-')
  const enough = enoughFor(hold.split, nowMs)
  const guard = revisionGuard(expectedRevision)
  return {
    UpdateExpression: `SET holds.#op = :hold, revision = revision + :one, ${terms.set.join(', ')}`,
    ConditionExpression: allOf(
      'attribute_not_exists(holds.#op)',
      'size(holds) < :maxOpenHolds',
      ...enough.conditions,
      guard.condition,
    ),
    ExpressionAttributeNames: { '#op': packOperationId(operationId), ...terms.names },
    ExpressionAttributeValues: {
      ':hold': toHoldItem(hold),
      ':one': 1,
      ':maxOpenHolds': maxOpenHolds,
      ...enough.values,
      ...guard.values,
      ...terms.values,
    },
  }
}

const renewUpdate = (
  { operationId, hold }: Reservation,
  renewed: Hold,
  added: Split,
  nowMs: number,
): Update => {
  const terms = splitTerms(added, '-')
  const enough = enoughFor(added, nowMs)
  return {
    UpdateExpression: `SET holds.#op = :hold, revision = revision + :one, ${terms.set.join(', ')}`,
    ConditionExpression: allOf(`holds.#op[${holdField.expiresAt}] = :exp`, ...enough.conditions),
    ExpressionAttributeNames: { '#op': packOperationId(operationId), ...terms.names },
    ExpressionAttributeValues: {
      ':hold': toHoldItem(renewed),
      ':one': 1,
      ':exp': hold.expiresAtMs,
      ...enough.values,
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

/** Terms of an update that uses the allowance, if nobody else has since it was read. */
const allowanceTerms = (change: AllowanceChange | undefined) => {
  if (!change) return { set: [], condition: undefined, values: {} }
  const unused = change.before.length === 0
  return {
    set: ['allowance_uses = :uses'],
    condition: unused ? 'attribute_not_exists(allowance_uses)' : 'allowance_uses = :usesBefore',
    values: {
      ':uses': toAllowanceItem(change.after),
      ...(unused ? {} : { ':usesBefore': toAllowanceItem(change.before) }),
    },
  }
}

const settleUpdate = (
  reservation: Reservation,
  returned: Split,
  cost: number,
  expectedRevision: number | undefined,
  allowance: AllowanceChange | undefined,
): Update => {
  const terms = splitTerms(returned, '+')
  const guard = revisionGuard(expectedRevision)
  const use = allowanceTerms(allowance)
  const set = ['revision = revision + :one', 'total_usage = total_usage + :cost', ...terms.set, ...use.set]
  return {
    UpdateExpression: `REMOVE holds.#op SET ${set.join(', ')}`,
    ConditionExpression: allOf(`holds.#op[${holdField.expiresAt}] = :exp`, guard.condition, use.condition),
    ExpressionAttributeNames: { '#op': packOperationId(reservation.operationId), ...terms.names },
    ExpressionAttributeValues: {
      ':one': 1,
      ':cost': cost,
      ':exp': reservation.hold.expiresAtMs,
      ...guard.values,
      ...use.values,
      ...terms.values,
    },
  }
}

/** Moves nothing; but who has read the account and found no row must not go by that. */
const lateUsageUpdate = ({ operationId, requestHash }: UsageRow): Update => ({
  UpdateExpression: 'SET revision = revision + :one',
  ConditionExpression: `is_active = :true AND (attribute_not_exists(holds.#op) OR holds.#op[${holdField.requestHash}] = :hash)`,
  ExpressionAttributeNames: { '#op': packOperationId(operationId) },
  ExpressionAttributeValues: { ':one': 1, ':hash': requestHash, ':true': true },
})

/** One clause of a movement's update: what it sets or removes, and the names and values that it needs. */
interface Clause {
  readonly set?: string
  readonly remove?: string
  readonly names?: Readonly<Record<string, string>>
  readonly values?: Readonly<Record<string, unknown>>
}

const movementClauses = (change: AccountChange): Clause[] => [
  change.balance === undefined
    ? {}
    : { set: 'credits_balance = credits_balance + :balance', values: { ':balance': change.balance } },
  change.purchased === undefined
    ? {}
    : {
        set: 'total_credits_purchased = total_credits_purchased + :purchased',
        values: { ':purchased': change.purchased },
      },
  change.addGrant === undefined
    ? {}
    : {
        set: 'grants.#grant = :grant',
        names: { '#grant': change.addGrant.id },
        values: {
          ':grant': {
            remaining: change.addGrant.remaining,
            expires_at: change.addGrant.expiresAtMs,
            source: change.addGrant.source,
          },
        },
      },
  change.removeGrant === undefined
    ? {}
    : { remove: 'grants.#grant', names: { '#grant': change.removeGrant } },
  change.lastPayment === undefined
    ? {}
    : {
        set: 'last_payment = :payment',
        values: { ':payment': [change.lastPayment.at, change.lastPayment.failed] },
      },
]

/** Terms of a movement's condition, beside the revision. */
const conditionTerms = ({ isActive, leastBalance }: AccountCondition) => ({
  conditions: [
    isActive && 'is_active = :true',
    leastBalance === undefined ? undefined : 'credits_balance >= :least',
  ],
  values: {
    ...(isActive ? { ':true': true } : {}),
    ...(leastBalance === undefined ? {} : { ':least': leastBalance }),
  },
})

const movementUpdate = (
  change: AccountChange,
  expectedRevision: number | undefined,
  condition: AccountCondition = {},
): Update => {
  const guard = revisionGuard(expectedRevision)
  const needed = conditionTerms(condition)
  const clauses = movementClauses(change)
  const set = ['revision = revision + :one', ...clauses.flatMap(clause => clause.set ?? [])]
  const remove = clauses.flatMap(clause => clause.remove ?? [])
  const names = Object.assign({}, ...clauses.map(clause => clause.names))
  return {
    UpdateExpression: `SET ${set.join(', ')}${remove.length > 0 ? ` REMOVE ${remove.join(', ')}` : ''}`,
    ConditionExpression: allOf('attribute_exists(user_id)', guard.condition, ...needed.conditions),
    ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
    ExpressionAttributeValues: Object.assign(
      { ':one': 1 },
      guard.values,
      needed.values,
      ...clauses.map(clause => clause.values),
    ),
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

  async reserve(reservation: Reservation, nowMs: number, expectedRevision?: number): Promise<Written> {
    return this.#updateAccount(reservation.userId, reserveUpdate(reservation, nowMs, expectedRevision))
  }

  async renew(reservation: Reservation, renewed: Hold, added: Split, nowMs: number): Promise<Written> {
    return this.#updateAccount(reservation.userId, renewUpdate(reservation, renewed, added, nowMs))
  }

  async useAllowance({ userId, operationId, hold }: Reservation, change: AllowanceChange): Promise<Written> {
    const use = allowanceTerms(change)
    return this.#updateAccount(userId, {
      UpdateExpression: `SET ${use.set.join(', ')}`,
      ConditionExpression: allOf(`holds.#op[${holdField.expiresAt}] = :exp`, use.condition),
      ExpressionAttributeNames: { '#op': packOperationId(operationId) },
      ExpressionAttributeValues: { ':exp': hold.expiresAtMs, ...use.values },
    })
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
    reservation: Reservation,
    returned: Split,
    row: UsageRow,
    expectedRevision: number | undefined,
    allowance?: AllowanceChange,
  ): Promise<SettleOutcome> {
    const failed = await this.#transact(
      ['account', 'row'],
      [
        this.#accountItem(
          row.userId,
          settleUpdate(reservation, returned, row.creditsUsed, expectedRevision, allowance),
        ),
        {
          Put: this.#newUsage(row),
        },
      ],
    )
    if (!failed) return { outcome: 'settled' }
    if (failed.row?.item) return { outcome: 'row_exists', row: toUsageRow(failed.row.item) }
    return { outcome: 'account_moved', account: foundAccount(failed.account?.item) }
  }

  async putUsageIfAbsent(row: UsageRow): Promise<UsageRow | undefined> {
    const failed = await this.#transact(
      ['account', 'row'],
      [this.#accountItem(row.userId, lateUsageUpdate(row)), { Put: this.#newUsage(row) }],
    )
    if (failed?.row?.item) return toUsageRow(failed.row.item)
    return failed ? undefined : row
  }

  async recordMovement(
    row: TransactionRow,
    change: AccountChange,
    expectedRevision: number | undefined,
    condition?: AccountCondition,
    paid?: PaidSession,
  ): Promise<MovementOutcome> {
    const update = movementUpdate(change, expectedRevision, condition)
    return this.#movement(
      row.userId,
      update,
      { Put: this.#newTransaction(row) },
      paid && this.#unlessCredited(paid),
    )
  }

  async completePurchase(
    row: TransactionRow,
    change: AccountChange,
    expectedRevision: number | undefined,
  ): Promise<MovementOutcome> {
    const { stripeSessionId } = row
    const completed = {
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
    } as const
    const update = movementUpdate(change, expectedRevision)
    return this.#movement(
      row.userId,
      update,
      completed,
      stripeSessionId === undefined ? undefined : this.#unlessMadeUp(stripeSessionId),
    )
  }

  async #movement(
    userId: string,
    update: Update,
    rowWrite: TransactItem,
    payment?: TransactItem,
  ): Promise<MovementOutcome> {
    const items = [this.#accountItem(userId, update), rowWrite, ...(payment ? [payment] : [])]
    const failed = await this.#transact(['account', 'row', 'payment'], items)
    if (!failed) return { outcome: 'written' }
    if (failed.row)
      return { outcome: 'row_exists', row: failed.row.item && toTransactionRow(failed.row.item) }
    if (failed.payment) return { outcome: 'payment_credited' }
    return { outcome: 'account_moved', account: foundAccount(failed.account?.item) }
  }

  /** A session has not credited its purchase; another session of the same purchase may have. */
  #unlessCredited({ transactionId, sessionId }: PaidSession): TransactItem {
    return {
      ConditionCheck: {
        TableName: this.#db.tables.transactions,
        Key: { transaction_id: transactionId },
        ConditionExpression:
          'attribute_not_exists(transaction_id) OR #status <> :completed OR stripe_session_id <> :session',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':completed': 'completed', ':session': sessionId },
      },
    }
  }

  /** Staff has not given a session's credits. */
  #unlessMadeUp(sessionId: string): TransactItem {
    return {
      ConditionCheck: {
        TableName: this.#db.tables.transactions,
        Key: { transaction_id: madeUpRowId(sessionId) },
        ConditionExpression: 'attribute_not_exists(transaction_id)',
      },
    }
  }

  /** A Usage row, if there is none of its operation. */
  #newUsage(row: UsageRow) {
    return {
      TableName: this.#db.tables.usage,
      Item: toUsageItem(row),
      ConditionExpression: 'attribute_not_exists(user_id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    } as const
  }

  /** A Transactions row, if there is none of its id. */
  #newTransaction(row: TransactionRow) {
    return {
      TableName: this.#db.tables.transactions,
      Item: toTransactionItem(row),
      ConditionExpression: 'attribute_not_exists(transaction_id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    } as const
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
      this.#db.client.send(new PutCommand(this.#newTransaction(row))),
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

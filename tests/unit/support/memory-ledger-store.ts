import {
  type Account,
  type Hold,
  isLapsed,
  maxOpenHolds,
  type Split,
  splitTotal,
  withoutHold,
} from '../../../src/domain/account.ts'
import type {
  AccountChange,
  AccountCondition,
  TransactionRow,
  UsageRow,
} from '../../../src/domain/journal.ts'
import { madeUpRowId } from '../../../src/domain/movement-ids.ts'
import type {
  AllowanceChange,
  LedgerStore,
  MovementOutcome,
  PaidSession,
  Reservation,
  SettleOutcome,
  Written,
} from '../../../src/domain/ports.ts'

/** The `LedgerStore` port in memory: each method's condition and effect as the port describes them. */
export class MemoryLedgerStore implements LedgerStore {
  readonly accounts = new Map<string, Account>()
  readonly usage = new Map<string, UsageRow>()
  readonly transactions = new Map<string, TransactionRow>()

  #usageKey(userId: string, operationId: string): string {
    return `${userId} ${operationId}`
  }

  /** Replaces an account, as another writer would: its revision goes up. */
  change(userId: string, change: (account: Account) => Account): Account {
    const account = this.accounts.get(userId)
    if (!account) throw new Error('There is no such account.')
    const changed = { ...change(account), revision: account.revision + 1 }
    this.accounts.set(userId, changed)
    return changed
  }

  async readAccount(userId: string): Promise<Account | undefined> {
    return this.accounts.get(userId)
  }

  async readUsage(userId: string, operationId: string): Promise<UsageRow | undefined> {
    return this.usage.get(this.#usageKey(userId, operationId))
  }

  async readTransaction(transactionId: string): Promise<TransactionRow | undefined> {
    return this.transactions.get(transactionId)
  }

  async reserve(
    { userId, operationId, hold }: Reservation,
    nowMs: number,
    expectedRevision?: number,
  ): Promise<Written> {
    const account = this.accounts.get(userId)
    if (!isAsExpected(account, expectedRevision)) return { written: false, account }
    if (!account || !admits(account, operationId, hold, nowMs)) return { written: false, account }
    const taken = this.change(userId, before => ({
      ...before,
      creditsBalance: before.creditsBalance - hold.split.fromBalance,
      grants: takeFromGrants(before.grants, hold.split),
      holds: { ...before.holds, [operationId]: hold },
    }))
    return { written: true, account: taken }
  }

  async renew(
    { userId, operationId, hold }: Reservation,
    renewed: Hold,
    added: Split,
    nowMs: number,
  ): Promise<Written> {
    const account = this.accounts.get(userId)
    if (!account || !isHeld(account, operationId, hold) || !canPay(account, added, nowMs)) {
      return { written: false, account }
    }
    const taken = this.change(userId, before => ({
      ...before,
      creditsBalance: before.creditsBalance - added.fromBalance,
      grants: takeFromGrants(before.grants, added),
      holds: { ...before.holds, [operationId]: renewed },
    }))
    return { written: true, account: taken }
  }

  async useAllowance({ userId, operationId, hold }: Reservation, change: AllowanceChange): Promise<Written> {
    const account = this.accounts.get(userId)
    if (!account || !isHeld(account, operationId, hold) || !isUnused(account, change)) {
      return { written: false, account }
    }
    const used = { ...account, allowanceUses: change.after }
    this.accounts.set(userId, used)
    return { written: true, account: used }
  }

  async release({ userId, operationId, hold }: Reservation): Promise<Written> {
    const account = this.accounts.get(userId)
    if (!isHeld(account, operationId, hold)) return { written: false, account }
    return {
      written: true,
      account: this.change(userId, before => withoutHold(before, operationId, hold.split)),
    }
  }

  async attachReference({ userId, operationId, hold }: Reservation, reference: string): Promise<Written> {
    const account = this.accounts.get(userId)
    const found = account?.holds[operationId]
    if (!account || !found || found.expiresAtMs !== hold.expiresAtMs) return { written: false, account }
    const noted = { ...account, holds: { ...account.holds, [operationId]: { ...found, reference } } }
    this.accounts.set(userId, noted)
    return { written: true, account: noted }
  }

  async settle(
    { userId, operationId, hold }: Reservation,
    returned: Split,
    row: UsageRow,
    expectedRevision: number | undefined,
    allowance?: AllowanceChange,
  ): Promise<SettleOutcome> {
    const stands = await this.readUsage(userId, operationId)
    if (stands) return { outcome: 'row_exists', row: stands }
    const account = this.accounts.get(userId)
    if (
      !isAsExpected(account, expectedRevision) ||
      !isHeld(account, operationId, hold) ||
      !isUnused(account, allowance)
    ) {
      return { outcome: 'account_moved', account }
    }
    this.change(userId, before => ({
      ...withoutHold(before, operationId, returned),
      allowanceUses: allowance?.after ?? before.allowanceUses,
      totalUsage: before.totalUsage + row.creditsUsed,
    }))
    this.putRow(row)
    return { outcome: 'settled' }
  }

  async putUsageIfAbsent(row: UsageRow): Promise<UsageRow | undefined> {
    const stands = await this.readUsage(row.userId, row.operationId)
    if (stands) return stands
    const account = this.accounts.get(row.userId)
    const held = account?.holds[row.operationId]
    if (!account?.isActive || (held && held.requestHash !== row.requestHash)) return undefined
    this.change(row.userId, unchanged => unchanged)
    return this.putRow(row)
  }

  /** A row that stands, however it came there. */
  putRow(row: UsageRow): UsageRow {
    this.usage.set(this.#usageKey(row.userId, row.operationId), row)
    return row
  }

  async recordMovement(
    row: TransactionRow,
    change: AccountChange,
    expectedRevision: number | undefined,
    condition: AccountCondition = {},
    paid?: PaidSession,
  ): Promise<MovementOutcome> {
    const stands = this.transactions.get(row.transactionId)
    if (stands) return { outcome: 'row_exists', row: stands }
    if (paid && this.#hasCredited(paid)) return { outcome: 'payment_credited' }
    const account = this.accounts.get(row.userId)
    if (account && !meets(account, condition)) return { outcome: 'account_moved', account }
    return this.#move(row, change, expectedRevision)
  }

  async completePurchase(
    row: TransactionRow,
    change: AccountChange,
    expectedRevision: number | undefined,
  ): Promise<MovementOutcome> {
    const stands = this.transactions.get(row.transactionId)
    if (stands?.status === 'completed') return { outcome: 'row_exists', row: stands }
    if (this.transactions.has(madeUpRowId(row.stripeSessionId ?? ''))) return { outcome: 'payment_credited' }
    return this.#move(row, change, expectedRevision)
  }

  #hasCredited({ transactionId, sessionId }: PaidSession): boolean {
    const purchase = this.transactions.get(transactionId)
    return purchase?.status === 'completed' && purchase.stripeSessionId === sessionId
  }

  #move(row: TransactionRow, change: AccountChange, expectedRevision: number | undefined): MovementOutcome {
    const account = this.accounts.get(row.userId)
    if (!isAsExpected(account, expectedRevision)) return { outcome: 'account_moved', account }
    this.change(row.userId, before => applied(before, change))
    this.transactions.set(row.transactionId, row)
    return { outcome: 'written' }
  }

  async putPurchaseIfAbsent(row: TransactionRow): Promise<TransactionRow | undefined> {
    const stands = this.transactions.get(row.transactionId)
    if (!stands) this.transactions.set(row.transactionId, row)
    return stands
  }

  async attachSession(transactionId: string, stripeSessionId: string): Promise<void> {
    const row = this.transactions.get(transactionId)
    if (row) this.transactions.set(transactionId, { ...row, stripeSessionId })
  }

  async moveStatus(
    transactionId: string,
    from: readonly TransactionRow['status'][],
    to: TransactionRow['status'],
    reason: string,
  ): Promise<boolean> {
    const row = this.transactions.get(transactionId)
    if (!row || !from.includes(row.status)) return false
    this.transactions.set(transactionId, { ...row, status: to, reason })
    return true
  }
}

const isAsExpected = (account: Account | undefined, expectedRevision: number | undefined): boolean =>
  account !== undefined && (expectedRevision === undefined || account.revision === expectedRevision)

const meets = (account: Account, { isActive, leastBalance }: AccountCondition): boolean =>
  (!isActive || account.isActive) && (leastBalance === undefined || account.creditsBalance >= leastBalance)

const isHeld = (account: Account | undefined, operationId: string, hold: Hold): boolean =>
  account?.holds[operationId]?.expiresAtMs === hold.expiresAtMs

const isUnused = (account: Account | undefined, change: AllowanceChange | undefined): boolean =>
  change === undefined || account?.allowanceUses.join() === change.before.join()

const admits = (account: Account, operationId: string, { split }: Hold, nowMs: number): boolean =>
  account.holds[operationId] === undefined &&
  Object.keys(account.holds).length < maxOpenHolds &&
  canPay(account, split, nowMs)

const canPay = (account: Account, split: Split, nowMs: number): boolean =>
  account.isActive &&
  account.creditsBalance >= split.fromBalance &&
  Object.entries(split.fromGrants).every(([id, credits]) => {
    const grant = account.grants[id]
    return grant !== undefined && grant.remaining >= credits && !isLapsed(grant, nowMs)
  })

const takeFromGrants = (grants: Account['grants'], split: Split): Account['grants'] =>
  Object.fromEntries(
    Object.entries(grants).map(([id, grant]) => [
      id,
      { ...grant, remaining: grant.remaining - (split.fromGrants[id] ?? 0) },
    ]),
  )

const applied = (account: Account, change: AccountChange): Account => {
  const { addGrant, removeGrant } = change
  const grants = { ...account.grants }
  if (addGrant) {
    const { id, ...grant } = addGrant
    grants[id] = grant
  }
  if (removeGrant) delete grants[removeGrant]
  return {
    ...account,
    grants,
    creditsBalance: account.creditsBalance + (change.balance ?? 0),
    totalCreditsPurchased: account.totalCreditsPurchased + (change.purchased ?? 0),
    lastPayment: change.lastPayment ?? account.lastPayment,
  }
}

/** All that an account has, held or not: what no failure may change. */
export const allCredits = (account: Account): number =>
  account.creditsBalance +
  Object.values(account.grants).reduce((sum, grant) => sum + grant.remaining, 0) +
  Object.values(account.holds).reduce((sum, hold) => sum + splitTotal(hold.split), 0)

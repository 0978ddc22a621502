import type { Account } from '../../../src/domain/account.ts'
import type { TransactionRow, UsageRow } from '../../../src/domain/journal.ts'
import { operationTimeMs, usageSortKey } from '../../../src/domain/operation-id.ts'
import type {
  ActiveAccounts,
  Clock,
  Counters,
  JobFailure,
  JobFailures,
  NewAccount,
  Page,
  Rotated,
  Session,
  SessionStore,
  TransactionHistory,
  UsageHistory,
  UserDirectory,
} from '../../../src/domain/ports.ts'
import type { MemoryLedgerStore } from './memory-ledger-store.ts'

/** The `UserDirectory` port over the accounts of a `MemoryLedgerStore`. */
export class MemoryUserDirectory implements UserDirectory {
  readonly #store: MemoryLedgerStore

  constructor(store: MemoryLedgerStore) {
    this.#store = store
  }

  async create(account: NewAccount, bonus: TransactionRow): Promise<boolean> {
    if (await this.findByEmail(account.email)) return false
    this.#store.accounts.set(account.userId, accountOf({ ...account, creditsBalance: bonus.credits }))
    this.#store.transactions.set(bonus.transactionId, bonus)
    return true
  }

  async findByEmail(email: string): Promise<Account | undefined> {
    return [...this.#store.accounts.values()].find(account => account.email === email)
  }

  async recordLogin(userId: string, at: string): Promise<void> {
    this.#store.change(userId, account => ({ ...account, lastLogin: at }))
  }

  async attachStripeCustomer(userId: string, customerId: string): Promise<string> {
    const { stripeCustomerId } = this.#store.change(userId, account => ({
      ...account,
      stripeCustomerId: account.stripeCustomerId ?? customerId,
    }))
    return stripeCustomerId ?? customerId
  }
}

/** An account, new but for what is given. */
export const accountOf = (fields: Partial<Account> = {}): Account => ({
  userId: '019a9d0c-7c00-7000-8000-000000000001',
  email: 'ann@example.com',
  name: undefined,
  passwordHash: 'hash of correct horse',
  subscriptionTier: 'free',
  createdAt: '2026-11-01T00:00:00.000Z',
  lastLogin: undefined,
  isActive: true,
  emailVerified: false,
  creditsBalance: 200,
  totalCreditsPurchased: 0,
  totalUsage: 0,
  grants: {},
  holds: {},
  revision: 0,
  stripeCustomerId: undefined,
  lastPayment: undefined,
  allowanceUses: [],
  ...fields,
})

/** The `ActiveAccounts` port in memory. */
export class MemoryActiveAccounts implements ActiveAccounts {
  readonly noted: { userId: string; atMs: number }[] = []
  readonly #now: Clock

  constructor(now: Clock) {
    this.#now = now
  }

  async note(userId: string): Promise<void> {
    this.noted.push({ userId, atMs: this.#now() })
  }

  async *since(fromMs: number): AsyncGenerator<readonly string[]> {
    for (const { userId, atMs } of this.noted) if (atMs >= fromMs) yield [userId]
  }
}

/** The `SessionStore` port in memory. */
export class MemorySessionStore implements SessionStore {
  readonly sessions = new Map<string, Session>()

  async put(session: Session): Promise<void> {
    this.sessions.set(session.familyId, session)
  }

  async read(familyId: string): Promise<Session | undefined> {
    return this.sessions.get(familyId)
  }

  async rotate(session: Session, rotated: Rotated): Promise<boolean> {
    if (this.sessions.get(session.familyId)?.tokenHash !== session.tokenHash) return false
    this.sessions.set(session.familyId, { ...session, ...rotated })
    return true
  }

  async end(familyId: string): Promise<void> {
    this.sessions.delete(familyId)
  }
}

/** The `Counters` port in memory. */
export class MemoryCounters implements Counters {
  readonly counts = new Map<string, number>()
  readonly expiries = new Map<string, number>()

  async increment(key: string, expiresAtMs: number): Promise<number> {
    const count = (this.counts.get(key) ?? 0) + 1
    this.counts.set(key, count)
    this.expiries.set(key, expiresAtMs)
    return count
  }

  async read(key: string): Promise<number> {
    return this.counts.get(key) ?? 0
  }
}

/** The `JobFailures` port in memory. */
export class MemoryJobFailures implements JobFailures {
  readonly failures = new Map<string, JobFailure & { readonly expiresAtMs: number }>()

  async record(userId: string, operationId: string, failure: JobFailure, expiresAtMs: number): Promise<void> {
    this.failures.set(`${userId} ${operationId}`, { ...failure, expiresAtMs })
  }

  async read(userId: string, operationId: string): Promise<JobFailure | undefined> {
    const found = this.failures.get(`${userId} ${operationId}`)
    return found && { code: found.code, detail: found.detail }
  }
}

/** The `UsageHistory` port over the rows of a `MemoryLedgerStore`. */
export class MemoryUsageHistory implements UsageHistory {
  readonly #store: MemoryLedgerStore

  constructor(store: MemoryLedgerStore) {
    this.#store = store
  }

  async between(userId: string, fromMs: number, toMs: number): Promise<readonly UsageRow[]> {
    return [...this.#store.usage.values()]
      .filter(row => row.userId === userId)
      .filter(row => operationTimeMs(row.operationId) >= fromMs && operationTimeMs(row.operationId) <= toMs)
      .sort((a, b) => (usageSortKey(a.operationId) < usageSortKey(b.operationId) ? 1 : -1))
  }
}

/** The `TransactionHistory` port over the rows of a `MemoryLedgerStore`. A cursor is how many rows were read. */
export class MemoryTransactionHistory implements TransactionHistory {
  readonly #store: MemoryLedgerStore

  constructor(store: MemoryLedgerStore) {
    this.#store = store
  }

  async page(userId: string, limit: number, cursor: string | undefined): Promise<Page<TransactionRow>> {
    const rows = [...this.#store.transactions.values()]
      .filter(row => row.userId === userId)
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    const start = Number(cursor ?? 0)
    const end = start + limit
    return { rows: rows.slice(start, end), nextCursor: end < rows.length ? String(end) : undefined }
  }
}

import {
  type AdjustmentRequest,
  adjustmentSchema,
  booksCause,
  type StaffGrantRequest,
  staffGrantSchema,
} from '../contracts/adjustments.ts'
import { type Account, creditsOwned } from './account.ts'
import { DomainError } from './errors.ts'
import type { AccountChange, AccountCondition, TransactionRow } from './journal.ts'
import { contended, expected, type Ledger, newGrantId } from './ledger.ts'
import type { Backoff, Clock, LedgerStore, Log, PaidSession } from './ports.ts'

export interface AdjustmentDependencies {
  readonly ledger: Pick<Ledger, 'fold'>
  readonly store: Pick<LedgerStore, 'readAccount' | 'readTransaction' | 'recordMovement'>
  readonly now: Clock
  readonly backoff: Backoff
  readonly log: Log
}

export interface Adjusted {
  /** The row that stands, now or since before. */
  readonly row: TransactionRow
  readonly isNew: boolean
}

/** As many as carry an adjustment through an account that a listener is using. */
const maxAttempts = 12
/** How the listener sees where the credits came from. */
const staffSource = 'staff'

interface Movement {
  readonly row: TransactionRow
  readonly change: AccountChange
  readonly condition: AccountCondition
  readonly revision: number | undefined
}

type Parsed<Data> =
  | { readonly success: true; readonly data: Data }
  | {
      readonly success: false
      readonly error: { readonly issues: readonly { path: PropertyKey[]; message: string }[] }
    }

const dataOf = <Data>(parsed: Parsed<Data>): Data => {
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  const told = errors.map(({ path, message }) => `${path}: ${message}`).join(' ')
  throw new DomainError('validation_failed', `${told} Nothing was changed.`, { errors })
}

/**
 * Credits that staff moves: each a Transactions row with its reason and who it was, written with the account in one
 * transaction. The id is the caller's, so a repeat finds the first one's row and moves nothing more.
 */
export class Adjustments {
  readonly #deps: AdjustmentDependencies

  constructor(dependencies: AdjustmentDependencies) {
    this.#deps = dependencies
  }

  /**
   * Puts credits on the balance, or takes them from it, never below zero. What happened at Stripe is booked on a closed
   * account too: who was erased may have had the money back.
   * @param paid the session whose credits these are: they are given only if its own purchase has not been credited
   * @throws {DomainError} `validation_failed`, `insufficient_credits`, `not_found`, `idempotency_mismatch`,
   *   `operation_in_progress`; nothing was changed then
   */
  async adjust(userId: string, request: AdjustmentRequest, paid?: PaidSession): Promise<Adjusted> {
    const { transaction_id, credits, reason, actor } = dataOf(adjustmentSchema.safeParse(request))
    const wanted = { transactionId: transaction_id, userId, type: 'adjustment' as const, credits, reason }
    const propose = (account: Account, attempt: number): Movement => {
      if (credits < 0 && account.creditsBalance < -credits) throw tooLittle(account, credits)
      return {
        row: this.#row({ ...wanted, actor }, account),
        change: { balance: credits },
        condition: {
          ...(booksCause(transaction_id) ? {} : { isActive: true }),
          ...(credits < 0 ? { leastBalance: -credits } : {}),
        },
        revision: expected(account, attempt),
      }
    }
    return this.#write(wanted, propose, paid)
  }

  /** Gives credits that lapse. @throws {DomainError} as `adjust` does */
  async grant(userId: string, request: StaffGrantRequest): Promise<Adjusted> {
    const { transaction_id, credits, reason, actor, expires_at } = dataOf(staffGrantSchema.safeParse(request))
    const expiresAtMs = Date.parse(expires_at)
    const lapsesAt = new Date(expiresAtMs).toISOString()
    const wanted = {
      transactionId: transaction_id,
      userId,
      type: 'grant' as const,
      credits,
      reason,
      lapsesAt,
    }
    return this.#write(wanted, account => {
      if (expiresAtMs <= this.#deps.now()) throw lapsedAlready()
      const id = newGrantId(account)
      return {
        row: this.#row({ ...wanted, actor, grantId: id }, account),
        change: { addGrant: { id, remaining: credits, expiresAtMs, source: staffSource } },
        condition: { isActive: true },
        // The grant's id follows from the revision, so that is always insisted on.
        revision: account.revision,
      }
    })
  }

  #row(
    wanted: Omit<TransactionRow, 'status' | 'createdAt' | 'completedAt' | 'balanceAfter'>,
    account: Account,
  ): TransactionRow {
    const nowMs = this.#deps.now()
    const at = new Date(nowMs).toISOString()
    const balanceAfter = creditsOwned(account, nowMs) + wanted.credits
    return { ...wanted, status: 'completed', createdAt: at, completedAt: at, balanceAfter }
  }

  async #write(
    wanted: Wanted,
    propose: (account: Account, attempt: number) => Movement,
    paid?: PaidSession,
  ): Promise<Adjusted> {
    const { store, backoff, log } = this.#deps
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      // The account before the row: a movement that its read has seen is then seen by the other too.
      const account = await this.#readAccount(wanted.userId)
      const stands = await store.readTransaction(wanted.transactionId)
      if (stands) return { row: assertSame(stands, wanted), isNew: false }
      if (!mayMove(account, wanted)) throw noSuchAccount()
      const { row, change, condition, revision } = propose(account, attempt)
      const { outcome } = await store.recordMovement(row, change, revision, condition, paid)
      if (outcome === 'written') {
        log.info('credits_adjusted', fieldsOf(row))
        return { row, isNew: true }
      }
      if (outcome === 'payment_credited') throw creditedAlready()
      if (outcome === 'account_moved') await backoff(attempt)
    }
    throw contended()
  }

  /** With what has expired back on it: that too can be taken. */
  async #readAccount(userId: string): Promise<Account | undefined> {
    const { ledger, store } = this.#deps
    const account = await store.readAccount(userId)
    return account?.isActive ? ledger.fold(account) : account
  }
}

/** What happened at Stripe is booked on a closed account too. */
const mayMove = (account: Account | undefined, { transactionId }: Wanted): account is Account =>
  account !== undefined && (account.isActive || booksCause(transactionId))

type Wanted = Pick<TransactionRow, 'transactionId' | 'userId' | 'type' | 'credits' | 'reason' | 'lapsesAt'>

const assertSame = (row: TransactionRow, wanted: Wanted): TransactionRow => {
  const isSame =
    row.userId === wanted.userId &&
    row.type === wanted.type &&
    row.credits === wanted.credits &&
    row.reason === wanted.reason &&
    row.lapsesAt === wanted.lapsesAt
  if (isSame) return row
  throw new DomainError(
    'idempotency_mismatch',
    `${row.transactionId} stands already and says something else. Nothing was changed.`,
  )
}

const tooLittle = (account: Account, credits: number): DomainError =>
  new DomainError(
    'insufficient_credits',
    `The balance has ${account.creditsBalance} credits and an adjustment takes none below zero. Nothing was changed.`,
    { required: -credits, available: Math.max(0, account.creditsBalance) },
  )

const lapsedAlready = (): DomainError =>
  new DomainError('validation_failed', 'A grant must lapse in the future. Nothing was changed.', {
    errors: [{ path: 'expires_at', message: 'Must be in the future.' }],
  })

const creditedAlready = (): DomainError =>
  new DomainError(
    'validation_failed',
    'Its own purchase has been credited for this payment. Nothing was changed.',
    { errors: [{ path: 'transaction_id', message: 'The payment has given its credits already.' }] },
  )

const noSuchAccount = (): DomainError =>
  new DomainError('not_found', 'There is no such account, or it is closed. Nothing was changed.')

const fieldsOf = (row: TransactionRow) => ({
  user_id: row.userId,
  transaction_id: row.transactionId,
  type: row.type,
  credits: row.credits,
})

import type { PurchaseResponse, TransactionResponse, TransactionsResponse } from '../contracts/credits.ts'
import type { Account } from './account.ts'
import { DomainError, UpstreamError, upstreamProblem } from './errors.ts'
import type { TransactionRow } from './journal.ts'
import type { Ledger } from './ledger.ts'
import type {
  CheckoutOrder,
  CheckoutSession,
  Clock,
  LedgerStore,
  Log,
  Payments,
  TransactionHistory,
  UserDirectory,
} from './ports.ts'
import { priceList } from './price-list.ts'

/** Under Stripe's limit of 24 hours, whatever the two clocks say. */
const checkoutLifeMs = 23 * 3_600_000
/** Over Stripe's limit of 30 minutes, whatever the two clocks say. */
const shortestCheckoutMs = 35 * 60_000

export interface PurchaseDependencies {
  readonly ledger: Ledger
  readonly store: Pick<LedgerStore, 'putPurchaseIfAbsent' | 'attachSession'>
  readonly users: Pick<UserDirectory, 'attachStripeCustomer'>
  readonly payments: Payments
  readonly now: Clock
  readonly log: Pick<Log, 'info'>
}

/** Buying a pack: the pending row is written before Stripe is called, so that no payment is without one. */
export class Purchases {
  readonly #deps: PurchaseDependencies

  constructor(dependencies: PurchaseDependencies) {
    this.#deps = dependencies
  }

  /**
   * Starts a purchase, or answers the one that the same `transactionId` has started.
   * @throws {DomainError} `validation_failed`, `idempotency_mismatch`, `upstream_failed`, `upstream_timeout`
   */
  async start(userId: string, transactionId: string, packageId: string): Promise<PurchaseResponse> {
    const { ledger, store, log } = this.#deps
    const proposed = this.#pendingRow(userId, transactionId, packageId)
    const account = await ledger.readAccount(userId)
    const stood = await store.putPurchaseIfAbsent(proposed)
    const row = stood ?? proposed
    this.#assertSamePurchase(row, userId, packageId)
    const session = await this.#checkout(account, row)
    if (row.stripeSessionId !== session.sessionId) {
      await store.attachSession(transactionId, session.sessionId)
      log.info('checkout_opened', { transaction_id: transactionId, user_id: userId, package_id: packageId })
    }
    return { transaction_id: transactionId, session_id: session.sessionId, checkout_url: session.url }
  }

  #pendingRow(userId: string, transactionId: string, packageId: string): TransactionRow {
    const pack = findPackage(packageId)
    return {
      transactionId,
      userId,
      type: 'purchase',
      status: 'pending',
      packageId,
      credits: pack.credits,
      amountCents: pack.price_cents,
      currency: priceList.currency,
      priceListVersion: priceList.price_list_version,
      createdAt: new Date(this.#deps.now()).toISOString(),
    }
  }

  #assertSamePurchase(row: TransactionRow, userId: string, packageId: string): void {
    if (row.userId !== userId || row.packageId !== packageId) {
      throw new DomainError(
        'idempotency_mismatch',
        'This Idempotency-Key was used for another purchase. Nothing was charged. Send a new key.',
      )
    }
    if (row.status !== 'pending' || this.#isTooLate(row)) {
      throw new DomainError(
        'validation_failed',
        'This purchase is over. Nothing more was charged. Start a new one.',
        {
          errors: [{ path: 'Idempotency-Key', message: 'Belongs to a purchase that is over.' }],
        },
      )
    }
  }

  /** Stripe opens no session that would end within half an hour; one that it has opened can be asked for again. */
  #isTooLate(row: TransactionRow): boolean {
    const endsAtMs = Date.parse(row.createdAt) + checkoutLifeMs
    const neededMs = row.stripeSessionId === undefined ? shortestCheckoutMs : 0
    return this.#deps.now() + neededMs >= endsAtMs
  }

  async #checkout(account: Account, row: TransactionRow): Promise<CheckoutSession> {
    try {
      const customerId = account.stripeCustomerId ?? (await this.#newCustomer(account))
      return await this.#deps.payments.createCheckout(orderOf(row, customerId))
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      throw upstreamProblem(error, 'Opening the payment page')
    }
  }

  async #newCustomer(account: Account): Promise<string> {
    const customerId = await this.#deps.payments.createCustomer(account.userId, account.email)
    return this.#deps.users.attachStripeCustomer(account.userId, customerId)
  }
}

const findPackage = (packageId: string) => {
  const found = priceList.packages.find(candidate => candidate.package_id === packageId)
  if (found) return found
  const known = priceList.packages.map(candidate => candidate.package_id).join(', ')
  throw new DomainError(
    'validation_failed',
    `There is no such package. Nothing was charged. Choose one of ${known}.`,
    {
      errors: [{ path: 'package_id', message: `Must be one of ${known}.` }],
    },
  )
}

const orderOf = (row: TransactionRow, customerId: string): CheckoutOrder => {
  const { transactionId, userId, packageId, credits, amountCents, currency, createdAt } = row
  if (packageId === undefined || amountCents === undefined || currency === undefined) {
    throw new Error('A purchase without its package, amount or currency.')
  }
  return {
    transactionId,
    userId,
    customerId,
    packageId,
    packageName: findPackage(packageId).name,
    credits,
    priceCents: amountCents,
    currency,
    expiresAtMs: Date.parse(createdAt) + checkoutLifeMs,
  }
}

/** A movement as the account's owner reads it. */
export const transactionView = (row: TransactionRow): TransactionResponse => ({
  transaction_id: row.transactionId,
  type: row.type,
  package_id: row.packageId,
  credits: row.credits,
  amount_cents: row.amountCents,
  currency: row.currency,
  status: row.status,
  created_at: row.createdAt,
  completed_at: row.completedAt,
  balance_after: row.balanceAfter,
})

/** A page of the account's movements, newest first. @throws {DomainError} `validation_failed` for an unknown cursor */
export const listTransactions = async (
  history: TransactionHistory,
  userId: string,
  query: { limit: number; cursor?: string | undefined },
): Promise<TransactionsResponse> => {
  const page = await history.page(userId, query.limit, query.cursor)
  return { transactions: page.rows.map(transactionView), next_cursor: page.nextCursor }
}

import { type ServiceType, serviceTypes, type TransactionResponse } from '../contracts/credits.ts'
import type { LastPayment } from './account.ts'

export { serviceTypes }

/** One finished metered operation: a row of the journal of debits. */
export interface UsageRow {
  readonly userId: string
  readonly operationId: string
  readonly service: ServiceType
  readonly creditsUsed: number
  /** Balance and unexpired grants once this row was written. */
  readonly balanceAfter: number
  readonly requestHash: string
  readonly priceListVersion: string
  readonly metadata: Readonly<Record<string, string | number>>
  /** What the operation produced, where no vendor keeps it for us; a repeat is answered from it. */
  readonly result?: unknown
}

type TransactionType = TransactionResponse['type']
type TransactionStatus = TransactionResponse['status']

/** One movement of credits that is not a debit: a row of the Transactions table. */
export interface TransactionRow {
  readonly transactionId: string
  readonly userId: string
  readonly type: TransactionType
  readonly status: TransactionStatus
  /** Signed: an expiry takes credits away. Counts towards the account only once the status is `completed`. */
  readonly credits: number
  readonly amountCents?: number | undefined
  readonly currency?: string | undefined
  readonly packageId?: string | undefined
  readonly stripeSessionId?: string | undefined
  readonly priceListVersion?: string | undefined
  /** Why, for the operator: `amount_mismatch`, an invoice's id, a grant's id. */
  readonly reason?: string | undefined
  readonly createdAt: string
  readonly completedAt?: string | undefined
  readonly balanceAfter?: number | undefined
}

/** What one movement does to the account, beside the row that journals it. */
export interface AccountChange {
  readonly balance?: number
  readonly purchased?: number
  readonly addGrant?: {
    readonly id: string
    readonly remaining: number
    readonly expiresAtMs: number
    readonly source: string
  }
  /** A grant's id. */
  readonly removeGrant?: string
  /** How the newest payment ended. */
  readonly lastPayment?: LastPayment
}

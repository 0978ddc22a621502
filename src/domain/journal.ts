import type { ServiceType, TransactionResponse } from '../contracts/credits.ts'
import { serviceTypes } from '../contracts/service-types.ts'
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
  /** The grant that it gave or that lapsed. */
  readonly grantId?: string | undefined
  /** When the credits that it gave lapse (ISO 8601); absent where they never do. */
  readonly lapsesAt?: string | undefined
  /** Why, for the operator: `amount_mismatch`, an invoice's id, what staff wrote. */
  readonly reason?: string | undefined
  /** Who of the staff moved the credits, as AWS knows them: an ARN. Never shown to the listener. */
  readonly actor?: string | undefined
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

/** What must be so of an account when a movement is written: a condition of the write itself. */
export interface AccountCondition {
  readonly isActive?: true
  readonly leastBalance?: number
}

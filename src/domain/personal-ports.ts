import type { Account } from './account.ts'
import type { UsageRow } from './journal.ts'

/** What is kept about one listener beside the ledger, and how it goes. Every write may be repeated. */
export interface PersonalRecords {
  /** All of an account's debits with what they produced, in pages, oldest first. Strongly consistent. */
  usage(userId: string): AsyncIterable<readonly UsageRow[]>
  /** Ends signing in and spending, if nothing is held; false where something is. */
  close(userId: string): Promise<boolean>
  /** Replaces what a debit says of its listener; what was charged stays. */
  redactUsage(row: UsageRow): Promise<void>
  /**
   * Takes the person off a closed account and frees the e-mail, in one transaction; false where the account is open,
   * something is held, or another e-mail stands there.
   */
  forget(account: Account): Promise<boolean>
}

/** The speech vendor's copies. Every method throws `UpstreamError`. */
export interface TranscriptDeletion {
  /** One that is gone already is no failure. */
  delete(transcriptId: string): Promise<void>
}

/** What the payment vendor knows of a listener. */
export interface VendorCustomer {
  readonly customerId: string
  /** Checkout sessions that could still be paid. */
  readonly openSessionIds: readonly string[]
  /** Those whose money is on its way: it comes days later, whatever becomes of the customer. */
  readonly pendingSessionIds: readonly string[]
}

/** The payment vendor's copy. Payments themselves stay: they are its and the operator's accounts. Throws `UpstreamError`. */
export interface CustomerDeletion {
  /** Customers of this user, the noted one and any that a crash has left unnoted. */
  find(user: Pick<Account, 'userId' | 'email' | 'stripeCustomerId'>): Promise<readonly VendorCustomer[]>
  /** Closes what could still be paid. @returns what could not be closed: it has been paid meanwhile */
  closeSessions(customer: VendorCustomer): Promise<readonly string[]>
  /** Closes what could still be paid, then deletes the customer. */
  delete(customer: VendorCustomer): Promise<void>
}

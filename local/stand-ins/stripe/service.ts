import type { Account } from './account.ts'

/** The running stand-in, as its routes use it. */
export interface Service {
  readonly account: Account
  /** How long a delayed payment takes. */
  readonly delayedPaymentMs: number
  /** Writes `account.data` to disk. */
  save(): Promise<void>
  /** Does what has fallen due, and sends the events that wait. Call it before a read and after a change. */
  wake(): Promise<void>
}

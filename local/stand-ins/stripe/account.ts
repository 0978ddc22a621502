import type { StripeData } from './data.ts'

/** What tests can make the stand-in do; set by `POST /stripe/control`, forgotten at a restart. */
export interface Control {
  /** The next `count` API requests are answered with `status` and change nothing. */
  failNext: { count: number; status: number }
  /** Every event is sent twice to each endpoint. */
  duplicateWebhooks: boolean
  /** Events queue up until this is set to false. */
  holdWebhooks: boolean
}

/** The Stripe account that the stand-in keeps, as its parts share it. */
export interface Account {
  readonly data: StripeData
  readonly control: Control
  /** Origin that Checkout URLs begin with, without a slash at the end. */
  readonly publicUrl: string
  /** Milliseconds since 1970. */
  nowMs(): number
}

/** Who caused a change. Both are null for what happens on a page or by itself. */
export interface Caller {
  readonly requestId: string | null
  readonly idempotencyKey: string | null
}

/** The caller of what was not caused by an API request. */
export const NOBODY: Caller = { requestId: null, idempotencyKey: null }

/** The account's clock in Unix seconds, as Stripe writes times. */
export function nowSeconds(account: Account): number {
  return Math.floor(account.nowMs() / 1_000)
}

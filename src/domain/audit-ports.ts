import type { TransactionRow } from './journal.ts'

/** What a read may miss: nothing, or what was written in the last moments. The second costs half. */
export type Consistency = 'strong' | 'eventual'

/** Reads all that the ledger's tables hold, in order to prove it. It changes nothing. */
export interface LedgerAudit {
  /** Every account's id, in pages and in the table's own order; only those behind `after`, where it is given. */
  accountIds(after: string | undefined): AsyncIterable<readonly string[]>
  /** The credits of all of an account's rows in the journal of debits. */
  usageTotal(userId: string, consistency: Consistency): Promise<number>
  /** Every other movement of an account. The index that finds them is always eventually consistent. */
  transactions(userId: string, consistency: Consistency): Promise<readonly TransactionRow[]>
}

/** Behind which account a run that was out of time goes on. */
export interface ReconcileMark {
  read(): Promise<string | undefined>
  /** Notes how far a run is that goes on. */
  note(after: string | undefined): Promise<void>
  /** Undefined where the last run came to the end, at that time. */
  write(after: string | undefined, atMs: number): Promise<void>
}

/** A Checkout session of this stage, as Stripe has it. */
export interface SessionRecord {
  readonly sessionId: string
  /** The purchase that it was opened for. */
  readonly transactionId: string
  readonly userId: string | undefined
  readonly isPaid: boolean
  readonly amountCents: number | null
  readonly refundedCents: number
  readonly currency: string | null
  /** When its money came; when its charge was made or it was opened, where no money has come yet. */
  readonly atMs: number
}

/** Money that went back to a buyer of this stage, or was taken back. */
export interface TakenBackRecord {
  readonly kind: 'refund' | 'dispute'
  /** Stripe's: `re_…`, `du_…`. */
  readonly id: string
  /** Stripe's, of the payment that it is about: `pi_…`. */
  readonly paymentId: string
  readonly transactionId: string
  readonly userId: string | undefined
  readonly amountCents: number
  readonly currency: string
  /** `returned`: the refund failed or was called off, the dispute was won. `untouched`: an inquiry takes none. */
  readonly money: 'taken' | 'returned' | 'untouched'
  /** When the money went, or came back: an inquiry may become a dispute weeks later. */
  readonly atMs: number
}

/** What the payment vendor has on record. Every method throws `UpstreamError`. */
export interface PaymentRecords {
  /** Sessions that have been completed, with `atMs` since then. */
  sessionsSince(fromMs: number): AsyncIterable<SessionRecord>
  /** One session; undefined where there is none, or it is of another stage. */
  session(sessionId: string): Promise<SessionRecord | undefined>
  /** The session that a payment was made in; undefined where there is none, or it is of another stage. */
  sessionPaidBy(paymentId: string): Promise<SessionRecord | undefined>
  /** Refunds and disputes that have moved money since then, or have given it back. */
  takenBackSince(fromMs: number): AsyncIterable<TakenBackRecord>
}

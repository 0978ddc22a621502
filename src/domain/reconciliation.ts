import type { LedgerAudit, ReconcileMark } from './audit-ports.ts'
import { UpstreamError } from './errors.ts'
import type { TransactionRow } from './journal.ts'
import type { CheckedAccount, LedgerCheck, LedgerMismatch } from './ledger-check.ts'
import type { ListedPayments, PaymentsCheck, StripeMismatch } from './payments-check.ts'
import type { Clock, Log } from './ports.ts'

export interface ReconciliationDependencies {
  readonly audit: Pick<LedgerAudit, 'accountIds'>
  readonly ledgerCheck: Pick<LedgerCheck, 'check'>
  readonly paymentsCheck: Pick<PaymentsCheck, 'list' | 'compare'>
  readonly mark: ReconcileMark
  readonly now: Clock
  readonly log: Log
}

/** How far back payments are compared where nothing else is asked for: Stripe tries webhooks again for three days. */
export const comparedMs = 3 * 24 * 3_600_000

export interface ReconcileRequest {
  /** Payments since then are compared. Accounts are always proved from their first row on. */
  readonly fromMs: number
  /** One account alone. */
  readonly userId?: string | undefined
  /** Begins with no further account after this; without it there is no end but the last account. */
  readonly untilMs?: number | undefined
  /** Goes on where the last run was out of time, and remembers where this one is. */
  readonly resumes?: boolean | undefined
}

export interface ReconciliationReport {
  readonly accounts: number
  /** Could not be read, or moved whenever they were looked at. */
  readonly unprovedAccounts: number
  /** Those of them that could not be read. */
  readonly unreadableAccounts: number
  /** Completed sessions, refunds and disputes that Stripe listed, and completed purchases of ours that it did not. */
  readonly payments: number
  readonly ledgerMismatches: readonly LedgerMismatch[]
  readonly stripeMismatches: readonly StripeMismatch[]
  /** Whether Stripe's list was read and compared. */
  readonly isStripeCompared: boolean
  /** False where something was not looked at: time was up, an account could not be proved, Stripe did not answer. */
  readonly complete: boolean
}

interface Tally {
  accounts: number
  unprovedAccounts: number
  unreadableAccounts: number
  readonly ledgerMismatches: LedgerMismatch[]
  readonly purchases: TransactionRow[]
}

/** Accounts that are looked at together. */
const batchSize = 10
/** A run that is killed has the next one look at a minute's accounts again. */
const noteEveryMs = 60_000

/**
 * Proves the ledger: for every account that its journals add up to what it has, and for every payment that it was
 * credited, once and in full. It reads and reports, and changes nothing but its own mark.
 */
export class Reconciliation {
  readonly #deps: ReconciliationDependencies

  constructor(dependencies: ReconciliationDependencies) {
    this.#deps = dependencies
  }

  async run(request: ReconcileRequest): Promise<ReconciliationReport> {
    const { log } = this.#deps
    const listed = await this.#unlessStripeFails(paymentsCheck =>
      paymentsCheck.list(request.fromMs, request.userId),
    )
    const tally: Tally = {
      accounts: 0,
      unprovedAccounts: 0,
      unreadableAccounts: 0,
      ledgerMismatches: [],
      purchases: [],
    }
    const reachedEnd = await this.#checkAccounts(request, tally)
    const stripeMismatches = listed && (await this.#compare(listed, tally.purchases))
    const { purchases, ...found } = tally
    const { unprovedAccounts } = found
    const report: ReconciliationReport = {
      ...found,
      payments: countPayments(listed, purchases),
      stripeMismatches: stripeMismatches ?? [],
      isStripeCompared: stripeMismatches !== undefined,
      complete: reachedEnd && unprovedAccounts === 0 && stripeMismatches !== undefined,
    }
    log.info('reconcile_done', summaryOf(report))
    return report
  }

  /** @returns whether the last account was reached */
  async #checkAccounts(request: ReconcileRequest, tally: Tally): Promise<boolean> {
    const { mark, now } = this.#deps
    const { untilMs = Number.POSITIVE_INFINITY, resumes = false } = request
    let last = resumes ? await mark.read() : undefined
    let notedMs = now()
    for await (const batch of this.#batches(request.userId, last)) {
      if (now() >= untilMs) {
        if (resumes) await mark.write(last, now())
        return false
      }
      if (resumes && now() - notedMs >= noteEveryMs) {
        await mark.note(last)
        notedMs = now()
      }
      await Promise.all(batch.map(userId => this.#checkAccount(userId, request.fromMs, tally)))
      last = batch.at(-1)
    }
    if (resumes) await mark.write(undefined, now())
    return true
  }

  async *#batches(userId: string | undefined, after: string | undefined): AsyncGenerator<readonly string[]> {
    if (userId !== undefined) return yield [userId]
    for await (const page of this.#deps.audit.accountIds(after)) {
      for (let at = 0; at < page.length; at += batchSize) yield page.slice(at, at + batchSize)
    }
  }

  /** One that fails must not keep the others from being looked at. */
  async #checkAccount(userId: string, fromMs: number, tally: Tally): Promise<void> {
    const { ledgerCheck, log } = this.#deps
    tally.accounts++
    try {
      this.#note(userId, await ledgerCheck.check(userId), fromMs, tally)
    } catch (error) {
      tally.unprovedAccounts++
      tally.unreadableAccounts++
      log.error('reconcile_account_failed', { user_id: userId }, error)
    }
  }

  #note(userId: string, checked: CheckedAccount, fromMs: number, tally: Tally): void {
    const { log } = this.#deps
    if (checked.outcome === 'gone') return
    if (checked.outcome === 'unsteady') {
      tally.unprovedAccounts++
      log.info('reconcile_account_unsteady', { user_id: userId })
      return
    }
    tally.purchases.push(...checked.transactions.filter(row => isPurchaseSince(row, fromMs)))
    if (checked.outcome === 'closes') return
    tally.ledgerMismatches.push(checked.mismatch)
    log.error('ledger_mismatch', ledgerFields(checked.mismatch))
  }

  async #compare(
    listed: ListedPayments,
    purchases: readonly TransactionRow[],
  ): Promise<StripeMismatch[] | undefined> {
    const found = await this.#unlessStripeFails(paymentsCheck => paymentsCheck.compare(listed, purchases))
    for (const mismatch of found ?? []) this.#deps.log.error('stripe_mismatch', stripeFields(mismatch))
    return found
  }

  /** Without Stripe the ledger is proved all the same. */
  async #unlessStripeFails<Output>(
    ask: (paymentsCheck: ReconciliationDependencies['paymentsCheck']) => Promise<Output>,
  ): Promise<Output | undefined> {
    try {
      return await ask(this.#deps.paymentsCheck)
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      this.#deps.log.error('reconcile_stripe_failed', {}, error)
      return undefined
    }
  }
}

const countPayments = (listed: ListedPayments | undefined, purchases: readonly TransactionRow[]): number => {
  if (!listed) return purchases.length
  const { sessions, takenBack } = listed
  const isListed = ({ stripeSessionId = '' }: TransactionRow) => sessions.has(stripeSessionId)
  return sessions.size + takenBack.length + purchases.filter(row => !isListed(row)).length
}

const isPurchaseSince = (row: TransactionRow, fromMs: number): boolean =>
  row.type === 'purchase' &&
  row.status === 'completed' &&
  Date.parse(row.completedAt ?? row.createdAt) >= fromMs

const ledgerFields = (mismatch: LedgerMismatch) => ({
  user_id: mismatch.userId,
  imbalance_credits: mismatch.imbalanceCredits,
  usage_total_credits: mismatch.usageTotalCredits,
  purchased_total_credits: mismatch.purchasedTotalCredits,
  below_zero: mismatch.belowZero.length,
})

const stripeFields = (mismatch: StripeMismatch) => ({
  kind: mismatch.kind,
  user_id: mismatch.userId,
  transaction_id: mismatch.transactionId,
  session_id: mismatch.sessionId,
  taken_back_id: mismatch.takenBackId,
})

const summaryOf = (report: ReconciliationReport) => ({
  accounts: report.accounts,
  unproved_accounts: report.unprovedAccounts,
  payments: report.payments,
  ledger_mismatches: report.ledgerMismatches.length,
  stripe_mismatches: report.stripeMismatches.length,
  stripe_compared: report.isStripeCompared,
  complete: report.complete,
})

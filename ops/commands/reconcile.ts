import * as z from 'zod'
import type { LedgerMismatch } from '../../src/domain/ledger-check.ts'
import type { StripeMismatch, StripeMismatchKind } from '../../src/domain/payments-check.ts'
import { comparedMs, type ReconciliationReport } from '../../src/domain/reconciliation.ts'
import { booksOf, findListener } from '../books.ts'
import { defineCommand } from '../command.ts'
import { counted, dollars, moment, paragraphs, tableOf } from '../print.ts'
import { UsageProblem } from '../problem.ts'
import { reconciliationOf } from '../reconciliation.ts'

/** An operator waits for it. */
const secondLookMs = 10_000

const from = z.union(
  [z.iso.date().transform(Date.parse), z.iso.datetime({ offset: true }).transform(Date.parse)],
  'must be a day or a moment: --from 2026-11-01',
)

export const registerReconcile = defineCommand({
  usage: 'reconcile',
  description:
    'Proves the ledger of every account, and compares payments with Stripe’s own list. Ends with 1 when it finds something.',
  options: [
    ['--user <who>', 'one account alone, by e-mail or user id'],
    ['--from <time>', 'payments since then; the last three days without it'],
  ],
  examples: ['reconcile', 'reconcile --user ann@example.com', 'reconcile --from 2026-11-01 --stage prod'],
  input: z.object({ user: z.string().min(1).optional(), from: from.optional() }),
  run: async (operation, { user, from: asked }) => {
    const { target, now } = operation
    const account = user === undefined ? undefined : await findListener(booksOf(operation), user)
    const fromMs = asked ?? now() - comparedMs
    if (fromMs > now()) throw new UsageProblem('from must not be in the future')
    const reconciliation = await reconciliationOf(operation, target.database, { now, secondLookMs })
    const report = await reconciliation.run({ fromMs, userId: account?.userId })
    const found = report.ledgerMismatches.length + report.stripeMismatches.length
    return { ok: report.complete && found === 0, text: show(report, fromMs), data: toData(report, fromMs) }
  },
})

const show = (report: ReconciliationReport, fromMs: number): string =>
  paragraphs(
    `${counted(report.accounts, 'account')} and ${counted(report.payments, 'payment')} since ${moment(fromMs)}.`,
    report.ledgerMismatches.length > 0 ? showLedger(report.ledgerMismatches) : undefined,
    report.stripeMismatches.length > 0 ? showStripe(report.stripeMismatches) : undefined,
    report.unprovedAccounts > 0
      ? `${counted(report.unprovedAccounts, 'account')} could not be proved: unreadable, or never still. Ask again.`
      : undefined,
    report.isStripeCompared ? undefined : 'Stripe did not answer: payments were not compared.',
    summaryOf(report),
  )

const summaryOf = ({ complete, ledgerMismatches, stripeMismatches }: ReconciliationReport): string => {
  if (ledgerMismatches.length + stripeMismatches.length > 0) return 'Something is wrong.'
  return complete
    ? 'Every account closes, and every payment agrees.'
    : 'Nothing was found, but not all was looked at.'
}

const showLedger = (mismatches: readonly LedgerMismatch[]): string =>
  `Accounts that do not close (docs/runbooks/ledger-mismatch.md)\n${tableOf(
    ['User id', 'Journals less account', 'Used total off by', 'Bought total off by', 'Below zero'],
    mismatches.map(one => [
      one.userId,
      one.imbalanceCredits,
      one.usageTotalCredits,
      one.purchasedTotalCredits,
      one.belowZero.join(' '),
    ]),
  )}`

const showStripe = (mismatches: readonly StripeMismatch[]): string =>
  `Payments that do not agree (docs/runbooks/stripe-mismatch.md)\n${tableOf(
    ['What', 'User id', 'Transaction', 'At Stripe', 'Amount', 'What to do'],
    mismatches.map(one => [
      one.kind,
      one.userId,
      one.transactionId,
      one.takenBackId ?? one.sessionId,
      one.amountCents === undefined || one.amountCents === null ? null : dollars(one.amountCents),
      advice[one.kind],
    ]),
  )}`

const advice: Readonly<Record<StripeMismatchKind, string>> = {
  paid_not_credited: 'replay the event of its payment',
  credited_not_paid: 'find out who credited it, then adjust',
  amount_differs: 'refund at Stripe, or adjust … --books cs_…',
  credited_twice: 'adjust the second one away',
  account_missing: 'a row of Users is gone: restore it',
  refund_not_booked: 'adjust … --books re_… (0 where all is spent)',
  dispute_not_booked: 'adjust … --books du_… (0 where all is spent)',
  refund_not_returned: 'adjust … --books re_…, as many as it took',
  dispute_not_returned: 'adjust … --books du_…, as many as it took',
}

const toData = (report: ReconciliationReport, fromMs: number) => ({
  from: moment(fromMs),
  accounts: report.accounts,
  payments: report.payments,
  unproved_accounts: report.unprovedAccounts,
  stripe_compared: report.isStripeCompared,
  complete: report.complete,
  ledger_mismatches: report.ledgerMismatches.map(one => ({
    user_id: one.userId,
    imbalance_credits: one.imbalanceCredits,
    usage_total_credits: one.usageTotalCredits,
    purchased_total_credits: one.purchasedTotalCredits,
    below_zero: one.belowZero,
  })),
  stripe_mismatches: report.stripeMismatches.map(one => ({
    kind: one.kind,
    user_id: one.userId ?? null,
    transaction_id: one.transactionId ?? null,
    session_id: one.sessionId ?? null,
    taken_back_id: one.takenBackId ?? null,
    amount_cents: one.amountCents ?? null,
    advice: advice[one.kind],
  })),
})

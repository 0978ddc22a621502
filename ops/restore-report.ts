import type { MissedPayment } from './missed-payments.ts'
import { counted, dollars, fieldsOf, moment, paragraphs, tableOf } from './print.ts'
import type { RestorePlan } from './restore-plan.ts'
import type { Verified } from './restore-verification.ts'

/** For people. */
export const restoreText = (plan: RestorePlan, { reconciliation, differences, missed }: Verified): string =>
  paragraphs(
    fieldsOf({
      'Restored to': moment(plan.atMs),
      Suffix: plan.suffix,
      Proved: `${counted(reconciliation.accounts, 'account')}, ${counted(reconciliation.ledgerMismatches.length, 'mismatch', 'mismatches')}, ${counted(reconciliation.unprovedAccounts, 'account')} that could not be read`,
      Stripe: reconciliation.isStripeCompared ? 'compared' : 'does not answer',
    }),
    reconciliation.ledgerMismatches.length === 0
      ? undefined
      : tableOf(
          ['Account', 'Credits too few in it', 'Usage off by', 'Purchases off by'],
          reconciliation.ledgerMismatches.map(mismatch => [
            mismatch.userId,
            mismatch.imbalanceCredits,
            mismatch.usageTotalCredits,
            mismatch.purchasedTotalCredits,
          ]),
        ),
    tableOf(
      ['', 'Restored', 'Serving'],
      [
        ['accounts', differences.accounts.restored, differences.accounts.serving],
        ['debits', differences.usageRows.restored, differences.usageRows.serving],
        ['other movements', differences.transactionRows.restored, differences.transactionRows.serving],
      ],
    ),
    missed.length === 0
      ? undefined
      : `Stripe knows of these, the restored tables don't:\n${missedTable(missed)}`,
    list('Accounts that were opened since then, and are gone after the switch:', differences.openedSince),
    list(
      'Accounts that are there no more, and come back with the switch (erase again who asked for it):',
      differences.goneSince,
    ),
  )

const missedTable = (missed: readonly MissedPayment[]): string =>
  tableOf(
    ['What', 'Transaction', 'Of Stripe', 'Amount', 'After the switch'],
    missed.map(({ kind, transactionId, objectId, amountCents, eventId }) => [
      kind,
      transactionId,
      objectId,
      amountCents === null ? undefined : dollars(amountCents),
      eventId === undefined ? 'grant the credits' : `replay ${eventId}`,
    ]),
  )

const list = (title: string, ids: readonly string[]): string | undefined =>
  ids.length === 0 ? undefined : `${title}\n${ids.map(id => `  ${id}`).join('\n')}`

/** The same as data. */
export const restoreData = (
  plan: RestorePlan,
  { reconciliation, differences, missed }: Verified,
  switched: boolean,
) => ({
  at: moment(plan.atMs),
  suffix: plan.suffix,
  tables: plan.to,
  switched,
  accounts: reconciliation.accounts,
  unproved_accounts: reconciliation.unprovedAccounts,
  complete: reconciliation.complete,
  ledger_mismatches: reconciliation.ledgerMismatches.map(({ userId, imbalanceCredits }) => ({
    user_id: userId,
    imbalance_credits: imbalanceCredits,
  })),
  differences: {
    accounts: differences.accounts,
    usage_rows: differences.usageRows,
    transaction_rows: differences.transactionRows,
    opened_since: differences.openedSince,
    gone_since: differences.goneSince,
  },
  missed_payments: missed.map(({ kind, transactionId, objectId, amountCents, eventId }) => ({
    kind,
    transaction_id: transactionId ?? null,
    stripe_id: objectId ?? null,
    amount_cents: amountCents,
    event_id: eventId ?? null,
  })),
})

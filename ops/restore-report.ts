import type { MissedPayment } from './missed-payments.ts'
import { counted, dollars, fieldsOf, moment, paragraphs, tableOf } from './print.ts'
import type { RestorePlan } from './restore-plan.ts'
import type { Verified } from './restore-verification.ts'
import type { TableDifferences } from './table-differences.ts'

/** For people. */
export const restoreText = (plan: RestorePlan, verified: Verified): string => {
  const { reconciliation, differences, missed, notErased } = verified
  const { opened, lost } = differences.since
  return paragraphs(
    fieldsOf({
      'Restored to': moment(plan.atMs),
      Suffix: plan.suffix,
      Proved: counted(reconciliation.accounts, 'account'),
      'Not proved': counted(reconciliation.unprovedAccounts, 'account'),
      Mismatches: reconciliation.ledgerMismatches.length,
      Stripe: reconciliation.isStripeCompared ? 'compared' : 'does not answer',
    }),
    mismatchTable(verified),
    differenceTable(differences),
    missedTable(missed),
    list('Opened since then, and gone after the switch:', opened),
    list('Not there any more now, and back after the switch:', lost),
    list('Erased since then, and so erased from these tables too:', erasedAgain(verified)),
    list(
      'Erased since then, but not yet from these tables: erase them again an hour after the switch:',
      notErased,
    ),
  )
}

const erasedAgain = ({ differences, notErased }: Verified): readonly string[] =>
  differences.since.erased.filter(id => !notErased.includes(id))

const mismatchTable = ({ reconciliation: { ledgerMismatches } }: Verified): string | undefined => {
  if (ledgerMismatches.length === 0) return undefined
  const rows = ledgerMismatches.map(mismatch => [
    mismatch.userId,
    mismatch.imbalanceCredits,
    mismatch.usageTotalCredits,
    mismatch.purchasedTotalCredits,
  ])
  return tableOf(['Account', 'Journals less account', 'Used total off by', 'Bought total off by'], rows)
}

const differenceTable = ({ accounts, usageRows, transactionRows }: TableDifferences): string =>
  tableOf(
    ['', 'Restored', 'Serving'],
    [
      ['accounts', accounts.restored, accounts.serving],
      ['debits', usageRows.restored, usageRows.serving],
      ['other movements', transactionRows.restored, transactionRows.serving],
    ],
  )

const missedTable = (missed: readonly MissedPayment[]): string | undefined => {
  if (missed.length === 0) return undefined
  const rows = missed.map(({ kind, stripeId, amountCents, remedy }) => [
    kind,
    stripeId,
    amountCents === null ? null : dollars(amountCents),
    remedy,
  ])
  return `Stripe knows of these, the restored tables don't:\n${tableOf(['What', 'At Stripe', 'Amount', 'After the switch'], rows)}`
}

const list = (title: string, ids: readonly string[]): string | undefined =>
  ids.length === 0 ? undefined : `${title}\n${ids.map(id => `  ${id}`).join('\n')}`

/** The same as data. */
export const restoreData = (plan: RestorePlan, verified: Verified, switched: boolean) => {
  const { reconciliation, differences, missed, notErased } = verified
  const { opened, lost } = differences.since
  return {
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
    },
    opened_since: opened,
    lost_since: lost,
    erased_again: erasedAgain(verified),
    not_erased: notErased,
    missed_payments: missed.map(({ kind, userId, transactionId, stripeId, amountCents, remedy }) => ({
      kind,
      user_id: userId ?? null,
      transaction_id: transactionId ?? null,
      stripe_id: stripeId ?? null,
      amount_cents: amountCents,
      remedy,
    })),
  }
}

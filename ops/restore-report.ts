import { commandLine } from './command.ts'
import type { LostMovements } from './lost-movements.ts'
import type { MissedPayment } from './missed-payments.ts'
import { counted, dollars, fieldsOf, moment, paragraphs, tableOf } from './print.ts'
import type { RestorePlan } from './restore-plan.ts'
import type { Verified } from './restore-verification.ts'
import type { TableDifferences } from './table-differences.ts'
import type { Target } from './target.ts'

/** For people. */
export const restoreText = (target: Target, plan: RestorePlan, verified: Verified): string => {
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
    list('These have rows there, and no account:', differences.ownerless),
    missedTable(target, missed),
    movementTable(target, verified.lost),
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

const missedTable = (target: Target, missed: readonly MissedPayment[]): string | undefined => {
  if (missed.length === 0) return undefined
  const rows = missed.map(({ kind, stripeId, amountCents, remedy }) => [
    kind,
    stripeId,
    amountCents === null ? null : dollars(amountCents),
    toType(target, remedy),
  ])
  return `Stripe knows of these, the restored tables don't:\n${tableOf(['What', 'At Stripe', 'Amount', 'After the switch'], rows)}`
}

const movementTable = (target: Target, { movements, unreadable }: LostMovements): string | undefined =>
  paragraphs(
    movements.length === 0
      ? undefined
      : `Credits were moved since then that the restored tables know nothing of:\n${tableOf(
          ['What', 'At', 'Credits', 'After the switch'],
          movements.map(({ row, remedy }) => [
            row.type,
            moment(Date.parse(row.completedAt ?? row.createdAt)),
            row.credits,
            toType(target, remedy),
          ]),
        )}`,
    unreadable === 0
      ? undefined
      : `${counted(unreadable, 'row')} of the former Transactions can't be read, and may have moved credits that the restored ones lack.`,
  )

/** A page to read stays as it is. */
const toType = (target: Target, remedy: string): string =>
  remedy.startsWith('docs/') ? remedy : commandLine(target, remedy)

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
    ownerless: differences.ownerless,
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
    lost_movements: verified.lost.movements.map(({ row, stripeId, remedy }) => ({
      type: row.type,
      user_id: row.userId,
      transaction_id: row.transactionId,
      stripe_id: stripeId ?? null,
      credits: row.credits,
      remedy,
    })),
    unreadable_movements: verified.lost.unreadable,
  }
}

import * as z from 'zod'
import { type Account, withExpiredHoldsEnded } from '../../src/domain/account.ts'
import { balanceView, userView } from '../../src/domain/accounts.ts'
import type { TransactionRow, UsageRow } from '../../src/domain/journal.ts'
import { operationTimeMs } from '../../src/domain/operation-id.ts'
import { booksOf, findListener } from '../books.ts'
import { defineCommand } from '../command.ts'
import { dollars, fieldsOf, moment, paragraphs, tableOf } from '../print.ts'

const shownRows = 10

export const registerUser = defineCommand({
  usage: 'user <who>',
  description:
    'An account, by e-mail or user id: its credits, what is open, its last operations and movements.',
  examples: ['user ann@example.com', 'user 01937a4e-5c00-7b3a-9f21-2c6a1d0e8f44 --stage prod'],
  input: z.object({ who: z.string().min(1) }),
  run: async (operation, { who }) => {
    const books = booksOf(operation)
    const account = await findListener(books, who)
    const usage: UsageRow[] = []
    for await (const page of books.records.usage(account.userId)) usage.push(...page)
    const transactions = await books.audit.transactions(account.userId, 'strong')
    const data = {
      ...describe(account, operation.now()),
      operations: usage.toReversed().slice(0, shownRows).map(describeUsage),
      transactions: transactions
        .toSorted((one, other) => other.createdAt.localeCompare(one.createdAt))
        .slice(0, shownRows)
        .map(describeTransaction),
    }
    return { ok: true, text: show(data), data }
  },
})

const describe = (account: Account, nowMs: number) => {
  const seen = withExpiredHoldsEnded(account, nowMs)
  return {
    account: {
      ...userView(account),
      is_active: account.isActive,
      revision: account.revision,
      stripe_customer_id: account.stripeCustomerId ?? null,
      allowance_uses_kept: account.allowanceUses.length,
    },
    credits: balanceView(seen, nowMs),
    open: Object.entries(account.holds).map(([operationId, hold]) => ({
      operation_id: operationId,
      service_type: hold.service,
      credits: Object.values(hold.split.fromGrants).reduce((sum, part) => sum + part, hold.split.fromBalance),
      expires_at: moment(hold.expiresAtMs),
      vendor_job: hold.reference ?? null,
      lease: hold.live?.lease ?? null,
    })),
  }
}

const describeUsage = (row: UsageRow) => ({
  operation_id: row.operationId,
  at: moment(operationTimeMs(row.operationId)),
  service_type: row.service,
  credits_used: row.creditsUsed,
  balance_after: row.balanceAfter,
})

const describeTransaction = (row: TransactionRow) => ({
  transaction_id: row.transactionId,
  at: row.createdAt,
  type: row.type,
  status: row.status,
  credits: row.credits,
  amount_cents: row.amountCents ?? null,
  reason: row.reason ?? null,
  actor: row.actor ?? null,
})

type Described = ReturnType<typeof describe> & {
  readonly operations: readonly ReturnType<typeof describeUsage>[]
  readonly transactions: readonly ReturnType<typeof describeTransaction>[]
}

const show = ({ account, credits, open, operations, transactions }: Described): string =>
  paragraphs(
    fieldsOf({
      'User id': account.user_id,
      'E-mail': account.email,
      Name: account.name,
      State: account.is_active ? 'open' : 'closed',
      Opened: account.created_at,
      'Last login': account.last_login,
      'Payment failed': account.payment_failed_at ?? undefined,
      Revision: account.revision,
      'Stripe customer': account.stripe_customer_id,
      'Can be spent': credits.credits_available,
      Balance: credits.credits_balance,
      Held: credits.credits_held,
      'Bought so far': credits.total_credits_purchased,
      'Used so far': credits.total_usage,
    }),
    credits.grants.length > 0
      ? `Credits that lapse\n${tableOf(
          ['Credits', 'Lapse at', 'Source'],
          credits.grants.map(grant => [grant.credits, grant.expires_at, grant.source]),
        )}`
      : undefined,
    `Open operations\n${tableOf(
      ['Operation', 'Service', 'Credits', 'Expires', 'Vendor’s job'],
      open.map(hold => [
        hold.operation_id,
        hold.service_type,
        hold.credits,
        hold.expires_at,
        hold.vendor_job,
      ]),
    )}`,
    `Last operations\n${tableOf(
      ['At', 'Operation', 'Service', 'Credits', 'Balance after'],
      operations.map(row => [
        row.at,
        row.operation_id,
        row.service_type,
        row.credits_used,
        row.balance_after,
      ]),
    )}`,
    `Last movements\n${tableOf(
      ['At', 'Transaction', 'Type', 'Status', 'Credits', 'Paid', 'Why', 'Who'],
      transactions.map(row => [
        row.at,
        row.transaction_id,
        row.type,
        row.status,
        row.credits,
        row.amount_cents === null ? null : dollars(row.amount_cents),
        row.reason,
        row.actor,
      ]),
    )}`,
  )

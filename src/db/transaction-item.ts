import * as z from 'zod'
import type { TransactionRow } from '../domain/journal.ts'

const transactionItemSchema = z.object({
  transaction_id: z.string(),
  user_id: z.string(),
  type: z.enum(['purchase', 'bonus', 'grant', 'expiry', 'payment_failed', 'adjustment']),
  status: z.enum(['pending', 'completed', 'failed', 'expired', 'needs_review']),
  credits: z.int(),
  amount: z.int().optional(),
  currency: z.string().optional(),
  package_id: z.string().optional(),
  stripe_session_id: z.string().optional(),
  price_list_version: z.string().optional(),
  grant_id: z.string().optional(),
  lapses_at: z.string().optional(),
  reason: z.string().optional(),
  actor: z.string().optional(),
  created_at: z.string(),
  completed_at: z.string().optional(),
  balance_after: z.int().optional(),
})

type TransactionItem = z.infer<typeof transactionItemSchema>

/** A Transactions row as the table keeps it. `amount` is in the currency's smallest unit. */
export const toTransactionItem = (row: TransactionRow): TransactionItem => ({
  transaction_id: row.transactionId,
  user_id: row.userId,
  type: row.type,
  status: row.status,
  credits: row.credits,
  amount: row.amountCents,
  currency: row.currency,
  package_id: row.packageId,
  stripe_session_id: row.stripeSessionId,
  price_list_version: row.priceListVersion,
  grant_id: row.grantId,
  lapses_at: row.lapsesAt,
  reason: row.reason,
  actor: row.actor,
  created_at: row.createdAt,
  completed_at: row.completedAt,
  balance_after: row.balanceAfter,
})

/** Reads a Transactions item. @throws {z.ZodError} where the table holds something that we did not write */
export const toTransactionRow = (item: unknown): TransactionRow => {
  const row = transactionItemSchema.parse(item)
  return {
    transactionId: row.transaction_id,
    userId: row.user_id,
    type: row.type,
    status: row.status,
    credits: row.credits,
    createdAt: row.created_at,
    amountCents: row.amount,
    currency: row.currency,
    packageId: row.package_id,
    stripeSessionId: row.stripe_session_id,
    priceListVersion: row.price_list_version,
    grantId: row.grant_id,
    lapsesAt: row.lapses_at,
    reason: row.reason,
    actor: row.actor,
    completedAt: row.completed_at,
    balanceAfter: row.balance_after,
  }
}

import * as z from 'zod'
import { serviceTypes } from './service-types.ts'

export const serviceTypeSchema = z.enum(serviceTypes)
export type ServiceType = z.infer<typeof serviceTypeSchema>

const credits = z.int()

export const packageSchema = z
  .object({
    package_id: z.string(),
    name: z.string(),
    credits: credits.positive(),
    price_cents: z.int().positive(),
  })
  .meta({ id: 'Package' })

/** The price list: data with a version. Every row that it priced names that version. */
export const priceListSchema = z
  .object({
    price_list_version: z.string(),
    currency: z.string().length(3),
    packages: z.array(packageSchema),
    plans: z.array(packageSchema.extend({ interval: z.literal('month') })),
    rates: z.object({
      live_transcription: z.object({ credits: credits.positive(), per_seconds_begun: z.int().positive() }),
      clip_transcription: z.object({ credits: credits.positive(), per_seconds_begun: z.int().positive() }),
      catchup: z
        .object({ credits: credits.positive() })
        .meta({ description: "From the listener's own transcript" }),
      catchup_channel: z
        .object({ credits: credits.positive(), per_minutes_begun: z.int().positive() })
        .meta({ description: "From a channel's recording" }),
      ask_agent: z.object({ credits: credits.positive() }),
    }),
    not_offered: z
      .array(z.string())
      .optional()
      .meta({ description: 'Rates of what this service does not offer; absent where it offers everything' }),
    signup_bonus: credits.nonnegative(),
  })
  .meta({ id: 'PriceList' })

export type PriceList = z.infer<typeof priceListSchema>

export const balanceResponseSchema = z
  .object({
    credits_available: credits.meta({ description: 'What can be spent now' }),
    credits_balance: credits.meta({ description: 'What never lapses; below zero it is a debt' }),
    credits_held: credits.meta({ description: 'Set aside for operations that are not finished' }),
    grants: z.array(z.object({ credits, expires_at: z.iso.datetime(), source: z.string() })),
    total_credits_purchased: credits,
    total_usage: credits,
  })
  .meta({ id: 'Balance' })

export const purchaseRequestSchema = z
  .object({ package_id: z.string().min(1).max(50).meta({ example: 'starter' }) })
  .meta({ id: 'PurchaseRequest' })

export const purchaseResponseSchema = z
  .object({ transaction_id: z.string(), session_id: z.string(), checkout_url: z.url() })
  .meta({ id: 'Purchase' })

export const transactionTypes = [
  'purchase',
  'bonus',
  'grant',
  'expiry',
  'payment_failed',
  'adjustment',
] as const
export const transactionStatuses = ['pending', 'completed', 'failed', 'expired', 'needs_review'] as const

export const transactionSchema = z
  .object({
    transaction_id: z.string(),
    type: z.enum(transactionTypes),
    package_id: z.string().optional(),
    credits,
    amount_cents: z.int().optional(),
    currency: z.string().optional(),
    status: z.enum(transactionStatuses),
    created_at: z.iso.datetime(),
    completed_at: z.iso.datetime().optional(),
    balance_after: credits.optional(),
  })
  .meta({ id: 'Transaction' })

export const transactionsQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(500).optional(),
})

export const transactionsResponseSchema = z
  .object({ transactions: z.array(transactionSchema), next_cursor: z.string().optional() })
  .meta({ id: 'Transactions' })

export type BalanceResponse = z.infer<typeof balanceResponseSchema>
export type PurchaseResponse = z.infer<typeof purchaseResponseSchema>
export type TransactionResponse = z.infer<typeof transactionSchema>
export type TransactionsResponse = z.infer<typeof transactionsResponseSchema>

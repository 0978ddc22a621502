import * as z from 'zod'
import type { Account, Hold } from '../domain/account.ts'

/**
 * Holds are written with short names: eight of them, an e-mail and a name must fit in 1 KB, which is what a
 * write unit covers. `svc` service, `bal` credits from the balance, `gr` credits from grants, `exp` expiry in
 * epoch milliseconds, `req` the request's hash, `ms` the clip's length, `ref` the vendor's job.
 */
const holdItemSchema = z.object({
  svc: z.enum(['clip', 'catchup', 'ask']),
  bal: z.int(),
  gr: z.record(z.string(), z.int()).optional(),
  exp: z.int(),
  req: z.string(),
  ms: z.int().optional(),
  ref: z.string().optional(),
})

const grantItemSchema = z.object({ remaining: z.int(), expires_at: z.int(), source: z.string() })

const accountItemSchema = z.object({
  user_id: z.string(),
  email: z.string(),
  name: z.string().optional(),
  password_hash: z.string(),
  subscription_tier: z.string(),
  created_at: z.string(),
  last_login: z.string().optional(),
  is_active: z.boolean(),
  email_verified: z.boolean().optional(),
  credits_balance: z.int(),
  total_credits_purchased: z.int(),
  total_usage: z.int(),
  grants: z.record(z.string(), grantItemSchema),
  holds: z.record(z.string(), holdItemSchema),
  revision: z.int(),
  stripe_customer_id: z.string().optional(),
  payment_failed_at: z.string().optional(),
})

type HoldItem = z.infer<typeof holdItemSchema>

const serviceCodes = { clip_transcription: 'clip', catchup: 'catchup', ask_agent: 'ask' } as const
const services = { clip: 'clip_transcription', catchup: 'catchup', ask: 'ask_agent' } as const

/** A hold as the Users table keeps it. */
export const toHoldItem = (hold: Hold): HoldItem => ({
  svc: serviceCodes[hold.service],
  bal: hold.split.fromBalance,
  gr: Object.keys(hold.split.fromGrants).length === 0 ? undefined : { ...hold.split.fromGrants },
  exp: hold.expiresAtMs,
  req: hold.requestHash,
  ms: hold.audioMs,
  ref: hold.reference,
})

const toHold = (item: HoldItem): Hold => ({
  service: services[item.svc],
  split: { fromBalance: item.bal, fromGrants: item.gr ?? {} },
  expiresAtMs: item.exp,
  requestHash: item.req,
  audioMs: item.ms,
  reference: item.ref,
})

const mapValues = <From, To>(record: Record<string, From>, map: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))

/** Reads a Users item. @throws {z.ZodError} where the table holds something that we did not write */
export const toAccount = (item: unknown): Account => {
  const row = accountItemSchema.parse(item)
  return {
    userId: row.user_id,
    email: row.email,
    name: row.name,
    passwordHash: row.password_hash,
    subscriptionTier: row.subscription_tier,
    createdAt: row.created_at,
    lastLogin: row.last_login,
    isActive: row.is_active,
    emailVerified: row.email_verified ?? false,
    creditsBalance: row.credits_balance,
    totalCreditsPurchased: row.total_credits_purchased,
    totalUsage: row.total_usage,
    grants: mapValues(row.grants, ({ remaining, expires_at, source }) => ({
      remaining,
      expiresAtMs: expires_at,
      source,
    })),
    holds: mapValues(row.holds, toHold),
    revision: row.revision,
    stripeCustomerId: row.stripe_customer_id,
    paymentFailedAt: row.payment_failed_at,
  }
}

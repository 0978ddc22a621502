import * as z from 'zod'
import type { Account, Hold, LiveLeases } from '../domain/account.ts'

/**
 * A hold is written as a tuple, under a packed operation id, since a write unit covers 1 KB: see ADR 1. Service, credits
 * from the balance, expiry in epoch milliseconds, the request's hash, the clip's length in milliseconds, the vendor's
 * job, credits from each grant; for live captions their start in epoch milliseconds, the last lease's number, the
 * seconds paid for, those of the last lease, the language.
 */
const holdItemSchema = z.tuple([
  z.enum(['live', 'clip', 'catchup', 'ask']),
  z.int(),
  z.int(),
  z.string(),
  z.int().nullable(),
  z.string().nullable(),
  z.record(z.string(), z.int()),
  z.tuple([z.int(), z.int(), z.int(), z.int(), z.string()]).optional(),
])

/** Where in the tuple a condition or an update looks. */
export const holdField = { expiresAt: 2, requestHash: 3, reference: 5 } as const

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
  /** Four bytes a use: epoch seconds. */
  allowance_uses: z.instanceof(Uint8Array).optional(),
  last_payment: z.tuple([z.string(), z.boolean()]).optional(),
})

type HoldItem = z.infer<typeof holdItemSchema>

const serviceCodes = {
  live_transcription: 'live',
  clip_transcription: 'clip',
  catchup: 'catchup',
  ask_agent: 'ask',
} as const
const services = {
  live: 'live_transcription',
  clip: 'clip_transcription',
  catchup: 'catchup',
  ask: 'ask_agent',
} as const

/** An operation id in 22 characters instead of 36. */
export const packOperationId = (operationId: string): string =>
  Buffer.from(operationId.replaceAll('-', ''), 'hex').toString('base64url')

const unpackOperationId = (packed: string): string =>
  Buffer.from(packed, 'base64url')
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

type LiveItem = NonNullable<HoldItem[7]>

const toLiveItem = (live: LiveLeases): LiveItem => [
  live.startedAtMs,
  live.lease,
  live.paidSeconds,
  live.leaseSeconds,
  live.language,
]

const toLiveLeases = ([startedAtMs, lease, paidSeconds, leaseSeconds, language]: LiveItem): LiveLeases => ({
  startedAtMs,
  lease,
  paidSeconds,
  leaseSeconds,
  language,
})

/** Uses of the allowance as the Users table keeps them. */
export const toAllowanceItem = (uses: readonly number[]): Uint8Array => {
  const bytes = Buffer.alloc(uses.length * 4)
  for (const [index, at] of uses.entries()) bytes.writeUInt32BE(at, index * 4)
  return bytes
}

const toAllowanceUses = (item: Uint8Array | undefined): number[] => {
  const bytes = Buffer.from(item ?? [])
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32BE(index * 4))
}

/** A hold as the Users table keeps it. */
export const toHoldItem = (hold: Hold): HoldItem => [
  serviceCodes[hold.service],
  hold.split.fromBalance,
  hold.expiresAtMs,
  hold.requestHash,
  hold.audioMs ?? null,
  hold.reference ?? null,
  { ...hold.split.fromGrants },
  hold.live && toLiveItem(hold.live),
]

const toHold = ([
  service,
  fromBalance,
  expiresAtMs,
  requestHash,
  audioMs,
  reference,
  fromGrants,
  live,
]: HoldItem): Hold => ({
  service: services[service],
  split: { fromBalance, fromGrants },
  expiresAtMs,
  requestHash,
  audioMs: audioMs ?? undefined,
  reference: reference ?? undefined,
  live: live && toLiveLeases(live),
})

const toHolds = (items: Record<string, HoldItem>): Record<string, Hold> =>
  Object.fromEntries(Object.entries(items).map(([packed, item]) => [unpackOperationId(packed), toHold(item)]))

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
    holds: toHolds(row.holds),
    revision: row.revision,
    stripeCustomerId: row.stripe_customer_id,
    allowanceUses: toAllowanceUses(row.allowance_uses),
    lastPayment: row.last_payment && { at: row.last_payment[0], failed: row.last_payment[1] },
  }
}

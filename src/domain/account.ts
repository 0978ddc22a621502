import type { ServiceType } from '../contracts/credits.ts'

/** Credits that lapse. `expiresAtMs` is when; `source` says where they came from. */
export interface Grant {
  readonly remaining: number
  readonly expiresAtMs: number
  readonly source: string
}

/** Where the credits of a hold were taken from: the exact split, so that they can go back there. */
export interface Split {
  readonly fromBalance: number
  /** Grant id to credits. */
  readonly fromGrants: Readonly<Record<string, number>>
}

/** How far live captions are paid for. Time is sold in leases, one after the other without a gap. */
export interface LiveLeases {
  readonly startedAtMs: number
  /** The number of the last lease, from 1. */
  readonly lease: number
  /** Of all leases together. */
  readonly paidSeconds: number
  /** Of the last lease. */
  readonly leaseSeconds: number
  /** As the first lease was asked for. */
  readonly language: string
}

/** Credits set aside for an operation that is not finished. */
export interface Hold {
  readonly service: ServiceType
  readonly split: Split
  /** Also the reservation's identity: a write that changes or ends it names the one that it saw. */
  readonly expiresAtMs: number
  /** Tells a repeat of the same request from another request under the same key. */
  readonly requestHash: string
  /** The clip's true length, which decided the price. */
  readonly audioMs?: number | undefined
  /** The vendor's id of the job, once the operation goes on without the caller. */
  readonly reference?: string | undefined
  /** Live captions have them, and nothing else has. */
  readonly live?: LiveLeases | undefined
}

/** How the newest payment that Stripe told of ended, and when (ISO 8601). */
export interface LastPayment {
  readonly at: string
  readonly failed: boolean
}

/** One listener's account, as the Users table keeps it. */
export interface Account {
  readonly userId: string
  readonly email: string
  readonly name: string | undefined
  readonly passwordHash: string
  readonly subscriptionTier: string
  readonly createdAt: string
  readonly lastLogin: string | undefined
  readonly isActive: boolean
  readonly emailVerified: boolean
  /** What never lapses. Below zero it is a debt. */
  readonly creditsBalance: number
  readonly totalCreditsPurchased: number
  readonly totalUsage: number
  readonly grants: Readonly<Record<string, Grant>>
  readonly holds: Readonly<Record<string, Hold>>
  /** Goes up with every write that moves credits: a transaction that states the balance after it names the one it saw. */
  readonly revision: number
  readonly stripeCustomerId: string | undefined
  readonly lastPayment: LastPayment | undefined
  /** When the allowance for refunds and repeated tokens was used: epoch seconds, ascending. Uses of more than a day ago don't count. */
  readonly allowanceUses: readonly number[]
}

/** More than a listener has open at once; the item stays small, so that a write to it costs one unit or, at worst, two. */
export const maxOpenHolds = 8

const sum = (numbers: Iterable<number>): number => {
  let total = 0
  for (const number of numbers) total += number
  return total
}

export const splitTotal = (split: Split): number => split.fromBalance + sum(Object.values(split.fromGrants))

export const isLapsed = (grant: Grant, nowMs: number): boolean => grant.expiresAtMs <= nowMs
export const isExpired = (hold: Hold, nowMs: number): boolean => hold.expiresAtMs <= nowMs

/** What a payment changes: nothing where a newer one has been told of before. */
export const newerPayment = (account: Account, payment: LastPayment): { lastPayment?: LastPayment } =>
  account.lastPayment !== undefined && account.lastPayment.at > payment.at ? {} : { lastPayment: payment }

/** Grants that can still be spent, soonest to lapse first: the order in which they are burned. */
const spendableGrants = (account: Account, nowMs: number): [string, Grant][] =>
  Object.entries(account.grants)
    .filter(([, grant]) => !isLapsed(grant, nowMs))
    .sort(([idA, a], [idB, b]) => a.expiresAtMs - b.expiresAtMs || (idA < idB ? -1 : 1))

/** Balance and unexpired grants: what the journals must add up to, less what is held. */
export const creditsOwned = (account: Account, nowMs: number): number =>
  account.creditsBalance + sum(spendableGrants(account, nowMs).map(([, grant]) => grant.remaining))

/** What can be spent now. In debt that is nothing, whatever the grants. */
export const creditsAvailable = (account: Account, nowMs: number): number =>
  account.creditsBalance < 0 ? 0 : creditsOwned(account, nowMs)

export const creditsHeld = (account: Account): number =>
  sum(Object.values(account.holds).map(hold => splitTotal(hold.split)))

/**
 * Where `amount` credits would come from, grants first, or undefined where they don't suffice.
 * It chooses only: the write that takes them decides.
 */
export const chooseSplit = (account: Account, amount: number, nowMs: number): Split | undefined => {
  if (creditsAvailable(account, nowMs) < amount) return undefined
  const fromGrants: Record<string, number> = {}
  let missing = amount
  for (const [id, grant] of spendableGrants(account, nowMs)) {
    const taken = Math.min(grant.remaining, missing)
    if (taken > 0) fromGrants[id] = taken
    missing -= taken
  }
  return { fromBalance: missing, fromGrants }
}

/**
 * What goes back where it came from when `cost` of a split is used: the balance first, then the grants
 * that lapse last, since those that lapse first were burned first.
 */
export const unusedOf = (split: Split, cost: number, grants: Account['grants']): Split => {
  let unused = splitTotal(split) - cost
  const fromBalance = Math.min(split.fromBalance, unused)
  unused -= fromBalance
  const fromGrants: Record<string, number> = {}
  const lastToLapseFirst = Object.keys(split.fromGrants).sort(
    (a, b) => (grants[b]?.expiresAtMs ?? 0) - (grants[a]?.expiresAtMs ?? 0) || (a < b ? 1 : -1),
  )
  for (const id of lastToLapseFirst) {
    const returned = Math.min(split.fromGrants[id] ?? 0, unused)
    if (returned > 0) fromGrants[id] = returned
    unused -= returned
  }
  return { fromBalance, fromGrants }
}

/** The account as it stands once a hold is gone and `returned` is back. A lapsed grant stays lapsed. */
export const withoutHold = (account: Account, operationId: string, returned: Split): Account => {
  const { [operationId]: _ended, ...holds } = account.holds
  const grants = { ...account.grants }
  for (const [id, credits] of Object.entries(returned.fromGrants)) {
    const grant = grants[id]
    if (grant) grants[id] = { ...grant, remaining: grant.remaining + credits }
  }
  return { ...account, holds, grants, creditsBalance: account.creditsBalance + returned.fromBalance }
}

const nothing: Split = { fromBalance: 0, fromGrants: {} }

/** What an expired hold gives back: live captions were sold up to their end, everything else came to nothing. */
const returnedAtExpiry = (hold: Hold): Split => (hold.live ? nothing : hold.split)

/** The account as its owner may see it now: expired holds have ended, whether or not a write has said so yet. */
export const withExpiredHoldsEnded = (account: Account, nowMs: number): Account =>
  Object.entries(account.holds)
    .filter(([, hold]) => isExpired(hold, nowMs))
    .reduce((view, [id, hold]) => {
      const returned = returnedAtExpiry(hold)
      const charged = splitTotal(hold.split) - splitTotal(returned)
      return { ...withoutHold(view, id, returned), totalUsage: view.totalUsage + charged }
    }, account)

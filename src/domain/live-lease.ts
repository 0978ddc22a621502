import type { Hold, LiveLeases } from './account.ts'
import { liveCredits, liveSeconds } from './price-list.ts'

/** What live captions are sold by. See docs/adr/0010-live-captions-are-sold-in-leases.md. */
export interface LiveRules {
  readonly leaseSeconds: number
  /** Less is not sold. At least `shortestSessionSeconds`. */
  readonly shortestLeaseSeconds: number
  /** How long before a whole lease's end the next one can be had. */
  readonly renewWindowSeconds: number
  /** How long a token can open its socket. */
  readonly redeemSeconds: number
  /** The vendor caps no session to less. */
  readonly shortestSessionSeconds: number
  /** How long after its last lease an operation can still be stopped with the time of its last sound. */
  readonly danglingSeconds: number
  /** Refunds and repeated tokens together. */
  readonly allowancePerHour: number
  readonly allowancePerDay: number
}

const hourSeconds = 3_600
const daySeconds = 24 * hourSeconds

/** A hold of live captions. */
export type LiveHold = Hold & { readonly live: LiveLeases }

export const isLive = (hold: Hold | undefined): hold is LiveHold => hold?.live !== undefined

export const leaseEndsAtMs = ({ startedAtMs, paidSeconds }: LiveLeases): number =>
  startedAtMs + paidSeconds * 1_000

export const isLeaseOver = (live: LiveLeases, nowMs: number): boolean => leaseEndsAtMs(live) <= nowMs

/**
 * From when on the next lease can be had. A short lease has a window that is short in proportion, so that many of them
 * overlap by no more than long ones do. Rounded up, leases of 72 s would overlap by a ninth instead of a tenth.
 */
export const renewFromMs = (live: LiveLeases, rules: LiveRules): number => {
  const inProportion = Math.floor((rules.renewWindowSeconds * live.leaseSeconds) / rules.leaseSeconds)
  const windowSeconds = Math.min(Math.max(1, inProportion), rules.renewWindowSeconds)
  return leaseEndsAtMs(live) - windowSeconds * 1_000
}

/** The credits that the shortest lease costs. */
export const shortestLeaseCredits = (rules: LiveRules): number =>
  liveCredits(rules.shortestLeaseSeconds * 1_000)

/** The credits of the next lease: a full one's, or as many as there are. Undefined where they pay for too little. */
export const affordableLeaseCredits = (available: number, rules: LiveRules): number | undefined => {
  const credits = Math.min(available, liveCredits(rules.leaseSeconds * 1_000))
  return credits < shortestLeaseCredits(rules) ? undefined : credits
}

/** Lease 1 of an operation that starts now. */
export const firstLease = (credits: number, language: string, nowMs: number): LiveLeases => {
  const seconds = liveSeconds(credits)
  return { startedAtMs: nowMs, lease: 1, paidSeconds: seconds, leaseSeconds: seconds, language }
}

/** The leases with one more, which begins where the last one ends. */
export const withNextLease = (live: LiveLeases, credits: number): LiveLeases => {
  const seconds = liveSeconds(credits)
  return {
    ...live,
    lease: live.lease + 1,
    paidSeconds: live.paidSeconds + seconds,
    leaseSeconds: seconds,
  }
}

/**
 * How long a session may be that is opened now: until the last lease ends, in whole seconds. The vendor's least
 * session can be longer than what remains of a lease that is handed out again.
 */
export const sessionSeconds = (live: LiveLeases, rules: LiveRules, nowMs: number): number =>
  Math.max(rules.shortestSessionSeconds, Math.ceil((leaseEndsAtMs(live) - nowMs) / 1_000))

/**
 * How long the captions ran that are stopped now. An earlier end is the client's word, and is taken for the last
 * lease only: that it was asked for proves that the captions ran until then.
 */
export const captionedMs = (live: LiveLeases, nowMs: number, endedAtMs: number | undefined): number => {
  const endMs = Math.min(nowMs, endedAtMs ?? nowMs, leaseEndsAtMs(live))
  const earlierLeasesMs = (live.paidSeconds - live.leaseSeconds) * 1_000
  return Math.max(endMs - live.startedAtMs, earlierLeasesMs)
}

/**
 * The allowance's uses with one more, now; undefined where that of an hour or a day is spent. Uses are kept in whole
 * seconds, so one counts for up to a second more than its hour or day, and never for less.
 */
export const withAllowanceUsed = (
  uses: readonly number[],
  rules: LiveRules,
  nowMs: number,
): readonly number[] | undefined => {
  const nowSeconds = Math.floor(nowMs / 1_000)
  const ofDay = uses.filter(at => at >= nowSeconds - daySeconds)
  const ofHour = ofDay.filter(at => at >= nowSeconds - hourSeconds)
  if (ofDay.length >= rules.allowancePerDay || ofHour.length >= rules.allowancePerHour) return undefined
  return [...ofDay, nowSeconds]
}

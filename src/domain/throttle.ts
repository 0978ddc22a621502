import { DomainError } from './errors.ts'
import type { Clock, Counters } from './ports.ts'

/** At most `limit` calls in a window of `windowSeconds`. */
export interface ThrottleRule {
  readonly name: string
  readonly limit: number
  readonly windowSeconds: number
}

export interface ThrottleRules {
  readonly registerByAddress: ThrottleRule
  readonly loginByAddress: ThrottleRule
  readonly loginByEmail: ThrottleRule
  readonly refreshByAddress: ThrottleRule
  readonly spendByUser: ThrottleRule
  readonly purchaseByUser: ThrottleRule
}

/** The limits, each multiplied by `scale`: a machine on which one person tests everything wants more than one user does. */
export const throttleRules = (scale: number): ThrottleRules => ({
  registerByAddress: { name: 'register', limit: 10 * scale, windowSeconds: 3_600 },
  loginByAddress: { name: 'login-address', limit: 50 * scale, windowSeconds: 900 },
  loginByEmail: { name: 'login-email', limit: 10 * scale, windowSeconds: 900 },
  refreshByAddress: { name: 'refresh', limit: 120 * scale, windowSeconds: 3_600 },
  spendByUser: { name: 'spend', limit: 60 * scale, windowSeconds: 60 },
  purchaseByUser: { name: 'purchase', limit: 20 * scale, windowSeconds: 3_600 },
})

/** Counts calls in fixed windows, in the Ephemera table: one write unit a call. */
export class Throttle {
  readonly #counters: Counters
  readonly #now: Clock

  constructor(counters: Counters, now: Clock) {
    this.#counters = counters
    this.#now = now
  }

  /**
   * Counts a call by `subject` (a user id, an address, or a digest of an e-mail).
   * @throws {DomainError} `too_many_requests` once the window's calls are used up
   */
  async count(rule: ThrottleRule, subject: string): Promise<void> {
    const windowMs = rule.windowSeconds * 1_000
    const nowMs = this.#now()
    const window = Math.floor(nowMs / windowMs)
    const endsAtMs = (window + 1) * windowMs
    const count = await this.#counters.increment(`${rule.name}#${subject}#${window}`, endsAtMs)
    if (count <= rule.limit) return
    const retryAfterSeconds = Math.max(1, Math.ceil((endsAtMs - nowMs) / 1_000))
    throw new DomainError(
      'too_many_requests',
      `Too many tries. Nothing was charged. Try again in ${retryAfterSeconds} seconds.`,
      { retry_after_seconds: retryAfterSeconds },
    )
  }
}

import { DomainError } from './errors.ts'
import type { Clock, Counters, FailureMeter } from './ports.ts'

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
  readonly refreshBySession: ThrottleRule
  readonly spendByUser: ThrottleRule
  readonly stopByUser: ThrottleRule
  readonly readClipByUser: ThrottleRule
  readonly failedByUser: ThrottleRule
  readonly purchaseByUser: ThrottleRule
}

/** The limits, each multiplied by `scale`: a machine on which one person tests everything wants more than one user does. */
export const throttleRules = (scale: number): ThrottleRules => ({
  registerByAddress: { name: 'register', limit: 10 * scale, windowSeconds: 3_600 },
  loginByAddress: { name: 'login-address', limit: 50 * scale, windowSeconds: 900 },
  loginByEmail: { name: 'login-email', limit: 10 * scale, windowSeconds: 900 },
  refreshByAddress: { name: 'refresh-address', limit: 2_000 * scale, windowSeconds: 3_600 },
  refreshBySession: { name: 'refresh-session', limit: 60 * scale, windowSeconds: 3_600 },
  spendByUser: { name: 'spend', limit: 60 * scale, windowSeconds: 60 },
  stopByUser: { name: 'stop', limit: 120 * scale, windowSeconds: 60 },
  readClipByUser: { name: 'read-clip', limit: 120 * scale, windowSeconds: 60 },
  failedByUser: { name: 'failed', limit: 60 * scale, windowSeconds: 3_600 },
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
   * Counts a call by `subject` (a user id, an address, or a digest).
   * @throws {DomainError} `too_many_requests` once the window's calls are used up
   */
  async count(rule: ThrottleRule, subject: string): Promise<void> {
    const window = this.#window(rule, subject)
    const count = await this.#counters.increment(window.key, window.endsAtMs)
    if (count > rule.limit) this.#refuse(window.endsAtMs)
  }

  /**
   * Counts nothing.
   * @throws {DomainError} `too_many_requests` where the window is used up already
   */
  async check(rule: ThrottleRule, subject: string): Promise<void> {
    const window = this.#window(rule, subject)
    if ((await this.#counters.read(window.key)) >= rule.limit) this.#refuse(window.endsAtMs)
  }

  /** Counts what has happened, for `check` to find. */
  meter(rule: ThrottleRule): FailureMeter {
    return {
      note: async subject => {
        const window = this.#window(rule, subject)
        await this.#counters.increment(window.key, window.endsAtMs)
      },
    }
  }

  #window(rule: ThrottleRule, subject: string): { key: string; endsAtMs: number } {
    const windowMs = rule.windowSeconds * 1_000
    const window = Math.floor(this.#now() / windowMs)
    return { key: `${rule.name}#${subject}#${window}`, endsAtMs: (window + 1) * windowMs }
  }

  #refuse(endsAtMs: number): never {
    const retryAfterSeconds = Math.max(1, Math.ceil((endsAtMs - this.#now()) / 1_000))
    throw new DomainError(
      'too_many_requests',
      `Too many tries. Nothing was charged. Try again in ${retryAfterSeconds} seconds.`,
      { retry_after_seconds: retryAfterSeconds },
    )
  }
}

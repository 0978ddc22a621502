import { v7 } from 'uuid'
import type { LeaseResponse } from '../../src/contracts/live-captions.ts'
import type { Database } from '../../src/db/dynamodb.ts'
import { type Account, splitTotal } from '../../src/domain/account.ts'
import { DomainError } from '../../src/domain/errors.ts'
import { isLive, type LiveRules, renewFromMs } from '../../src/domain/live-lease.ts'
import type { LiveSessions, Reservation } from '../../src/domain/ports.ts'
import { liveSeconds } from '../../src/domain/price-list.ts'
import { createLedger, openAccount, type TestLedger } from './ledger.ts'
import { createLive, type TestLive } from './live.ts'

interface Token {
  readonly mintedAtMs: number
  readonly redeemSeconds: number
  readonly sessionSeconds: number
  isUsed: boolean
}

/** A vendor in virtual time: a token opens one session, within its time, for as long as it says. */
class VirtualVendor implements LiveSessions {
  readonly languages: readonly [string, ...string[]] = ['en']
  readonly #tokens = new Map<string, Token>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  address(language: string): string {
    return `wss://streaming.example.com/v3/ws?language=${language}`
  }

  async mintToken(asked: { redeemSeconds: number; sessionSeconds: number }): Promise<string> {
    const token = `token-${this.#tokens.size + 1}`
    this.#tokens.set(token, { ...asked, mintedAtMs: this.#now(), isUsed: false })
    return token
  }

  /** The seconds of the session that a token opens `afterSeconds` from now: none where it is used or late. */
  open(text: string, afterSeconds: number): number {
    const token = this.#tokens.get(text)
    const openedAtMs = this.#now() + afterSeconds * 1_000
    if (!token || token.isUsed || openedAtMs >= token.mintedAtMs + token.redeemSeconds * 1_000) return 0
    token.isUsed = true
    return token.sessionSeconds
  }
}

/** What one call got, and what the account paid for it then: a refund is a negative payment. */
export interface Deal {
  readonly atMs: number
  /** Of the session that its token opened. */
  readonly sessionSeconds: number
  readonly paidCredits: number
  /** Of the lease that was renewed from, if one was. */
  readonly renewedSeconds: number
  readonly allowanceUses: number
}

export interface LyingClientOptions {
  readonly database: Database
  readonly rules: LiveRules
  readonly credits: number
  readonly startMs: number
}

/**
 * A client that opens a socket with every token that it gets, as many side by side as it can, and says what suits it.
 * It has an account of its own on the real tables, and a clock of its own.
 */
export class LyingClient {
  readonly deals: Deal[] = []
  readonly userId: string
  readonly ledger: TestLedger
  readonly rules: LiveRules
  /** The captions that it started last. */
  key: string
  readonly #clock: { nowMs: number }
  readonly #vendor: VirtualVendor
  readonly #captions: TestLive
  readonly #tokens: string[] = []
  #parked: Reservation | undefined
  /** Nobody else writes to it. */
  #account: Account | undefined

  private constructor(
    userId: string,
    ledger: TestLedger,
    rules: LiveRules,
    clock: { nowMs: number },
    vendor: VirtualVendor,
  ) {
    this.userId = userId
    this.ledger = ledger
    this.rules = rules
    this.#clock = clock
    this.key = v7({ msecs: clock.nowMs })
    this.#vendor = vendor
    this.#captions = createLive(ledger, vendor, rules)
  }

  static async open({ database, rules, credits, startMs }: LyingClientOptions): Promise<LyingClient> {
    const clock = { nowMs: startMs }
    const now = () => clock.nowMs
    const ledger = createLedger(database, now)
    const userId = await openAccount(ledger, startMs, credits)
    return new LyingClient(userId, ledger, rules, clock, new VirtualVendor(now))
  }

  get nowMs(): number {
    return this.#clock.nowMs
  }

  wait(seconds: number): void {
    this.#clock.nowMs += Math.round(seconds * 1_000)
  }

  /** Waits until the captions can be renewed, where they can be later. */
  async waitForRenewal(): Promise<void> {
    const live = (await this.account()).holds[this.key]?.live
    if (live) this.#clock.nowMs = Math.max(this.nowMs, renewFromMs(live, this.rules))
  }

  async account(): Promise<Account> {
    this.#account ??= await this.ledger.store.readAccount(this.userId)
    if (!this.#account) throw new Error('There is no such account.')
    return this.#account
  }

  /** Starts captions under a new key, and keeps to the old one where that is refused. */
  async start(openAfterSeconds = 0): Promise<void> {
    const oldKey = this.key
    this.key = v7({ msecs: this.nowMs })
    await this.repeatStart(openAfterSeconds)
    if (!(this.key in (await this.account()).holds)) this.key = oldKey
  }

  repeatStart(openAfterSeconds = 0): Promise<void> {
    const { userId, key: operationId } = this
    const request = { userId, operationId, requestHash: 'AbCd1234', language: undefined }
    return this.#deal(openAfterSeconds, () => this.#captions.live.start(request))
  }

  /** Asks for the lease after the one in force, or for one that is so many further. */
  async renew(openAfterSeconds = 0, further = 1): Promise<void> {
    const inForce = (await this.account()).holds[this.key]?.live?.lease ?? 1
    const lease = Math.max(1, inForce + further)
    return this.#deal(openAfterSeconds, () => this.#captions.live.renew(this.userId, this.key, lease))
  }

  repeatRenewal(openAfterSeconds = 0): Promise<void> {
    return this.renew(openAfterSeconds, 0)
  }

  stop(endedAtMs?: number): Promise<void> {
    return this.#deal(0, async () => {
      await this.#captions.stops.stop(this.userId, this.key, endedAtMs)
      return undefined
    })
  }

  /** Has all but so many credits held by an operation that will come to nothing, and so can buy but a short lease. */
  async park(credits: number): Promise<void> {
    await this.unpark()
    const { creditsBalance } = await this.account()
    if (creditsBalance <= credits) return
    const opened = await this.ledger.ledger.open({
      userId: this.userId,
      operationId: v7({ msecs: this.nowMs }),
      service: 'clip_transcription',
      credits: creditsBalance - credits,
      requestHash: 'EfGh5678',
      holdMs: 1_800_000,
    })
    this.#account = undefined
    if (opened.state === 'reserved') this.#parked = opened.reservation
  }

  /** Has all its credits again. */
  async unpark(): Promise<void> {
    if (this.#parked) await this.ledger.ledger.release(this.#parked)
    this.#parked = undefined
    this.#account = undefined
  }

  /** Opens a socket with every token that it ever got. @returns the seconds that it got that way */
  replay(): number {
    return this.#tokens.reduce((seconds, token) => seconds + this.#vendor.open(token, 0), 0)
  }

  async #deal(openAfterSeconds: number, call: () => Promise<LeaseResponse | undefined>): Promise<void> {
    const before = await this.account()
    const lease = await unlessRefused(call)
    this.#account = undefined
    const after = await this.account()
    if (lease) this.#tokens.push(lease.token)
    const leaseBefore = before.holds[this.key]?.live
    const isRenewal = leaseBefore && after.holds[this.key]?.live?.lease === leaseBefore.lease + 1
    this.deals.push({
      atMs: this.nowMs,
      sessionSeconds: lease ? this.#vendor.open(lease.token, openAfterSeconds) : 0,
      paidCredits: creditsLeft(before) - creditsLeft(after),
      renewedSeconds: isRenewal ? leaseBefore.leaseSeconds : 0,
      allowanceUses: String(after.allowanceUses) === String(before.allowanceUses) ? 0 : 1,
    })
  }
}

const unlessRefused = async <Answer>(call: () => Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await call()
  } catch (error) {
    if (error instanceof DomainError && error.code !== 'internal') return undefined
    throw error
  }
}

/** What live captions have not taken: other operations give back what they hold. */
const creditsLeft = ({ creditsBalance, holds }: Account): number =>
  creditsBalance + total(Object.values(holds).map(hold => (isLive(hold) ? 0 : splitTotal(hold.split))))

/** What a client got in a span of time. */
export interface Span {
  readonly allowanceUses: number
  readonly paidSeconds: number
  /** Of the leases that were renewed from. */
  readonly renewedSeconds: number
  /** Of sessions whose tokens were handed out in the span, less what was paid in it. */
  readonly freeSeconds: number
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)

/** All that a client got. */
export const spanOf = (deals: readonly Deal[]): Span => {
  const paidSeconds = liveSeconds(total(deals.map(deal => deal.paidCredits)))
  return {
    allowanceUses: total(deals.map(deal => deal.allowanceUses)),
    paidSeconds,
    renewedSeconds: total(deals.map(deal => deal.renewedSeconds)),
    freeSeconds: total(deals.map(deal => deal.sessionSeconds)) - paidSeconds,
  }
}

/** Every span of this length that begins with a deal: no other has more in it. */
export const spansOf = (deals: readonly Deal[], spanSeconds: number): Span[] =>
  deals.map(({ atMs }) =>
    spanOf(deals.filter(deal => deal.atMs >= atMs && deal.atMs < atMs + spanSeconds * 1_000)),
  )

/**
 * The bound of docs/adr/0010-live-captions-are-sold-in-leases.md: what each use of the allowance can give, and a window
 * for each second of a lease that counts.
 */
export const boundSeconds = (allowanceUses: number, countedSeconds: number, rules: LiveRules): number =>
  allowanceUses * (rules.leaseSeconds + rules.renewWindowSeconds) +
  (countedSeconds * rules.renewWindowSeconds) / rules.leaseSeconds

import type { LeaseResponse } from '../contracts/live-captions.ts'
import {
  type Account,
  chooseSplit,
  creditsAvailable,
  isExpired,
  type LiveLeases,
  type Split,
  splitTotal,
} from './account.ts'
import { UpstreamError } from './errors.ts'
import { accountGone, chargedWhole, contended, type Ledger, refusal } from './ledger.ts'
import {
  affordableLeaseCredits,
  firstLease,
  isLeaseOver,
  isLive,
  type LiveHold,
  type LiveRules,
  leaseEndsAtMs,
  renewFromMs,
  sessionSeconds,
  shortestLeaseCredits,
  withAllowanceUsed,
  withNextLease,
} from './live-lease.ts'
import {
  allowanceSpent,
  leaseOver,
  liveAlreadyOpen,
  noSuchCaptions,
  noToken,
  notOffered,
  renewTooEarly,
  wrongLease,
} from './live-problems.ts'
import type { ActiveAccounts, Backoff, Clock, LedgerStore, LiveSessions } from './ports.ts'
import { liveSeconds } from './price-list.ts'

export interface LiveDependencies {
  readonly ledger: Ledger
  readonly store: Pick<LedgerStore, 'readUsage' | 'renew' | 'useAllowance'>
  readonly activity: Pick<ActiveAccounts, 'note'>
  readonly sessions: LiveSessions
  readonly rules: LiveRules
  readonly now: Clock
  readonly backoff: Backoff
}

export interface StartLive {
  readonly userId: string
  readonly operationId: string
  readonly requestHash: string
  readonly language: string | undefined
}

/** Captions that can go on, as they were read. */
interface OpenCaptions {
  readonly account: Account
  readonly reservation: { readonly userId: string; readonly operationId: string; readonly hold: LiveHold }
}

/** A token that is not handed out yet, and how long a session it opens. */
interface Minted {
  readonly seconds: number
  readonly token: string
}

/** As many as carry an account's other operations through their conflicts. */
const maxAttempts = 12

/**
 * Live captions, sold in leases. A token is minted before its lease is written and handed out after: where the vendor
 * fails nothing is held, and where the write fails nobody has the token.
 */
export class LiveCaptions {
  readonly #deps: LiveDependencies

  constructor(dependencies: LiveDependencies) {
    this.#deps = dependencies
  }

  /**
   * Sells lease 1, or hands it out again to a repeat.
   * @throws {DomainError} whatever `Ledger.open` throws; `live_already_open`, `allowance_spent`, `lease_over`,
   *   `wrong_lease`, `upstream_failed`, `upstream_timeout`
   */
  async start(request: StartLive): Promise<LeaseResponse> {
    const { ledger } = this.#deps
    const { userId, operationId } = request
    let minted: Minted | undefined
    return this.#try(async () => {
      const looked = await ledger.look(request)
      if (looked.state === 'finished') throw leaseOver(operationId)
      if (looked.state === 'in_progress') return this.#repeat(userId, operationId, 1)
      const language = this.#language(request.language)
      const over = this.#overCaptions(looked.account)
      const credits = this.#affordable(looked.account)
      if (over !== undefined) return this.#endOver(userId, over)
      minted = await this.#mint(liveSeconds(credits), minted)
      const sold = await this.#sellFirst(request, language, credits, looked.account)
      return sold && this.#answer(operationId, sold.hold, sold.account, minted.token)
    })
  }

  /** Reads, decides and writes until the write goes through. @throws {DomainError} `operation_in_progress` */
  async #try(attempt: () => Promise<LeaseResponse | undefined>): Promise<LeaseResponse> {
    for (let tries = 0; tries < maxAttempts; tries++) {
      const answer = await attempt()
      if (answer) return answer
      await this.#deps.backoff(tries)
    }
    throw contended()
  }

  #language(asked: string | undefined): string {
    const { languages } = this.#deps.sessions
    const language = asked ?? languages[0]
    if (!languages.includes(language)) throw notOffered(languages)
    return language
  }

  /** The credits of the next lease. @throws {DomainError} `insufficient_credits`, `account_in_debt` */
  #affordable(account: Account): number {
    const { rules, now } = this.#deps
    const credits = affordableLeaseCredits(creditsAvailable(account, now()), rules)
    if (credits === undefined) throw refusal(account, shortestLeaseCredits(rules), now())
    return credits
  }

  /**
   * Captions whose lease has ended are no reason to refuse new ones: nobody can go on with them.
   * @throws {DomainError} `live_already_open` where there are captions that can go on
   */
  #overCaptions(account: Account): string | undefined {
    const nowMs = this.#deps.now()
    for (const [operationId, hold] of Object.entries(account.holds)) {
      if (!isLive(hold)) continue
      if (!isLeaseOver(hold.live, nowMs)) throw liveAlreadyOpen(operationId, hold.live, nowMs)
      return operationId
    }
    return undefined
  }

  /** Charges them, unless they have been renewed meanwhile. What to do then is for the next try to see. */
  async #endOver(userId: string, operationId: string): Promise<undefined> {
    await this.#deps.ledger.settleLive(userId, operationId, (_account, hold, nowMs) =>
      isLeaseOver(hold.live, nowMs) ? chargedWhole(hold) : undefined,
    )
  }

  /** A token for a session of so many seconds, unless one that was not handed out will do: sessions shrink with time. */
  async #mint(seconds: number, before: Minted | undefined): Promise<Minted> {
    if (before && before.seconds <= seconds && before.seconds >= seconds - 1) return before
    const { sessions, rules } = this.#deps
    try {
      const { redeemSeconds } = rules
      return { seconds, token: await sessions.mintToken({ redeemSeconds, sessionSeconds: seconds }) }
    } catch (error) {
      throw error instanceof UpstreamError ? noToken(error) : error
    }
  }

  #sellFirst(request: StartLive, language: string, credits: number, account: Account) {
    const { ledger, rules } = this.#deps
    return ledger.reserveLive(
      {
        ...request,
        service: 'live_transcription',
        credits,
        holdMs: (liveSeconds(credits) + rules.danglingSeconds) * 1_000,
        firstLease: nowMs => firstLease(credits, language, nowMs),
      },
      account,
    )
  }

  /**
   * Sells the next lease, or hands the present one out again.
   * @throws {DomainError} `unauthenticated`, `not_found`, `renew_too_early`, `lease_over`, `wrong_lease`,
   *   `insufficient_credits`, `account_in_debt`, `allowance_spent`, `operation_in_progress`, `upstream_failed`,
   *   `upstream_timeout`
   */
  async renew(userId: string, operationId: string, lease: number): Promise<LeaseResponse> {
    const { activity, rules, now } = this.#deps
    await activity.note(userId)
    let minted: Minted | undefined
    return this.#try(async () => {
      const open = await this.#open(userId, operationId)
      const { live } = open.reservation.hold
      if (lease === live.lease) return this.#repeat(userId, operationId, lease)
      if (lease !== live.lease + 1) throw wrongLease(operationId, live)
      const waitSeconds = Math.ceil((renewFromMs(live, rules) - now()) / 1_000)
      if (waitSeconds > 0) throw renewTooEarly(operationId, waitSeconds)

      const credits = this.#affordable(open.account)
      const next = withNextLease(live, credits)
      minted = await this.#mint(sessionSeconds(next, rules, now()), minted)
      const sold = await this.#sellNext(open, next, credits)
      return sold && this.#answer(operationId, sold.hold, sold.account, minted.token)
    })
  }

  async #sellNext(
    { account, reservation }: OpenCaptions,
    next: LiveLeases,
    credits: number,
  ): Promise<{ hold: LiveHold; account: Account } | undefined> {
    const { ledger, store, rules, now } = this.#deps
    const added = chooseSplit(account, credits, now())
    if (!added || isLeaseOver(reservation.hold.live, now())) return undefined
    const hold: LiveHold = {
      ...reservation.hold,
      split: sumOf(reservation.hold.split, added),
      expiresAtMs: ledger.holdUntilMs(leaseEndsAtMs(next) + rules.danglingSeconds * 1_000),
      live: next,
    }
    const written = await store.renew(reservation, hold, added, now())
    return written.written ? { hold, account: written.account } : undefined
  }

  /** The captions while they can go on. @throws {DomainError} `unauthenticated`, `not_found`, `lease_over` */
  async #open(userId: string, operationId: string): Promise<OpenCaptions> {
    const { ledger, store, now } = this.#deps
    const account = await ledger.current(userId)
    if (!account) throw accountGone()
    const hold = account.holds[operationId]
    if (!isLive(hold)) {
      const row = await store.readUsage(userId, operationId)
      throw row?.service === 'live_transcription' ? leaseOver(operationId) : noSuchCaptions()
    }
    if (isExpired(hold, now()) || isLeaseOver(hold.live, now())) throw leaseOver(operationId)
    return { account, reservation: { userId, operationId, hold } }
  }

  /** Hands a lease out again whose answer was lost: another token for what remains of it, by the allowance. */
  async #repeat(userId: string, operationId: string, lease: number): Promise<LeaseResponse> {
    const { store, rules, now } = this.#deps
    let minted: Minted | undefined
    return this.#try(async () => {
      const { account, reservation } = await this.#open(userId, operationId)
      const { hold } = reservation
      if (lease !== hold.live.lease) throw wrongLease(operationId, hold.live)
      const before = account.allowanceUses
      const after = withAllowanceUsed(before, rules, now())
      if (!after) throw allowanceSpent(operationId, hold.live, rules)
      minted = await this.#mint(sessionSeconds(hold.live, rules, now()), minted)
      const written = await store.useAllowance(reservation, { before, after })
      return written.written ? this.#answer(operationId, hold, written.account, minted.token) : undefined
    })
  }

  #answer(operationId: string, hold: LiveHold, account: Account, token: string): LeaseResponse {
    const { sessions, rules, now } = this.#deps
    const { live } = hold
    return {
      operation_id: operationId,
      lease: live.lease,
      websocket_url: sessions.address(live.language),
      token,
      lease_seconds: live.leaseSeconds,
      lease_expires_at: new Date(leaseEndsAtMs(live)).toISOString(),
      renew_from: new Date(renewFromMs(live, rules)).toISOString(),
      credits_held: splitTotal(hold.split),
      credits_available: creditsAvailable(account, now()),
    }
  }
}

const sumOf = (a: Split, b: Split): Split => {
  const fromGrants = { ...a.fromGrants }
  for (const [id, credits] of Object.entries(b.fromGrants)) {
    fromGrants[id] = (fromGrants[id] ?? 0) + credits
  }
  return { fromBalance: a.fromBalance + b.fromBalance, fromGrants }
}

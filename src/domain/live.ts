import type { LeaseResponse } from '../contracts/transcription.ts'
import {
  type Account,
  chooseSplit,
  creditsAvailable,
  isExpired,
  type LiveLeases,
  type Split,
  splitTotal,
} from './account.ts'
import { DomainError, UpstreamError, upstreamProblem } from './errors.ts'
import { chargedWhole, contended, type Ledger, refusal } from './ledger.ts'
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
import { noSuchCaptions } from './live-stop.ts'
import type { ActiveAccounts, Clock, LedgerStore, LiveSessions } from './ports.ts'
import { liveSeconds } from './price-list.ts'

export interface LiveDependencies {
  readonly ledger: Ledger
  readonly store: Pick<LedgerStore, 'readUsage' | 'renew' | 'useAllowance'>
  readonly activity: Pick<ActiveAccounts, 'note'>
  readonly sessions: LiveSessions
  readonly rules: LiveRules
  readonly now: Clock
}

export interface StartLive {
  readonly userId: string
  readonly operationId: string
  readonly requestHash: string
  readonly language: string | undefined
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
    const language = this.#language(request.language)
    const { userId, operationId } = request
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const looked = await this.#deps.ledger.look(request)
      if (looked.state === 'finished') throw leaseOver(operationId)
      if (looked.state === 'in_progress') return this.#repeat(userId, operationId, 1)
      if (await this.#endOverLease(looked.account)) continue
      const started = await this.#sellFirst(request, language, looked.account)
      if (started) return started
    }
    throw contended()
  }

  async #sellFirst(
    request: StartLive,
    language: string,
    account: Account,
  ): Promise<LeaseResponse | undefined> {
    const credits = this.#affordable(account)
    const seconds = liveSeconds(credits)
    const token = await this.#mint(seconds)
    const reserved = await this.#deps.ledger.reserveLive(
      {
        ...request,
        service: 'live_transcription',
        credits,
        holdMs: (seconds + this.#deps.rules.danglingSeconds) * 1_000,
        firstLease: nowMs => firstLease(credits, language, nowMs),
      },
      account,
    )
    return reserved && this.#answer(request.operationId, reserved.hold, reserved.account, token)
  }

  #language(asked: string | undefined): string {
    const { languages } = this.#deps.sessions
    const language = asked ?? languages[0]
    if (languages.includes(language)) return language
    const message = `Must be one of ${languages.join(', ')}.`
    throw new DomainError(
      'validation_failed',
      `These captions are not offered in that language. Nothing was charged. ${message}`,
      { errors: [{ path: 'language', message }] },
    )
  }

  /**
   * Captions whose lease has ended are no reason to refuse new ones: nobody can go on with them.
   * @returns whether there were such
   * @throws {DomainError} `live_already_open` where there are captions that can go on
   */
  async #endOverLease(account: Account): Promise<boolean> {
    const operationId = openLiveId(account)
    if (operationId === undefined) return false
    await this.#deps.ledger.settleLive(account.userId, operationId, (_account, hold, nowMs) => {
      if (isLeaseOver(hold.live, nowMs)) return chargedWhole(hold)
      throw liveAlreadyOpen(operationId, hold, nowMs)
    })
    return true
  }

  /** The credits of the next lease. @throws {DomainError} `insufficient_credits`, `account_in_debt` */
  #affordable(account: Account): number {
    const { rules, now } = this.#deps
    const credits = affordableLeaseCredits(creditsAvailable(account, now()), rules)
    if (credits === undefined) throw refusal(account, shortestLeaseCredits(rules), now())
    return credits
  }

  async #mint(seconds: number): Promise<string> {
    const { sessions, rules } = this.#deps
    try {
      return await sessions.mintToken({ redeemSeconds: rules.redeemSeconds, sessionSeconds: seconds })
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      throw upstreamProblem(error, 'Opening the captions')
    }
  }

  /**
   * Sells the next lease, or hands the present one out again.
   * @throws {DomainError} `not_found`, `renew_too_early`, `lease_over`, `wrong_lease`, `insufficient_credits`,
   *   `account_in_debt`, `allowance_spent`, `operation_in_progress`, `upstream_failed`, `upstream_timeout`
   */
  async renew(userId: string, operationId: string, lease: number): Promise<LeaseResponse> {
    const { activity, now, rules } = this.#deps
    await activity.note(userId)
    let minted: { seconds: number; token: string } | undefined
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const { account, hold } = await this.#open(userId, operationId)
      if (lease === hold.live.lease) return this.#repeat(userId, operationId, lease)
      assertIsNext(operationId, hold.live, lease)
      assertIsTime(operationId, hold.live, rules, now())

      const credits = this.#affordable(account)
      const live = withNextLease(hold.live, credits)
      const seconds = sessionSeconds(live, rules, now())
      if (minted === undefined || minted.seconds < seconds - 1 || minted.seconds > seconds) {
        minted = { seconds, token: await this.#mint(seconds) }
      }
      const renewed = await this.#writeLease({ userId, operationId, hold }, account, live, credits)
      if (renewed) return this.#answer(operationId, renewed.hold, renewed.account, minted.token)
    }
    throw contended()
  }

  async #writeLease(
    reservation: { userId: string; operationId: string; hold: LiveHold },
    account: Account,
    live: LiveLeases,
    credits: number,
  ): Promise<{ hold: LiveHold; account: Account } | undefined> {
    const { ledger, store, rules, now } = this.#deps
    const added = chooseSplit(account, credits, now())
    if (!added || isLeaseOver(reservation.hold.live, now())) return undefined
    const hold: LiveHold = {
      ...reservation.hold,
      split: sumOf(reservation.hold.split, added),
      expiresAtMs: ledger.holdUntilMs(leaseEndsAtMs(live) + rules.danglingSeconds * 1_000),
      live,
    }
    const written = await store.renew(reservation, hold, added, now())
    return written.written ? { hold, account: written.account } : undefined
  }

  /** The captions while they can go on. @throws {DomainError} `not_found`, `lease_over` */
  async #open(userId: string, operationId: string): Promise<{ account: Account; hold: LiveHold }> {
    const { ledger, store, now } = this.#deps
    const account = await ledger.current(userId)
    const hold = account?.holds[operationId]
    if (!account || !isLive(hold)) {
      const row = await store.readUsage(userId, operationId)
      throw row?.service === 'live_transcription' ? leaseOver(operationId) : noSuchCaptions()
    }
    if (isExpired(hold, now()) || isLeaseOver(hold.live, now())) throw leaseOver(operationId)
    return { account, hold }
  }

  /** Hands a lease out again whose answer was lost: another token for what remains of it, by the allowance. */
  async #repeat(userId: string, operationId: string, lease: number): Promise<LeaseResponse> {
    const { store, rules, now } = this.#deps
    let token: string | undefined
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const { account, hold } = await this.#open(userId, operationId)
      if (lease !== hold.live.lease) throw wrongLease(operationId, hold.live)
      const after = withAllowanceUsed(account.allowanceUses, rules, now())
      if (!after) throw allowanceSpent(operationId, hold.live, rules)
      token ??= await this.#mint(sessionSeconds(hold.live, rules, now()))
      const change = { before: account.allowanceUses, after }
      const written = await store.useAllowance({ userId, operationId, hold }, change)
      if (written.written) return this.#answer(operationId, hold, written.account, token)
    }
    throw contended()
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

/** The live captions that an account has open, if it has. */
const openLiveId = (account: Account): string | undefined =>
  Object.entries(account.holds).find(([, hold]) => isLive(hold))?.[0]

const sumOf = (a: Split, b: Split): Split => {
  const fromGrants = { ...a.fromGrants }
  for (const [id, credits] of Object.entries(b.fromGrants)) {
    fromGrants[id] = (fromGrants[id] ?? 0) + credits
  }
  return { fromBalance: a.fromBalance + b.fromBalance, fromGrants }
}

const assertIsNext = (operationId: string, live: LiveLeases, lease: number): void => {
  if (lease !== live.lease + 1) throw wrongLease(operationId, live)
}

const assertIsTime = (operationId: string, live: LiveLeases, rules: LiveRules, nowMs: number): void => {
  const waitSeconds = Math.ceil((renewFromMs(live, rules) - nowMs) / 1_000)
  if (waitSeconds <= 0) return
  throw new DomainError(
    'renew_too_early',
    `The next lease can be had in ${waitSeconds} seconds. Nothing was charged.`,
    { operation_id: operationId, retry_after_seconds: waitSeconds },
  )
}

const liveAlreadyOpen = (operationId: string, { live }: LiveHold, nowMs: number): DomainError =>
  new DomainError(
    'live_already_open',
    'Live captions are open on this account already. Nothing was charged. Stop those first, or wait until they end.',
    {
      operation_id: operationId,
      retry_after_seconds: Math.max(1, Math.ceil((leaseEndsAtMs(live) - nowMs) / 1_000)),
    },
  )

const leaseOver = (operationId: string): DomainError =>
  new DomainError('lease_over', 'These captions have ended. Nothing more was charged. Start new ones.', {
    operation_id: operationId,
  })

const wrongLease = (operationId: string, { lease }: LiveLeases): DomainError =>
  new DomainError(
    'wrong_lease',
    `Lease ${lease} is in force: ask for it again, or for lease ${lease + 1} when it is time. Nothing was charged.`,
    { operation_id: operationId, lease },
  )

const allowanceSpent = (operationId: string, live: LiveLeases, rules: LiveRules): DomainError =>
  new DomainError(
    'allowance_spent',
    `This lease was handed out before, and no more repeats are free for now. Nothing more was charged. Renew from ${new Date(renewFromMs(live, rules)).toISOString()} on.`,
    { operation_id: operationId },
  )

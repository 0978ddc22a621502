import type { ServiceType } from '../contracts/credits.ts'
import {
  type Account,
  chooseSplit,
  creditsAvailable,
  creditsOwned,
  type Hold,
  isExpired,
  isLapsed,
  type LiveLeases,
  maxOpenHolds,
  newerPayment,
  splitTotal,
  unusedOf,
  withExpiredHoldsEnded,
  withoutHold,
} from './account.ts'
import { DomainError } from './errors.ts'
import type { TransactionRow, UsageRow } from './journal.ts'
import { isLive, type LiveHold } from './live-lease.ts'
import { assertPlausibleTime } from './operation-id.ts'
import type {
  ActiveAccounts,
  Backoff,
  Clock,
  JobFailure,
  JobFailures,
  LedgerStore,
  Log,
  MovementOutcome,
  Reservation,
  SettleOutcome,
} from './ports.ts'
import { priceList } from './price-list.ts'

export interface LedgerDependencies {
  readonly store: LedgerStore
  readonly failures: JobFailures
  readonly activity: Pick<ActiveAccounts, 'note'>
  readonly now: Clock
  readonly backoff: Backoff
  /** From 0 to below 1. */
  readonly random: () => number
  readonly log: Pick<Log, 'info'>
}

/** What an operation asks for when it starts. */
export interface OpenRequest {
  readonly userId: string
  readonly operationId: string
  readonly service: ServiceType
  readonly credits: number
  readonly requestHash: string
  /** How long the credits may stay held: longer than the vendor's time-outs and retries together. */
  readonly holdMs: number
  readonly audioMs?: number | undefined
  /** For live captions: the first lease, beginning at a given time. */
  readonly firstLease?: ((nowMs: number) => LiveLeases) | undefined
}

/** Which operation is meant, and by which request. */
type OperationRequest = Pick<OpenRequest, 'userId' | 'operationId' | 'requestHash'>

/** What there is of an operation before it begins. */
export type Looked =
  | Exclude<Opened, { readonly state: 'reserved' }>
  | { readonly state: 'new'; readonly account: Account }

export type Opened =
  | { readonly state: 'reserved'; readonly reservation: Reservation; readonly account: Account }
  /** The same request is under way. */
  | { readonly state: 'in_progress'; readonly reservation: Reservation; readonly account: Account }
  /** The same request was finished before: this is its row. */
  | { readonly state: 'finished'; readonly row: UsageRow; readonly account: Account }

export interface Settlement {
  /** At most what was held. */
  readonly cost: number
  readonly metadata: UsageRow['metadata']
  readonly result?: unknown
}

/** How live captions end: what they cost, and whether giving the rest back uses the allowance. */
export interface LiveSettlement {
  readonly cost: number
  readonly captionedMs: number
  readonly endedBy: 'stop' | 'expiry'
  readonly allowanceUses?: readonly number[] | undefined
}

export interface Settled {
  /** The row that stands: this call's, or that of whoever settled first. */
  readonly row: UsageRow
  /** What can be spent after it. */
  readonly creditsAvailable: number
}

/** As many as carry the operations that one account may have open at once through their conflicts. */
const maxAttempts = 12
/**
 * The balance that a row states is exact while its write insists that the account has not moved. An account that
 * never stands still must not keep a row from being written, so after this many tries it no longer insists, and the
 * balance stated is the one last seen. The credits themselves are exact either way.
 */
const exactAttempts = 6
/**
 * A hold's expiry is also its identity, so two of the same millisecond must not expire in the same one. Where they draw
 * the same of these milliseconds, both take the hold for theirs and do the work; it is charged once.
 */
export const attemptSpreadMs = 60_000
/** How long the reason of a failed job can be read. */
export const failureKeptMs = 7 * 24 * 3_600_000

/** Why an operation whose hold has expired came to nothing. */
export const givenUp: JobFailure = {
  code: 'upstream_timeout',
  detail: 'This took too long and was given up. Nothing was charged. Try again.',
}

export const accountGone = (): DomainError =>
  new DomainError('unauthenticated', 'This account is closed. Sign in to another.')

const mismatch = (): DomainError =>
  new DomainError(
    'idempotency_mismatch',
    'This Idempotency-Key was used for another request. Nothing was charged. Send a new key.',
  )

const busy = (): DomainError =>
  new DomainError(
    'too_many_open_operations',
    `At most ${maxOpenHolds} operations can be open at once. Nothing was charged. Try again when one has finished.`,
  )

const stillOpen = (operationId: string): DomainError =>
  new DomainError(
    'operation_in_progress',
    'Too much happens on this account at once: the captions are still open. Send the same request again in a few seconds.',
    { operation_id: operationId, retry_after_seconds: 2 },
  )

export const contended = (): DomainError =>
  new DomainError(
    'operation_in_progress',
    'Too much happens on this account at once. Nothing was charged. Send the same request again in a few seconds.',
    { retry_after_seconds: 2 },
  )

/** Why an account can't pay `required` credits. */
export const refusal = (account: Account, required: number, nowMs: number): DomainError => {
  if (account.creditsBalance < 0) {
    return new DomainError(
      'account_in_debt',
      `A payment was taken back, and ${-account.creditsBalance} credits are owed. Nothing was charged. Buy credits to go on.`,
      { required, available: 0 },
    )
  }
  const available = creditsAvailable(account, nowMs)
  return new DomainError(
    'insufficient_credits',
    `This costs ${required} credits and ${available} are left. Nothing was charged. Buy credits to go on.`,
    { required, available },
  )
}

/**
 * The rules of reserve, settle and release, and of credits coming in. Each write's own condition decides;
 * what is read before only chooses what to try. See docs/state-machines.md.
 */
export class Ledger {
  readonly #store: LedgerStore
  readonly #failures: JobFailures
  readonly #activity: LedgerDependencies['activity']
  readonly #now: Clock
  readonly #backoff: Backoff
  readonly #random: () => number
  readonly #log: LedgerDependencies['log']

  constructor(dependencies: LedgerDependencies) {
    this.#store = dependencies.store
    this.#failures = dependencies.failures
    this.#activity = dependencies.activity
    this.#now = dependencies.now
    this.#backoff = dependencies.backoff
    this.#random = dependencies.random
    this.#log = dependencies.log
  }

  /** The account as it stands now, expired holds given back. @throws {DomainError} `unauthenticated` */
  async readAccount(userId: string): Promise<Account> {
    const account = await this.#store.readAccount(userId)
    if (!account?.isActive) throw accountGone()
    return withExpiredHoldsEnded(account, this.#now())
  }

  /**
   * Starts an operation: holds its credits, or tells that the same request is under way or finished.
   * @throws {DomainError} `insufficient_credits`, `account_in_debt`, `too_many_open_operations`,
   *   `idempotency_mismatch`, `validation_failed`, `unauthenticated`; nothing is held then
   */
  async open(request: OpenRequest): Promise<Opened> {
    const looked = await this.look(request)
    return looked.state === 'new' ? this.#reserve(request, looked.account) : looked
  }

  /**
   * What there is of an operation that is asked for: its row, its hold, or nothing yet.
   * @throws {DomainError} `idempotency_mismatch`, `validation_failed`, `unauthenticated`
   */
  async look(request: OperationRequest): Promise<Looked> {
    // The account before the row: a settlement that its read has seen is then seen by the other too.
    const [found] = await Promise.all([this.current(request.userId), this.#activity.note(request.userId)])
    const row = await this.#store.readUsage(request.userId, request.operationId)
    if (row && row.requestHash !== request.requestHash) throw mismatch()
    if (row && found) return { state: 'finished', row, account: found }
    assertPlausibleTime(request.operationId, this.#now())
    if (!found) throw accountGone()
    const held = found.holds[request.operationId]
    return held ? this.#underWay(request, held, found) : { state: 'new', account: found }
  }

  /** The account once what time has done to it is written; undefined where there is none, or it is closed. */
  async current(userId: string): Promise<Account | undefined> {
    const account = await this.#store.readAccount(userId)
    return account?.isActive ? this.fold(account) : undefined
  }

  /**
   * Holds the first lease of live captions that `look` has found to be new.
   * @returns undefined where the account has moved since: what was found then may be so no longer. A write whose
   *   answer was lost is taken for another's: it was perhaps, and a token is not to be had for nothing
   * @throws {DomainError} as `open` does
   */
  async reserveLive(
    request: OpenRequest & Required<Pick<OpenRequest, 'firstLease'>>,
    account: Account,
  ): Promise<{ hold: LiveHold; account: Account } | undefined> {
    const reservation = this.#propose(request, account)
    const written = await this.#store.reserve(reservation, this.#now(), account.revision)
    const stands = written.account?.holds[request.operationId]
    return written.written && isLive(stands) ? { hold: stands, account: written.account } : undefined
  }

  async #reserve(request: OpenRequest, found: Account): Promise<Opened> {
    let account: Account | undefined = found
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (!account?.isActive) throw accountGone()
      account = await this.fold(account)
      const held = account.holds[request.operationId]
      if (held) return this.#underWay(request, held, account)

      const reservation = this.#propose(request, account)
      const written = await this.#store.reserve(reservation, this.#now())
      if (written.written) return { state: 'reserved', reservation, account: written.account }
      account = written.account
      const ours = account?.holds[request.operationId]
      if (account && ours && isSameHold(ours, reservation.hold))
        return { state: 'reserved', reservation, account }
    }
    throw contended()
  }

  #propose(request: OpenRequest, account: Account): Reservation {
    const nowMs = this.#now()
    if (Object.keys(account.holds).length >= maxOpenHolds) throw busy()
    const split = chooseSplit(account, request.credits, nowMs)
    if (!split) throw refusal(account, request.credits, nowMs)
    const hold: Hold = {
      service: request.service,
      split,
      expiresAtMs: this.holdUntilMs(nowMs + request.holdMs),
      requestHash: request.requestHash,
      audioMs: request.audioMs,
      live: request.firstLease?.(nowMs),
    }
    return { userId: request.userId, operationId: request.operationId, hold }
  }

  /** When a hold expires: no earlier, and at a moment that tells this write from every other. */
  holdUntilMs(leastMs: number): number {
    return leastMs + Math.floor(this.#random() * attemptSpreadMs)
  }

  #underWay(
    request: OperationRequest,
    hold: Hold,
    account: Account,
  ): Extract<Opened, { state: 'in_progress' }> {
    if (hold.requestHash !== request.requestHash) throw mismatch()
    const { userId, operationId } = request
    return { state: 'in_progress', reservation: { userId, operationId, hold }, account }
  }

  /**
   * Ends an operation that produced something. Whoever ends it first decides; a result that comes after the
   * hold has expired or gone is journalled at no charge.
   */
  async settle(reservation: Reservation, settlement: Settlement, known?: Account): Promise<Settled> {
    assertCost(reservation, settlement.cost)
    let account = known ?? (await this.#store.readAccount(reservation.userId))
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const nowMs = this.#now()
      if (!account) throw accountGone()
      const hold = account.holds[reservation.operationId]
      if (!hold || !isSameHold(hold, reservation.hold) || isExpired(hold, nowMs)) {
        return this.#settleLate(reservation, settlement, account)
      }
      const tried = await this.#trySettle({ ...reservation, hold }, settlement, account, attempt)
      if (tried.outcome === 'settled') return tried.settled
      if (tried.outcome === 'row_exists') return this.#alreadySettled({ ...reservation, hold }, tried.row)
      account = await this.#readAfterPause(reservation.userId, attempt)
    }
    throw new Error('The account stayed busy: the operation was not settled.')
  }

  /** One try to end a hold as it stands on `account`: what it does not cost goes back where it came from. */
  async #trySettle(
    reservation: Reservation,
    settlement: Settlement,
    account: Account,
    attempt: number,
    allowanceUses?: readonly number[],
  ): Promise<Exclude<SettleOutcome, { outcome: 'settled' }> | { outcome: 'settled'; settled: Settled }> {
    const nowMs = this.#now()
    const returned = unusedOf(reservation.hold.split, settlement.cost, account.grants)
    const after = withoutHold(account, reservation.operationId, returned)
    const row = this.#usageRow(reservation, settlement, settlement.cost, creditsOwned(after, nowMs))
    const allowance = allowanceUses && { before: account.allowanceUses, after: allowanceUses }
    const revision = expected(account, attempt)
    const outcome = await this.#store.settle(reservation, returned, row, revision, allowance)
    if (outcome.outcome !== 'settled') return outcome
    this.#logSettled(row)
    return { outcome: 'settled', settled: { row, creditsAvailable: seenAvailable(after, nowMs) } }
  }

  #logSettled({ userId, operationId, service, creditsUsed }: UsageRow): void {
    this.#log.info('operation_settled', {
      user_id: userId,
      operation_id: operationId,
      service,
      credits_used: creditsUsed,
    })
  }

  #logExpired({ userId, operationId, hold }: Reservation): void {
    this.#log.info('hold_expired', { user_id: userId, operation_id: operationId, service: hold.service })
  }

  /**
   * Ends live captions, as `decide` says of the hold as it stands; those that have expired are charged whole.
   * @returns how they ended, now or before; undefined where there is no such operation, or it is not to end
   * @throws {DomainError} `operation_in_progress`, `unauthenticated`
   */
  async settleLive(
    userId: string,
    operationId: string,
    decide: (account: Account, hold: LiveHold, nowMs: number) => LiveSettlement | undefined,
  ): Promise<Settled | undefined> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const account = await this.#store.readAccount(userId)
      if (!account) throw accountGone()
      const hold = account.holds[operationId]
      if (!isLive(hold)) return this.#settledLive(account, operationId)
      const nowMs = this.#now()
      const settlement = isExpired(hold, nowMs) ? chargedWhole(hold) : decide(account, hold, nowMs)
      if (!settlement) return undefined
      const settled = await this.#tryEndLive({ userId, operationId, hold }, settlement, account, attempt)
      if (settled) return settled
      await this.#backoff(attempt)
    }
    throw stillOpen(operationId)
  }

  async #tryEndLive(
    reservation: Reservation & { readonly hold: LiveHold },
    settlement: LiveSettlement,
    account: Account,
    attempt: number,
  ): Promise<Settled | undefined> {
    const { cost, allowanceUses } = settlement
    assertCost(reservation, cost)
    const journalled = { cost, metadata: liveMetadata(reservation.hold, settlement) }
    const tried = await this.#trySettle(reservation, journalled, account, attempt, allowanceUses)
    if (tried.outcome === 'settled') {
      if (settlement.endedBy === 'expiry') this.#logExpired(reservation)
      return tried.settled
    }
    // `reserveLive` lets no hold stand beside a row; one that does all the same must not block the account.
    if (tried.outcome === 'row_exists') await this.release(reservation)
    return undefined
  }

  async #settledLive(account: Account, operationId: string): Promise<Settled | undefined> {
    const row = await this.#store.readUsage(account.userId, operationId)
    if (row?.service !== 'live_transcription') return undefined
    const nowMs = this.#now()
    return { row, creditsAvailable: seenAvailable(account, nowMs) }
  }

  async #settleLate(reservation: Reservation, settlement: Settlement, account: Account): Promise<Settled> {
    // Whoever was erased meanwhile gets no new row with what they said or heard.
    if (!account.isActive) throw accountGone()
    const folded = await this.fold(account)
    const nowMs = this.#now()
    const free = this.#usageRow(reservation, settlement, 0, creditsOwned(folded, nowMs))
    const row = await this.#store.putUsageIfAbsent(free)
    if (!row) throw mismatch()
    assertSameRequest(row, reservation)
    return { row, creditsAvailable: creditsAvailable(folded, nowMs) }
  }

  async #alreadySettled(reservation: Reservation, row: UsageRow): Promise<Settled> {
    const account = await this.release(reservation)
    assertSameRequest(row, reservation)
    return { row, creditsAvailable: account ? creditsAvailable(account, this.#now()) : 0 }
  }

  #usageRow(reservation: Reservation, settlement: Settlement, cost: number, balanceAfter: number): UsageRow {
    return {
      userId: reservation.userId,
      operationId: reservation.operationId,
      service: reservation.hold.service,
      creditsUsed: cost,
      balanceAfter,
      requestHash: reservation.hold.requestHash,
      priceListVersion: priceList.price_list_version,
      metadata: settlement.metadata,
      result: settlement.result,
    }
  }

  /** Ends an operation that produced nothing: all that was held goes back. Repeating it changes nothing. */
  async release(reservation: Reservation): Promise<Account | undefined> {
    return (await this.#store.release(reservation)).account
  }

  /** Notes the vendor's job on the hold, so that it can be asked for when the caller has gone. */
  async attachReference(reservation: Reservation, reference: string): Promise<void> {
    await this.#store.attachReference(reservation, reference)
  }

  /**
   * Writes what time has done to an account: expired holds go back, those of live captions are charged, and lapsed
   * grants leave it. Each step is a write of its own, and repeating any changes nothing. Costs nothing where there is
   * nothing to fold.
   */
  async fold(account: Account): Promise<Account> {
    let folded = account
    for (const [operationId, hold] of Object.entries(account.holds)) {
      if (isExpired(hold, this.#now()))
        folded = await this.#expire({ userId: account.userId, operationId, hold }, folded)
    }
    for (const grantId of lapsedGrantIds(folded, this.#now())) folded = await this.#lapse(folded, grantId)
    return folded
  }

  async #expire(reservation: Reservation, account: Account): Promise<Account> {
    const { userId, operationId, hold } = reservation
    if (isLive(hold)) {
      await this.settleLive(userId, operationId, () => undefined)
      return (await this.#store.readAccount(userId)) ?? account
    }
    await this.#failures.record(userId, operationId, givenUp, this.#now() + failureKeptMs)
    const released = await this.#store.release(reservation)
    if (released.written) this.#logExpired(reservation)
    return released.account ?? account
  }

  async #lapse(account: Account, grantId: string): Promise<Account> {
    const grant = account.grants[grantId]
    if (!grant) return account
    const nowMs = this.#now()
    const row: TransactionRow = {
      transactionId: `expiry#${account.userId}#${grantId}`,
      userId: account.userId,
      type: 'expiry',
      status: 'completed',
      credits: -grant.remaining,
      createdAt: new Date(nowMs).toISOString(),
      completedAt: new Date(nowMs).toISOString(),
      balanceAfter: creditsOwned(account, nowMs),
      grantId,
    }
    const outcome = await this.#store.recordMovement(row, { removeGrant: grantId }, account.revision)
    if (outcome.outcome === 'account_moved') return outcome.account ?? account
    return (await this.#store.readAccount(account.userId)) ?? account
  }

  /**
   * Credits a paid purchase, once, however often and in whatever order it is told of.
   * @returns whether this call credited it
   */
  async creditPurchase(
    purchase: TransactionRow,
    payment: { sessionId: string; paidAt: string },
  ): Promise<boolean> {
    return this.#move(purchase.userId, (account, expectedRevision) => {
      const nowMs = this.#now()
      const row: TransactionRow = {
        ...purchase,
        status: 'completed',
        stripeSessionId: payment.sessionId,
        completedAt: new Date(nowMs).toISOString(),
        balanceAfter: creditsOwned(account, nowMs) + purchase.credits,
      }
      const change = {
        balance: purchase.credits,
        purchased: purchase.credits,
        ...newerPayment(account, { at: payment.paidAt, failed: false }),
      }
      return this.#store.completePurchase(row, change, expectedRevision)
    })
  }

  /**
   * Gives credits that lapse, once for each `transactionId`, which follows from its cause (`invoice#in_…`).
   * @returns whether this call gave them
   */
  async grant(
    userId: string,
    grant: { transactionId: string; credits: number; expiresAtMs: number; source: string },
  ): Promise<boolean> {
    return this.#move(userId, account => {
      const nowMs = this.#now()
      const id = newGrantId(account)
      const row: TransactionRow = {
        transactionId: grant.transactionId,
        userId,
        type: 'grant',
        status: 'completed',
        credits: grant.credits,
        createdAt: new Date(nowMs).toISOString(),
        completedAt: new Date(nowMs).toISOString(),
        balanceAfter: creditsOwned(account, nowMs) + grant.credits,
        priceListVersion: priceList.price_list_version,
        grantId: id,
        lapsesAt: new Date(grant.expiresAtMs).toISOString(),
      }
      const { credits: remaining, expiresAtMs, source } = grant
      return this.#store.recordMovement(
        row,
        { addGrant: { id, remaining, expiresAtMs, source } },
        account.revision,
      )
    })
  }

  /** Records that a payment failed and shows it on the account. It moves no credits. */
  async recordPaymentFailure(row: TransactionRow): Promise<boolean> {
    return this.#move(row.userId, (account, expectedRevision) =>
      this.#store.recordMovement(
        row,
        newerPayment(account, { at: row.createdAt, failed: true }),
        expectedRevision,
      ),
    )
  }

  async #move(
    userId: string,
    write: (account: Account, expectedRevision: number | undefined) => Promise<MovementOutcome>,
  ): Promise<boolean> {
    let account = await this.#store.readAccount(userId)
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (!account) throw new Error('The account of this movement does not exist.')
      const outcome = await write(account, expected(account, attempt))
      if (outcome.outcome !== 'account_moved') return outcome.outcome === 'written'
      account = await this.#readAfterPause(userId, attempt)
    }
    throw new Error('The account stayed busy: the movement was not written.')
  }

  /** What the failed write found would be old again after the pause, so the account is read anew. */
  async #readAfterPause(userId: string, attempt: number): Promise<Account | undefined> {
    await this.#backoff(attempt)
    return this.#store.readAccount(userId)
  }
}

/** What can be spent once what has expired has ended, whether or not a write has said so yet. */
const seenAvailable = (account: Account, nowMs: number): number =>
  creditsAvailable(withExpiredHoldsEnded(account, nowMs), nowMs)

/** Live captions that nobody stopped were sold up to their end. */
export const chargedWhole = (hold: LiveHold): LiveSettlement => ({
  cost: splitTotal(hold.split),
  captionedMs: hold.live.paidSeconds * 1_000,
  endedBy: 'expiry',
})

const liveMetadata = ({ split, live }: LiveHold, settlement: LiveSettlement): UsageRow['metadata'] => ({
  seconds: Math.ceil(settlement.captionedMs / 1_000),
  leases: live.lease,
  credits_refunded: splitTotal(split) - settlement.cost,
  ended_by: settlement.endedBy,
})

export const expected = (account: Account, attempt: number): number | undefined =>
  attempt < exactAttempts ? account.revision : undefined

/** Holds are told apart by when they expire: a second reservation of the same operation expires at another time. */
const isSameHold = (a: Hold, b: Hold): boolean =>
  a.expiresAtMs === b.expiresAtMs && a.requestHash === b.requestHash

/** Short, since each hold that draws on it names it; new, since the write that adds it takes the revision with it. */
export const newGrantId = (account: Account): string => `g${account.revision.toString(36)}`

/** Grants that have lapsed and that no open hold draws on: only those may leave the account. */
const lapsedGrantIds = (account: Account, nowMs: number): string[] => {
  const drawnOn = new Set(Object.values(account.holds).flatMap(hold => Object.keys(hold.split.fromGrants)))
  return Object.entries(account.grants)
    .filter(([id, grant]) => isLapsed(grant, nowMs) && !drawnOn.has(id))
    .map(([id]) => id)
}

/** A row that another request under the same key has left is no answer to this one. */
const assertSameRequest = (row: UsageRow, { hold }: Reservation): void => {
  if (row.requestHash !== hold.requestHash) throw mismatch()
}

const assertCost = (reservation: Reservation, cost: number): void => {
  const held = splitTotal(reservation.hold.split)
  if (Number.isSafeInteger(cost) && cost >= 0 && cost <= held) return
  throw new Error(`A cost of ${cost} is outside 0..${held}.`)
}

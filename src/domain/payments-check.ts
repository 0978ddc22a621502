import type { PaymentRecords, SessionRecord, TakenBackRecord } from './audit-ports.ts'
import { creditedRowOf } from './credited-row.ts'
import type { TransactionRow } from './journal.ts'
import { madeUpRowId, returnedRowId, takenBackRowId } from './movement-ids.ts'
import type { Clock, LedgerStore } from './ports.ts'

/** What our rows and the payment vendor's list don't agree in. */
export type StripeMismatchKind =
  /** Somebody paid, and no row of ours gave the credits. */
  | 'paid_not_credited'
  /** Credits were given for a session that nobody paid. */
  | 'credited_not_paid'
  | 'amount_differs'
  /** Credits were given for a session that had given them to another row. */
  | 'credited_twice'
  /** Who was credited has no account any more, not even a closed one. */
  | 'account_missing'
  | 'refund_not_booked'
  | 'dispute_not_booked'
  /** A refund took credits, and failed afterwards. */
  | 'refund_not_returned'
  /** A dispute took credits, and was won. */
  | 'dispute_not_returned'

export interface StripeMismatch {
  readonly kind: StripeMismatchKind
  readonly userId: string | undefined
  readonly transactionId: string | undefined
  readonly sessionId?: string | undefined
  /** Stripe's id of a refund or dispute. */
  readonly takenBackId?: string | undefined
  /** What Stripe says was paid, or went back. */
  readonly amountCents?: number | null | undefined
}

export interface PaymentsCheckDependencies {
  readonly records: PaymentRecords
  readonly store: Pick<LedgerStore, 'readAccount' | 'readTransaction'>
  readonly now: Clock
  readonly sleep: (milliseconds: number) => Promise<void>
  /** How long what does not agree is given before it is looked at again. */
  readonly secondLookMs: number
}

/** Stripe's events come within seconds; what is younger than this may still be on its way. */
const settleMs = 10 * 60_000

type Judge = () => Promise<StripeMismatch | undefined>

/** A vendor's list as it was read. */
export interface ListedPayments {
  readonly sessions: ReadonlyMap<string, SessionRecord>
  readonly takenBack: readonly TakenBackRecord[]
}

const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const collected: Item[] = []
  for await (const item of items) collected.push(item)
  return collected
}

const differs = (session: SessionRecord, row: TransactionRow): boolean =>
  session.amountCents !== row.amountCents || session.currency !== row.currency

/** Compares purchases with the payment vendor's own list, in both directions. */
export class PaymentsCheck {
  readonly #deps: PaymentsCheckDependencies

  constructor(dependencies: PaymentsCheckDependencies) {
    this.#deps = dependencies
  }

  /** @throws {UpstreamError} */
  async list(fromMs: number, userId?: string): Promise<ListedPayments> {
    const { records } = this.#deps
    const isMeant = (record: { userId: string | undefined }) =>
      userId === undefined || record.userId === userId
    const sessions = (await collect(records.sessionsSince(fromMs))).filter(isMeant)
    const takenBack = (await collect(records.takenBackSince(fromMs))).filter(isMeant)
    return { sessions: new Map(sessions.map(session => [session.sessionId, session])), takenBack }
  }

  /**
   * @param purchases completed ones of the same time
   * @throws {UpstreamError}
   */
  async compare(listed: ListedPayments, purchases: readonly TransactionRow[]): Promise<StripeMismatch[]> {
    const judges: Judge[] = [
      ...[...listed.sessions.values()]
        .filter(session => session.isPaid && this.#isSettled(session.atMs))
        .map(session => () => this.#judgePaid(session)),
      ...purchases
        .filter(row => this.#isSettled(Date.parse(row.completedAt ?? row.createdAt)))
        .map(row => () => this.#judgePurchase(row, listed)),
      ...listed.takenBack
        .filter(record => this.#isSettled(record.atMs))
        .map(
          record => () =>
            record.money === 'returned' ? this.#judgeReturned(record) : this.#judgeTakenBack(record),
        ),
    ]
    const suspects: Judge[] = []
    for (const judge of judges) if (await judge()) suspects.push(judge)
    return this.#lookAgain(suspects)
  }

  #isSettled(atMs: number): boolean {
    return atMs <= this.#deps.now() - settleMs
  }

  async #lookAgain(suspects: readonly Judge[]): Promise<StripeMismatch[]> {
    if (suspects.length === 0) return []
    await this.#deps.sleep(this.#deps.secondLookMs)
    const found: StripeMismatch[] = []
    for (const judge of suspects) {
      const mismatch = await judge()
      if (mismatch) found.push(mismatch)
    }
    return found
  }

  async #judgePaid(session: SessionRecord): Promise<StripeMismatch | undefined> {
    const { sessionId, transactionId, amountCents, refundedCents } = session
    const row = await this.#deps.store.readTransaction(transactionId)
    const userId = row?.userId ?? session.userId
    const about = { userId, transactionId, sessionId, amountCents }
    const isCredited = row?.status === 'completed' && row.stripeSessionId === sessionId
    if (await this.#isMadeUpFor(session)) return isCredited ? { kind: 'credited_twice', ...about } : undefined
    // Who has the money back has nothing to be credited for.
    if (row?.status !== 'completed' && refundedCents >= (amountCents ?? 0)) return undefined
    if (row && differs(session, row)) return { kind: 'amount_differs', ...about }
    if (!isCredited) return { kind: 'paid_not_credited', ...about }
    return (await this.#hasAccount(row.userId)) ? undefined : { kind: 'account_missing', ...about }
  }

  /** Staff has given the credits to who paid; to another account of theirs, where a restore has lost the one that paid. */
  async #isMadeUpFor({ sessionId, userId }: SessionRecord): Promise<boolean> {
    const booked = await this.#deps.store.readTransaction(madeUpRowId(sessionId))
    if (!booked) return false
    return booked.userId === userId || userId === undefined || !(await this.#hasAccount(userId))
  }

  async #hasAccount(userId: string): Promise<boolean> {
    return (await this.#deps.store.readAccount(userId)) !== undefined
  }

  async #judgePurchase(row: TransactionRow, listed: ListedPayments): Promise<StripeMismatch | undefined> {
    const { transactionId, userId, stripeSessionId: sessionId } = row
    const known = listed.sessions.get(sessionId ?? '')
    const session = known?.isPaid ? known : await this.#session(sessionId)
    const about = { userId, transactionId, sessionId, amountCents: session?.amountCents }
    if (!session?.isPaid) return { kind: 'credited_not_paid', ...about }
    if (session.transactionId !== transactionId) return { kind: 'credited_twice', ...about }
    // One that was listed is compared as a payment.
    return session !== known && differs(session, row) ? { kind: 'amount_differs', ...about } : undefined
  }

  /** As Stripe has it now: the money may have come since the list was read. */
  async #session(sessionId: string | undefined): Promise<SessionRecord | undefined> {
    return sessionId === undefined ? undefined : this.#deps.records.session(sessionId)
  }

  async #judgeReturned(record: TakenBackRecord): Promise<StripeMismatch | undefined> {
    const { store } = this.#deps
    const taken = await store.readTransaction(takenBackRowId(record))
    if (!taken || taken.credits === 0) return undefined
    const returned = await store.readTransaction(returnedRowId(record))
    if (returned?.userId === taken.userId) return undefined
    const kind = record.kind === 'refund' ? 'refund_not_returned' : 'dispute_not_returned'
    const { transactionId, id: takenBackId, amountCents } = record
    return { kind, userId: taken.userId, transactionId, takenBackId, amountCents }
  }

  async #judgeTakenBack(record: TakenBackRecord): Promise<StripeMismatch | undefined> {
    const { store } = this.#deps
    const credited = await creditedRowOf(this.#deps, record)
    if (!credited) return undefined
    const { userId } = credited
    const booked = await store.readTransaction(takenBackRowId(record))
    if (booked?.userId === userId) return undefined
    return {
      kind: record.kind === 'refund' ? 'refund_not_booked' : 'dispute_not_booked',
      userId,
      transactionId: record.transactionId,
      takenBackId: record.id,
      amountCents: record.amountCents,
    }
  }
}

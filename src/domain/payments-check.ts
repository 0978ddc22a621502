import type { PaymentRecords, SessionRecord, TakenBackRecord } from './audit-ports.ts'
import type { TransactionRow } from './journal.ts'
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
  | 'refund_not_booked'
  | 'dispute_not_booked'
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
  readonly store: Pick<LedgerStore, 'readTransaction'>
  readonly now: Clock
  readonly sleep: (milliseconds: number) => Promise<void>
  /** How long what does not agree is given before it is looked at again. */
  readonly secondLookMs: number
}

/** Stripe's events come within seconds; what is younger than this may still be on its way. */
const settleMs = 10 * 60_000

type Judge = () => Promise<StripeMismatch | undefined>

/** The row that books money which was taken back: its id follows from its cause. */
export const takenBackRowId = ({ kind, id }: Pick<TakenBackRecord, 'kind' | 'id'>): string =>
  kind === 'refund' ? `refund#${id}` : `dispute#${id}#withdrawn`

/** The row that gives back what a dispute took. */
export const returnedRowId = ({ id }: Pick<TakenBackRecord, 'id'>): string => `dispute#${id}#reinstated`

/** The row of an adjustment that gives the credits of a session which no purchase can be credited for. */
export const madeUpRowId = (sessionId: string): string => `session#${sessionId}`

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
          record => () => (record.isReturned ? this.#judgeReturned(record) : this.#judgeTakenBack(record)),
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
    if (!isCredited && (await this.#isMadeUpFor(session))) return undefined
    // Who has the money back has nothing to be credited for.
    if (row?.status !== 'completed' && refundedCents >= (amountCents ?? 0)) return undefined
    if (row && differs(session, row)) return { kind: 'amount_differs', ...about }
    return isCredited ? undefined : { kind: 'paid_not_credited', ...about }
  }

  /** Staff has given the credits. */
  async #isMadeUpFor({ sessionId, userId }: SessionRecord): Promise<boolean> {
    const booked = await this.#deps.store.readTransaction(madeUpRowId(sessionId))
    return booked !== undefined && booked.userId === userId
  }

  async #judgePurchase(row: TransactionRow, listed: ListedPayments): Promise<StripeMismatch | undefined> {
    const { transactionId, userId, stripeSessionId: sessionId } = row
    const known = sessionId === undefined ? undefined : listed.sessions.get(sessionId)
    const session =
      known ?? (sessionId === undefined ? undefined : await this.#deps.records.session(sessionId))
    const about = { userId, transactionId, sessionId, amountCents: session?.amountCents }
    if (!session?.isPaid) return { kind: 'credited_not_paid', ...about }
    if (session.transactionId !== transactionId) return { kind: 'credited_twice', ...about }
    // One that was listed is compared as a payment.
    return !known && differs(session, row) ? { kind: 'amount_differs', ...about } : undefined
  }

  async #judgeReturned(record: TakenBackRecord): Promise<StripeMismatch | undefined> {
    const { store } = this.#deps
    const taken = await store.readTransaction(takenBackRowId(record))
    if (!taken || taken.credits === 0) return undefined
    const returned = await store.readTransaction(returnedRowId(record))
    if (returned?.userId === taken.userId) return undefined
    const { transactionId, id: takenBackId, amountCents } = record
    return { kind: 'dispute_not_returned', userId: taken.userId, transactionId, takenBackId, amountCents }
  }

  async #judgeTakenBack(record: TakenBackRecord): Promise<StripeMismatch | undefined> {
    const { store } = this.#deps
    const purchase = await store.readTransaction(record.transactionId)
    if (purchase?.status !== 'completed') return undefined
    const booked = await store.readTransaction(takenBackRowId(record))
    if (booked?.userId === purchase.userId) return undefined
    return {
      kind: record.kind === 'refund' ? 'refund_not_booked' : 'dispute_not_booked',
      userId: purchase.userId,
      transactionId: record.transactionId,
      takenBackId: record.id,
      amountCents: record.amountCents,
    }
  }
}

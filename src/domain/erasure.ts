import { type Account, creditsOwned, withExpiredHoldsEnded } from './account.ts'
import { DomainError } from './errors.ts'
import type { UsageRow } from './journal.ts'
import type { Ledger } from './ledger.ts'
import type {
  CustomerDeletion,
  PersonalRecords,
  TranscriptDeletion,
  VendorCustomer,
} from './personal-ports.ts'
import type { Clock, LedgerStore, Log } from './ports.ts'

export interface ErasureDependencies {
  readonly ledger: Pick<Ledger, 'fold'>
  readonly store: Pick<LedgerStore, 'readAccount'>
  readonly records: PersonalRecords
  readonly transcripts: TranscriptDeletion
  readonly customers: CustomerDeletion
  readonly now: Clock
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly log: Log
  /** How long a request that was let in before the account closed can take. */
  readonly longestRequestMs: number
}

/** What an erasure takes away, or would. */
export interface ErasureReport {
  readonly userId: string
  /** Nothing was left to take away. */
  readonly wasErased: boolean
  /** Debits that say more than what was charged. */
  readonly operations: number
  readonly transcripts: number
  readonly stripeCustomers: number
  /** What the account still has: it stays in the books, and nobody can spend it. */
  readonly creditsLeft: number
}

/** Stands in the place of the e-mail and of the password's hash. No address and no hash looks like it. */
export const erased = 'erased'

export const isErased = (account: Account): boolean => account.email === erased

/** What was measured, and so priced: it says nothing of what anybody heard or asked. */
const measures = ['seconds', 'leases', 'credits_refunded', 'ended_by', 'audio_ms', 'segments'] as const

/** A debit without its listener: when, for which service, and what was charged. */
export const redacted = (row: UsageRow): UsageRow => ({
  ...row,
  requestHash: erased,
  result: undefined,
  metadata: Object.fromEntries(
    measures.flatMap(name => {
      const value = row.metadata[name]
      return value === undefined ? [] : [[name, value]]
    }),
  ),
})

const isRedacted = (row: UsageRow): boolean => row.requestHash === erased

export const transcriptIdOf = ({ metadata }: UsageRow): string | undefined =>
  metadata.transcript_id === undefined ? undefined : String(metadata.transcript_id)

/** Rows that are worked through together. */
const batchSize = 5

const stillOpen = (untilMs: number): DomainError =>
  new DomainError(
    'operation_in_progress',
    `An operation is open until ${new Date(untilMs).toISOString()} at the latest. Nothing was erased. Try again then.`,
  )

const stillPaying = (sessionIds: readonly string[]): DomainError =>
  new DomainError(
    'operation_in_progress',
    `A payment is on its way (${sessionIds.join(', ')}). Nothing was erased. Try again when it has come; a transfer or voucher is waited for for seven days.`,
  )

const noSuchAccount = (): DomainError =>
  new DomainError('not_found', 'There is no such account. Nothing was erased.')

interface Counts {
  operations: number
  transcripts: number
}

/**
 * Takes a person out of what is kept, and leaves the ledger: rows of who paid and was charged what, by an id that leads
 * to nobody. Each step may be repeated, and none is needed to find what the next one takes away, so that an erasure that
 * died is finished by asking for it again.
 */
export class Erasure {
  readonly #deps: ErasureDependencies

  constructor(dependencies: ErasureDependencies) {
    this.#deps = dependencies
  }

  /**
   * What `run` would take away. It writes nothing: what time has done to the account is seen, and not folded in.
   * @throws {DomainError} `not_found`, `operation_in_progress`
   * @throws {UpstreamError}
   */
  async plan(userId: string): Promise<ErasureReport> {
    const stored = await this.#read(userId)
    const account = withExpiredHoldsEnded(stored, this.#deps.now())
    assertIdle(account)
    if (isErased(account)) return this.#nothingLeft(account)
    const found = await this.#findSettled(account)
    const { operations, transcripts } = await this.#eachRow(userId, async () => undefined)
    const counts = { operations: operations + debitsToCome(stored), transcripts }
    return this.#reportOf(account, counts, found.length)
  }

  /** @throws {DomainError} `not_found`, `operation_in_progress` @throws {UpstreamError} */
  async run(userId: string): Promise<ErasureReport> {
    const { ledger, records, customers, sleep, log, longestRequestMs } = this.#deps
    const account = await ledger.fold(await this.#read(userId))
    assertIdle(account)
    if (isErased(account)) return this.#nothingLeft(account)
    await this.#closeCheckouts(account)
    if (!(await records.close(userId))) return this.run(userId)
    await sleep(longestRequestMs)
    const counts = await this.#eachRow(userId, row => this.#erase(row))
    const found = await customers.find(account)
    for (const customer of found) await customers.delete(customer)
    if (!(await records.forget(account))) await this.#assertErased(userId)
    log.info('account_erased', { user_id: userId, ...counts, stripe_customers: found.length })
    return this.#reportOf(account, counts, found.length)
  }

  async #read(userId: string): Promise<Account> {
    const account = await this.#deps.store.readAccount(userId)
    if (!account) throw noSuchAccount()
    return account
  }

  /** Its customers at the payment vendor, no money on its way: that would buy credits which nobody can spend. */
  async #findSettled(account: Account): Promise<readonly VendorCustomer[]> {
    const found = await this.#deps.customers.find(account)
    const pending = found.flatMap(customer => customer.pendingSessionIds)
    if (pending.length > 0) throw stillPaying(pending)
    return found
  }

  async #closeCheckouts(account: Account): Promise<void> {
    for (const customer of await this.#findSettled(account)) {
      const paid = await this.#deps.customers.closeSessions(customer)
      if (paid.length > 0) throw stillPaying(paid)
    }
  }

  async #eachRow(userId: string, act: (row: UsageRow) => Promise<void>): Promise<Counts> {
    const counts: Counts = { operations: 0, transcripts: 0 }
    for await (const page of this.#deps.records.usage(userId)) {
      const rows = page.filter(row => !isRedacted(row))
      counts.operations += rows.length
      counts.transcripts += rows.filter(row => transcriptIdOf(row) !== undefined).length
      for (let at = 0; at < rows.length; at += batchSize) {
        await Promise.all(rows.slice(at, at + batchSize).map(act))
      }
    }
    return counts
  }

  /** The vendor's copy first: the row is where its id is kept. */
  async #erase(row: UsageRow): Promise<void> {
    const transcriptId = transcriptIdOf(row)
    if (transcriptId !== undefined) await this.#deps.transcripts.delete(transcriptId)
    await this.#deps.records.redactUsage(redacted(row))
  }

  /** Somebody else may have erased it at the same time. */
  async #assertErased(userId: string): Promise<void> {
    const account = await this.#deps.store.readAccount(userId)
    if (account && isErased(account)) return
    throw new Error('The account changed while it was erased. Erase it again.')
  }

  #reportOf(account: Account, counts: Counts, stripeCustomers: number): ErasureReport {
    return {
      userId: account.userId,
      wasErased: false,
      ...counts,
      stripeCustomers,
      creditsLeft: creditsOwned(account, this.#deps.now()),
    }
  }

  #nothingLeft(account: Account): ErasureReport {
    return { ...this.#reportOf(account, { operations: 0, transcripts: 0 }, 0), wasErased: true }
  }
}

/** @throws {DomainError} `operation_in_progress` while something is open that has not expired */
const assertIdle = ({ holds }: Account): void => {
  const ends = Object.values(holds).map(hold => hold.expiresAtMs)
  if (ends.length > 0) throw stillOpen(Math.max(...ends))
}

/** Of live captions that have expired: they are charged once that is folded in. */
const debitsToCome = ({ holds }: Account): number =>
  Object.values(holds).filter(hold => hold.live !== undefined).length

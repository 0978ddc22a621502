import type { ServiceType } from '../contracts/credits.ts'
import { creditsAvailable, isExpired, withExpiredHoldsEnded } from './account.ts'
import { DomainError } from './errors.ts'
import type { UsageRow } from './journal.ts'
import { accountGone, failureKeptMs, givenUp, type Ledger } from './ledger.ts'
import type { Clock, JobFailure, JobFailures, LedgerStore, Reservation } from './ports.ts'

export type JobState =
  | { readonly state: 'finished'; readonly row: UsageRow; readonly creditsAvailable: number }
  | { readonly state: 'open'; readonly reservation: Reservation }
  | { readonly state: 'failed'; readonly failure: JobFailure }

export interface JobOutcomeDependencies {
  readonly ledger: Ledger
  readonly store: Pick<LedgerStore, 'readAccount' | 'readUsage'>
  readonly failures: JobFailures
  readonly now: Clock
}

/** Where an operation stands that was answered with 202: its row, its hold, or why it failed. */
export class JobOutcomes {
  readonly #deps: JobOutcomeDependencies

  constructor(dependencies: JobOutcomeDependencies) {
    this.#deps = dependencies
  }

  /** @throws {DomainError} `not_found`, `unauthenticated` */
  async find(userId: string, operationId: string, service: ServiceType): Promise<JobState> {
    const { store, failures, now } = this.#deps
    const account = await store.readAccount(userId)
    if (account && !account.isActive) throw accountGone()
    const hold = account?.holds[operationId]
    if (hold?.service === service && !isExpired(hold, now())) {
      return { state: 'open', reservation: { userId, operationId, hold } }
    }
    const row = await store.readUsage(userId, operationId)
    if (account && row?.service === service) {
      const available = creditsAvailable(withExpiredHoldsEnded(account, now()), now())
      return { state: 'finished', row, creditsAvailable: available }
    }
    if (hold?.service === service) return { state: 'failed', failure: givenUp }
    const failure = await failures.read(userId, operationId)
    if (failure) return { state: 'failed', failure }
    throw new DomainError(
      'not_found',
      'There is no such operation, or it ended without a result. Nothing was charged for it.',
    )
  }

  /** The operation's reservation while it is open. */
  async findOpen(
    userId: string,
    operationId: string,
    service: ServiceType,
  ): Promise<Reservation | undefined> {
    const account = await this.#deps.store.readAccount(userId)
    const hold = account?.holds[operationId]
    return hold?.service === service ? { userId, operationId, hold } : undefined
  }

  /** Whether it came to nothing for a reason of its own, and not because its time was over. */
  async hasFailed(userId: string, operationId: string): Promise<boolean> {
    const failure = await this.#deps.failures.read(userId, operationId)
    return failure !== undefined && failure.detail !== givenUp.detail
  }

  /** Ends a job that came to nothing. The reason is written first: a crash between leaves the job open, not lost. */
  async fail(reservation: Reservation, failure: JobFailure): Promise<void> {
    const { ledger, failures, now } = this.#deps
    await failures.record(reservation.userId, reservation.operationId, failure, now() + failureKeptMs)
    await ledger.release(reservation)
  }
}

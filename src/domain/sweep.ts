import { isExpired } from './account.ts'
import type { Resumption } from './catchup-stalled.ts'
import type { Clips } from './clip.ts'
import type { Ledger } from './ledger.ts'
import type { ActiveAccounts, Clock, LedgerStore, Log, Reservation, SweepMark } from './ports.ts'

/** Takes up a job whose call-back has not come, where there is something to take up. */
export interface JobResumer {
  resume(reservation: Reservation): Promise<Resumption>
}

export interface SweepDependencies {
  readonly ledger: Ledger
  readonly store: Pick<LedgerStore, 'readAccount'>
  readonly activity: Pick<ActiveAccounts, 'since'>
  readonly mark: SweepMark
  readonly clips: Pick<Clips, 'read'>
  readonly catchups: JobResumer
  readonly now: Clock
  readonly log: Log
  /** No hold lives longer than this after the last note of its account's activity. */
  readonly longestHoldMs: number
}

/** What a sweep did. */
export interface SweepReport {
  readonly accounts: number
  readonly expiredHolds: number
  /** Taken up where they had stopped, finished, or given up. */
  readonly resumedJobs: number
  readonly failedAccounts: number
  readonly failedJobs: number
  /** False where its time was up before everything was looked at. */
  readonly complete: boolean
}

type Tally = { -readonly [Field in keyof SweepReport]: SweepReport[Field] }

/** As far back as the first sweep looks, or one whose mark was lost. */
const firstLookBackMs = 24 * 3_600_000
/** An account that one sweep fails at has an hour's others that look at it again. */
const overlapMs = 3_600_000
/** Accounts, and then jobs, that are looked at together. */
const batchSize = 10

/**
 * Ends what time has ended, for the accounts that were active lately: expired holds first, then jobs whose call-back
 * was lost, the soonest to expire first, since a vendor may be slow. Everything it does is a conditional write that
 * anybody may repeat, so two sweeps at once, or one that was killed halfway, change nothing but the time.
 */
export class Sweep {
  readonly #deps: SweepDependencies

  constructor(dependencies: SweepDependencies) {
    this.#deps = dependencies
  }

  /** Begins nothing after `untilMs`; what is left then is the next sweep's. */
  async run(untilMs: number): Promise<SweepReport> {
    const { mark, now, log, longestHoldMs } = this.#deps
    const startedAtMs = now()
    const sweptUntilMs = (await mark.read()) ?? startedAtMs - firstLookBackMs
    const tally: Tally = {
      accounts: 0,
      expiredHolds: 0,
      resumedJobs: 0,
      failedAccounts: 0,
      failedJobs: 0,
      complete: true,
    }
    const jobs: Reservation[] = []
    for await (const batch of this.#activeSince(sweptUntilMs - longestHoldMs - overlapMs)) {
      tally.complete = now() < untilMs
      if (!tally.complete) break
      const open = await Promise.all(batch.map(userId => this.#foldAccount(userId, tally)))
      jobs.push(...open.flat().filter(isJob))
    }
    if (tally.complete) await mark.write(startedAtMs)
    await this.#resumeJobs(jobs, tally, untilMs)
    log.info('sweep_done', { ...tally })
    return tally
  }

  /** Each account once. */
  async *#activeSince(fromMs: number): AsyncGenerator<readonly string[]> {
    const seen = new Set<string>()
    for await (const page of this.#deps.activity.since(fromMs)) {
      const unseen = page.filter(userId => !seen.has(userId))
      for (const userId of unseen) seen.add(userId)
      yield* batches(unseen)
    }
  }

  /** What an account has open once what has expired is folded in. One that fails must not keep the others waiting. */
  async #foldAccount(userId: string, tally: Tally): Promise<Reservation[]> {
    const { store, ledger, now, log } = this.#deps
    tally.accounts++
    try {
      const account = await store.readAccount(userId)
      if (!account) return []
      const nowMs = now()
      const expired = Object.values(account.holds).filter(hold => isExpired(hold, nowMs))
      const { holds } = await ledger.fold(account)
      tally.expiredHolds += expired.length
      return Object.entries(holds).map(([operationId, hold]) => ({ userId, operationId, hold }))
    } catch (error) {
      tally.failedAccounts++
      log.error('sweep_account_failed', { user_id: userId }, error)
      return []
    }
  }

  async #resumeJobs(jobs: readonly Reservation[], tally: Tally, untilMs: number): Promise<void> {
    const soonestFirst = jobs.toSorted((one, other) => one.hold.expiresAtMs - other.hold.expiresAtMs)
    for (const batch of batches(soonestFirst)) {
      if (this.#deps.now() >= untilMs) {
        tally.complete = false
        return
      }
      await Promise.all(batch.map(job => this.#resumeJob(job, tally)))
    }
  }

  async #resumeJob(job: Reservation, tally: Tally): Promise<void> {
    try {
      if (await this.#resume(job)) tally.resumedJobs++
    } catch (error) {
      tally.failedJobs++
      const { userId, operationId } = job
      this.#deps.log.error('sweep_job_failed', { user_id: userId, operation_id: operationId }, error)
    }
  }

  async #resume(reservation: Reservation): Promise<boolean> {
    const { userId, operationId, hold } = reservation
    if (hold.service === 'clip_transcription') {
      return (await this.#deps.clips.read(userId, operationId)).status !== 'processing'
    }
    const resumption = await this.#deps.catchups.resume(reservation)
    return resumption === 'resumed' || resumption === 'given_up'
  }
}

/** What goes on without its caller, at a vendor or at a worker of ours. */
const isJob = ({ hold }: Reservation): boolean =>
  hold.service === 'catchup' || (hold.service === 'clip_transcription' && hold.reference !== undefined)

const batches = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / batchSize) }, (_, index) =>
    items.slice(index * batchSize, (index + 1) * batchSize),
  )

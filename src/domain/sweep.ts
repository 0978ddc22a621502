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
  /** False where its time was up before every account was looked at. */
  readonly complete: boolean
}

type Tally = { -readonly [Field in keyof SweepReport]: SweepReport[Field] }

/** As far back as the first sweep looks, or one whose mark was lost. */
const firstLookBackMs = 24 * 3_600_000
/** Accounts that are looked at together. */
const batchSize = 10

/**
 * Ends what time has ended, for the accounts that were active lately: expired holds, and jobs whose call-back was lost.
 * Everything it does is a conditional write that anybody may repeat, so two sweeps at once, or one that was killed
 * halfway, change nothing but the time.
 */
export class Sweep {
  readonly #deps: SweepDependencies

  constructor(dependencies: SweepDependencies) {
    this.#deps = dependencies
  }

  /** Ends by itself soon after `untilMs`; what is left then is the next sweep's. */
  async run(untilMs: number): Promise<SweepReport> {
    const { mark, now, log, longestHoldMs } = this.#deps
    const startedAtMs = now()
    const sweptUntilMs = (await mark.read()) ?? startedAtMs - firstLookBackMs
    const tally: Tally = { accounts: 0, expiredHolds: 0, resumedJobs: 0, failedAccounts: 0, complete: true }
    for await (const batch of this.#activeSince(sweptUntilMs - longestHoldMs)) {
      tally.complete = now() < untilMs
      if (!tally.complete) break
      await Promise.all(batch.map(userId => this.#sweepAccount(userId, tally)))
    }
    if (tally.complete) await mark.write(startedAtMs)
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

  /** An account that can't be swept must not keep the others waiting. */
  async #sweepAccount(userId: string, tally: Tally): Promise<void> {
    tally.accounts++
    try {
      const account = await this.#deps.store.readAccount(userId)
      if (!account) return
      const nowMs = this.#deps.now()
      const expired = Object.values(account.holds).filter(hold => isExpired(hold, nowMs))
      const { holds } = await this.#deps.ledger.fold(account)
      tally.expiredHolds += expired.length
      for (const [operationId, hold] of Object.entries(holds)) {
        if (await this.#resume({ userId, operationId, hold })) tally.resumedJobs++
      }
    } catch (error) {
      tally.failedAccounts++
      this.#deps.log.error('sweep_account_failed', { user_id: userId }, error)
    }
  }

  async #resume(reservation: Reservation): Promise<boolean> {
    const { userId, operationId, hold } = reservation
    if (hold.service === 'clip_transcription' && hold.reference !== undefined) {
      return (await this.#deps.clips.read(userId, operationId)).status !== 'processing'
    }
    if (hold.service !== 'catchup') return false
    const resumption = await this.#deps.catchups.resume(reservation)
    return resumption === 'resumed' || resumption === 'given_up'
  }
}

const batches = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / batchSize) }, (_, index) =>
    items.slice(index * batchSize, (index + 1) * batchSize),
  )

import { v7 } from 'uuid'
import type { LeaseResponse } from '../../src/contracts/transcription.ts'
import { problemOf } from '../messages/problem.ts'
import type { LiveOperation } from '../transcript/model.ts'
import { backoffMs } from './backoff.ts'
import { sleep } from './clock.ts'
import { withDeadline } from './deadline.ts'
import { type LeaseRefusal, leaseRefusal } from './lease-refusal.ts'
import type { LiveApi } from './live-api.ts'
import {
  answerTimeoutMs,
  closeOperation,
  type StopDependencies,
  stopLeftovers,
  stopOperation,
} from './stop-operation.ts'

/** A slice of captions that is paid for. Times are of this computer's clock, whatever the server's says. */
export interface Lease {
  readonly operationId: string
  /** From 1. */
  readonly number: number
  /** Opens one socket, within a minute. */
  readonly socketUrl: string
  readonly seconds: number
  /** It does not end before. */
  readonly endsAtMs: number
  /** The next one can be had from about then on. */
  readonly renewFromMs: number
  /** Held for the whole operation. */
  readonly creditsHeld: number
  /** What can be spent beside it. */
  readonly creditsAvailable: number
}

/** What the leases are for, and who pays. */
export interface LeasedCaptions {
  readonly sessionId: string
  /** Its `accountKey`. */
  readonly account: string
  /** Two letters, `multi`, or empty for the backend's first. */
  readonly language: string
}

export type LeaseAnswer = { readonly kind: 'granted'; readonly lease: Lease } | LeaseRefusal

export interface LeasesDependencies extends StopDependencies {
  readonly api: LiveApi
  readonly random: () => number
  /** Something was charged, held or given back. */
  onBalanceMoved(): void
}

/** How often the time of the last sound is written down. */
const noteEveryMs = 5_000
const triesToStop = 4
/** How much longer a lease may last than is known, and still be asked for as if it ended at its earliest. */
const longestDoubtMs = 500

/** The span in which a lease ends: the server's clock can't be read, only when it was asked and when it answered. */
interface LeaseEnd {
  readonly earliestMs: number
  readonly latestMs: number
}

/**
 * The leases of a session's captions, one operation after the other. It asks once at a time and never again by itself:
 * when to ask, and what to do about a refusal, is for its user.
 */
export class Leases {
  readonly #deps: LeasesDependencies
  readonly #captions: LeasedCaptions
  #operation: LiveOperation | undefined
  #lease: Lease | undefined
  #end: LeaseEnd | undefined
  #heardAtMs = 0
  #creditsUsed: number | undefined = 0
  #stopping: Promise<number | undefined> = Promise.resolve(undefined)
  /** What is being asked for: whoever asks for it meanwhile gets the same answer. */
  #asking: { readonly number: number; readonly answer: Promise<LeaseAnswer> } | undefined

  constructor(deps: LeasesDependencies, captions: LeasedCaptions) {
    this.#deps = deps
    this.#captions = captions
  }

  /** The lease that was given last, of the operation that is open. */
  get lease(): Lease | undefined {
    return this.#lease
  }

  /** What the operations have cost that are over; undefined where that is not known of one. */
  get creditsUsed(): number | undefined {
    return this.#creditsUsed
  }

  /**
   * Asks for the first lease of an operation. Its id is in the store before it is sent, and is kept until it is known
   * what came of it; whatever was left open on this machine is stopped before.
   */
  async start(): Promise<LeaseAnswer> {
    await this.#stopping
    const operation = this.#operation ?? (await this.#open())
    const { api } = this.#deps
    const answer = await this.#ask(operation, () =>
      api.startLive(operation.operationId, this.#captions.language),
    )
    if (isRefusedForGood(answer)) await this.#forget(operation)
    return answer
  }

  /** Asks for the lease after the present one. Again after an answer that was lost: it is charged once. */
  renew(): Promise<LeaseAnswer> {
    return this.#askFor(1)
  }

  /** Asks for another token for the present lease. It uses the account's allowance up. */
  repeat(): Promise<LeaseAnswer> {
    return this.#askFor(0)
  }

  /** Sound was sent just now: a stop that comes late names the time. */
  heard(): void {
    const operation = this.#operation
    this.#heardAtMs = this.#deps.clock.now()
    if (operation === undefined || this.#heardAtMs - operation.lastAudioAtMs < noteEveryMs) return
    this.#operation = { ...operation, lastAudioAtMs: this.#heardAtMs }
    this.#deps.store.putOperation(this.#operation).catch(() => undefined)
  }

  /**
   * Ends the operation, if one is open. Where the backend can't be told, it is before the next captions start.
   *
   * @param when captions ended: now, or when the last sound was sent
   * @returns what can be spent now, if that is known
   */
  stop(when: 'now' | 'at_last_sound'): Promise<number | undefined> {
    const operation = this.#operation
    if (operation === undefined) return this.#stopping
    this.#operation = undefined
    this.#lease = undefined
    const heardAtMs = Math.max(this.#heardAtMs, operation.startedAtMs)
    this.#stopping = this.#stop(operation, when === 'now' ? undefined : heardAtMs)
    return this.#stopping
  }

  async #stop(operation: LiveOperation, endedAtMs: number | undefined): Promise<number | undefined> {
    const { clock, random, onBalanceMoved } = this.#deps
    for (let tries = 1; tries <= triesToStop; tries++) {
      const outcome = await stopOperation(this.#deps, operation, endedAtMs)
      if (outcome.kind === 'nothing') return undefined
      if (outcome.kind === 'stopped') {
        if (this.#creditsUsed !== undefined) this.#creditsUsed += outcome.response.credits_used
        onBalanceMoved()
        return outcome.response.credits_available
      }
      if (tries < triesToStop) await sleep(clock, backoffMs(tries, random), never)
    }
    this.#creditsUsed = undefined
    return undefined
  }

  async #start(operation: LiveOperation): Promise<LeaseAnswer> {
    const { api } = this.#deps
    const answer = await this.#ask(operation, () =>
      api.startLive(operation.operationId, this.#captions.language),
    )
    if (isRefusedForGood(answer)) await this.#forget(operation)
    return answer
  }

  async #open(): Promise<LiveOperation> {
    const { store, clock } = this.#deps
    const { sessionId, account } = this.#captions
    await stopLeftovers(this.#deps, account)
    const startedAtMs = clock.now()
    const operation: LiveOperation = {
      operationId: v7({ msecs: startedAtMs }),
      account,
      sessionId,
      startedAtMs,
      lastAudioAtMs: startedAtMs,
    }
    await store.putOperation(operation)
    this.#operation = operation
    this.#end = undefined
    return operation
  }

  #askFor(step: 0 | 1): Promise<LeaseAnswer> {
    const operation = this.#operation
    const lease = this.#lease
    if (operation === undefined || lease === undefined) return Promise.resolve(noCaptions)
    const number = lease.number + step
    if (this.#asking?.number === number) return this.#asking.answer
    const answer = this.#askForNumber(operation, number).finally(() => {
      this.#asking = undefined
    })
    this.#asking = { number, answer }
    return answer
  }

  async #askForNumber(operation: LiveOperation, number: number): Promise<LeaseAnswer> {
    const { api } = this.#deps
    const askFor = (wanted: number): Promise<LeaseAnswer> =>
      this.#ask(operation, () => api.renewLive(operation.operationId, wanted))
    const answer = await askFor(number)
    if (answer.kind === 'over') void this.stop('at_last_sound')
    if (answer.kind !== 'wrong_lease') return answer
    return askFor(answer.lease ?? number + 1)
  }

  async #ask(operation: LiveOperation, call: () => Promise<LeaseResponse>): Promise<LeaseAnswer> {
    const { clock } = this.#deps
    const askedAtMs = clock.now()
    this.#end ??= { earliestMs: askedAtMs, latestMs: askedAtMs }
    try {
      const response = await withDeadline(clock, answerTimeoutMs, call())
      if (this.#operation?.operationId !== operation.operationId) return noCaptions
      return { kind: 'granted', lease: this.#take(response) }
    } catch (error) {
      return leaseRefusal(problemOf(error))
    }
  }

  #take(response: LeaseResponse): Lease {
    const { clock, onBalanceMoved } = this.#deps
    const end = this.#endOf(response, clock.now())
    const windowMs = Date.parse(response.lease_expires_at) - Date.parse(response.renew_from)
    const lease: Lease = {
      operationId: response.operation_id,
      number: response.lease,
      socketUrl: `${response.websocket_url}&token=${encodeURIComponent(response.token)}`,
      seconds: response.lease_seconds,
      endsAtMs: end.earliestMs,
      renewFromMs: end.earliestMs - windowMs + Math.min(longestDoubtMs, end.latestMs - end.earliestMs),
      creditsHeld: response.credits_held,
      creditsAvailable: response.credits_available,
    }
    this.#end = end
    this.#lease = lease
    onBalanceMoved()
    return lease
  }

  /** A lease begins where the one before ends; the first one between the first request and its answer. */
  #endOf({ lease, lease_seconds }: LeaseResponse, nowMs: number): LeaseEnd {
    const before = this.#end ?? { earliestMs: nowMs, latestMs: nowMs }
    const latestMs = this.#lease === undefined ? nowMs : before.latestMs
    const addedMs = (lease - (this.#lease?.number ?? 0)) * lease_seconds * 1_000
    return { earliestMs: before.earliestMs + addedMs, latestMs: latestMs + addedMs }
  }

  /** Nothing is held under its key. */
  async #forget(operation: LiveOperation): Promise<void> {
    this.#operation = undefined
    await closeOperation(this.#deps, operation)
  }
}

const never = new AbortController().signal

const noCaptions: LeaseAnswer = {
  kind: 'over',
  problem: { code: 'lease_over', detail: 'These captions have ended. Nothing more was charged.' },
}

/** Whether nothing is held under the key of a start that was answered so. */
const isRefusedForGood = ({ kind }: LeaseAnswer): boolean =>
  kind === 'unaffordable' || kind === 'elsewhere' || kind === 'over' || kind === 'refused'

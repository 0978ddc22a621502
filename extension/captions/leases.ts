import { v7 } from 'uuid'
import type { LeaseResponse, StopResponse } from '../../src/contracts/live-captions.ts'
import { problemOf } from '../messages/problem.ts'
import type { LiveOperation } from '../transcript/model.ts'
import { storageProblem } from '../transcript/storage-problem.ts'
import { backoffMs } from './backoff.ts'
import { sleep } from './clock.ts'
import { withDeadline } from './deadline.ts'
import { type LeaseRefusal, leaseRefusal } from './lease-refusal.ts'
import type { LiveApi } from './live-api.ts'
import {
  answerTimeoutMs,
  closeOperation,
  type StopDependencies,
  startMayArriveMs,
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
  /** Whether it ends then, and not a good deal later or earlier: an answer that was lost leaves that open. */
  readonly isEndKnown: boolean
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
/** Sound that was sent longer ago is not sent any more. */
const stillHeardMs = 2_000
/** A stop that leaves so much of a lease gives something back, unless the allowance is spent. */
const refundableMs = 15_000
/** How far apart the times may be at which a lease ends that is known to end then. */
const knownWithinMs = 2_000
/** How much longer a lease may last than is known, and still be asked for as if it ended at its earliest. */
const longestDoubtMs = 500

/** The span in which a lease ends: the server's clock can't be read, only when it was asked and when it answered. */
interface LeaseEnd {
  readonly earliestMs: number
  readonly latestMs: number
}

/** When requests for what is asked for were sent that nothing is known of. */
interface Unanswered {
  readonly firstAtMs: number
  readonly lastAtMs: number
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
  #windowMs = 0
  #unanswered: Unanswered | undefined
  #heardAtMs = 0
  #creditsUsed: number | undefined = 0
  #stopping: Promise<number | undefined> = Promise.resolve(undefined)
  /** What is being asked for: whoever asks for it meanwhile gets the same answer. */
  #asking:
    | { readonly operationId: string; readonly number: number; readonly answer: Promise<LeaseAnswer> }
    | undefined

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
   * what came of it; whatever else was left open on this machine is stopped before. A store that fails is a refusal.
   */
  async start(): Promise<LeaseAnswer> {
    await this.#stopping
    let operation: LiveOperation
    try {
      operation = await this.#noteStart()
    } catch (error) {
      return { kind: 'retry', problem: storageProblem(error).view }
    }
    const answer = await this.#ask(operation, () => this.#sendStart(operation))
    if (isRefusedForGood(answer)) await this.#forget(operation)
    return answer.kind === 'elsewhere' ? this.#withoutOwn(answer) : answer
  }

  /** Asks for the lease after the present one. Again after an answer that was lost: it is charged once. */
  renew(): Promise<LeaseAnswer> {
    return this.#askFor(1)
  }

  /** Asks for another token for the present lease. It uses the account's allowance up. */
  repeat(): Promise<LeaseAnswer> {
    return this.#askFor(0)
  }

  /** Sound was sent just now, unless the lease is over: the computer has slept, then. A late stop names the time. */
  heard(): void {
    const operation = this.#operation
    const nowMs = this.#deps.clock.now()
    if (this.#lease && this.#end && nowMs >= this.#end.latestMs) return
    this.#heardAtMs = nowMs
    if (operation === undefined || this.#heardAtMs - operation.lastAudioAtMs < noteEveryMs) return
    this.#operation = { ...operation, lastAudioAtMs: this.#heardAtMs }
    this.#deps.store.putOperation(this.#operation).catch(() => undefined)
  }

  /**
   * Ends the operation, if one is open. Where the backend can't be told, it is before the next captions start.
   *
   * @param when captions ended: when the last sound was sent, or now, if any was just before
   * @returns what can be spent now, if that is known
   */
  stop(when: 'now' | 'at_last_sound'): Promise<number | undefined> {
    const operation = this.#operation
    if (operation === undefined) return this.#stopping
    const nowMs = this.#deps.clock.now()
    const leaseEndsAtMs = this.#lease?.endsAtMs ?? 0
    this.#operation = undefined
    this.#lease = undefined
    const isHearing = this.#heardAtMs > operation.startedAtMs && nowMs - this.#heardAtMs < stillHeardMs
    const endedAtMs = when === 'now' && isHearing ? nowMs : Math.max(this.#heardAtMs, operation.startedAtMs)
    this.#stopping = this.#stop(operation, endedAtMs, leaseEndsAtMs)
    return this.#stopping
  }

  /** The backend's own clock is the better one: a stop that is sent at once names no time. */
  async #stop(
    operation: LiveOperation,
    endedAtMs: number,
    leaseEndsAtMs: number,
  ): Promise<number | undefined> {
    const { clock, random } = this.#deps
    for (let tries = 1; tries <= triesToStop; tries++) {
      const namedMs = endedAtMs < clock.now() ? endedAtMs : undefined
      const outcome = await stopOperation(this.#deps, operation, namedMs)
      if (outcome.kind === 'nothing') return undefined
      if (outcome.kind === 'stopped') return this.#onStopped(outcome.response, leaseEndsAtMs - endedAtMs)
      if (tries < triesToStop) await sleep(clock, backoffMs(tries, random), never)
    }
    this.#creditsUsed = undefined
    return undefined
  }

  #onStopped({ credits_used, credits_refunded, credits_available }: StopResponse, unusedMs: number): number {
    const { clock, refunds, onBalanceMoved } = this.#deps
    if (unusedMs > refundableMs && credits_refunded === 0) refunds.spent(clock.now())
    if (this.#creditsUsed !== undefined) this.#creditsUsed += credits_used
    onBalanceMoved()
    return credits_available
  }

  /** The operation to start, in the store with the time at which that is asked for. @throws what the store does */
  async #noteStart(): Promise<LiveOperation> {
    const { store, clock } = this.#deps
    await stopLeftovers(this.#deps, this.#captions.account, this.#operation?.operationId)
    const startSentAtMs = clock.now()
    const operation = { ...(this.#operation ?? this.#newOperation(startSentAtMs)), startSentAtMs }
    await store.putOperation(operation)
    this.#operation = operation
    return operation
  }

  #newOperation(startedAtMs: number): LiveOperation {
    const { sessionId, account } = this.#captions
    this.#end = undefined
    this.#unanswered = undefined
    return {
      operationId: v7({ msecs: startedAtMs }),
      account,
      sessionId,
      startedAtMs,
      lastAudioAtMs: startedAtMs,
    }
  }

  /** What is granted when nobody waits for it any more is stopped. */
  #sendStart(operation: LiveOperation): Promise<LeaseResponse> {
    const { operationId, lastAudioAtMs } = operation
    const asked = this.#deps.api.startLive(operationId, this.#captions.language)
    asked.then(
      () => {
        if (!this.#isOpen(operationId)) void stopOperation(this.#deps, operation, lastAudioAtMs)
      },
      () => undefined,
    )
    return asked
  }

  /** Captions that this machine itself has left open are stopped: they are no reason to refuse new ones. */
  async #withoutOwn(refusal: Extract<LeaseRefusal, { kind: 'elsewhere' }>): Promise<LeaseAnswer> {
    const { store } = this.#deps
    const open = await store.openOperations().catch(() => [])
    const own = open.find(({ operationId }) => operationId === refusal.operationId)
    if (own?.account !== this.#captions.account) return refusal
    await stopOperation(this.#deps, own, own.lastAudioAtMs)
    return { kind: 'retry', problem: refusal.problem }
  }

  #isOpen(operationId: string): boolean {
    return this.#operation?.operationId === operationId
  }

  #askFor(step: 0 | 1): Promise<LeaseAnswer> {
    const operation = this.#operation
    const lease = this.#lease
    if (operation === undefined || lease === undefined) return Promise.resolve(noCaptions)
    const { operationId } = operation
    const number = lease.number + step
    if (this.#asking?.operationId === operationId && this.#asking.number === number)
      return this.#asking.answer
    const answer = this.#askForNumber(operation, number).finally(() => {
      if (this.#asking === asking) this.#asking = undefined
    })
    const asking = { operationId, number, answer }
    this.#asking = asking
    return answer
  }

  async #askForNumber(operation: LiveOperation, number: number): Promise<LeaseAnswer> {
    const { api } = this.#deps
    const askFor = (wanted: number): Promise<LeaseAnswer> =>
      this.#ask(operation, () => api.renewLive(operation.operationId, wanted))
    const answer = await askFor(number)
    if (answer.kind === 'over' && this.#isOpen(operation.operationId)) void this.stop('at_last_sound')
    if (answer.kind === 'no_repeat') this.#onNoRepeat(operation, number)
    if (answer.kind !== 'wrong_lease') return answer
    return askFor(answer.lease ?? number + 1)
  }

  /** The lease is paid for, and no token can be had: what can be waited for is the one after. */
  #onNoRepeat({ operationId }: LiveOperation, number: number): void {
    const lease = this.#lease
    if (!this.#isOpen(operationId) || !lease || !this.#end || lease.number >= number) return
    const addedMs = lease.seconds * 1_000
    this.#setEnd(
      { earliestMs: this.#end.earliestMs + addedMs, latestMs: this.#end.latestMs + addedMs },
      { ...lease, number },
    )
  }

  async #ask(operation: LiveOperation, call: () => Promise<LeaseResponse>): Promise<LeaseAnswer> {
    const { clock } = this.#deps
    const askedAtMs = clock.now()
    try {
      const response = await withDeadline(clock, answerTimeoutMs, call())
      if (!this.#isOpen(operation.operationId)) return noCaptions
      return { kind: 'granted', lease: this.#take(response, askedAtMs) }
    } catch (error) {
      const refusal = leaseRefusal(problemOf(error))
      if (this.#isOpen(operation.operationId)) this.#noteRefusal(refusal, askedAtMs)
      return refusal
    }
  }

  #noteRefusal({ kind, problem }: LeaseRefusal, askedAtMs: number): void {
    if (kind === 'no_repeat') this.#deps.refunds.spent(this.#deps.clock.now())
    if (kind === 'retry' && !nothingDone.has(problem.code)) {
      this.#unanswered = { firstAtMs: this.#unanswered?.firstAtMs ?? askedAtMs, lastAtMs: askedAtMs }
    }
    if (problem.code === 'renew_too_early') this.#moveEnd(problem.retryAfterSeconds ?? 1, askedAtMs)
  }

  /** The backend has said when the next lease can be had, in seconds that it rounds up. */
  #moveEnd(waitSeconds: number, askedAtMs: number): void {
    if (!this.#lease || !this.#end) return
    const waitMs = waitSeconds * 1_000 + this.#windowMs
    const earliestMs = Math.max(this.#end.earliestMs, askedAtMs + waitMs - 1_000)
    const latestMs = Math.max(earliestMs, Math.min(this.#end.latestMs, this.#deps.clock.now() + waitMs))
    this.#setEnd({ earliestMs, latestMs }, this.#lease)
  }

  #setEnd(end: LeaseEnd, lease: Omit<Lease, 'endsAtMs' | 'isEndKnown' | 'renewFromMs'>): Lease {
    const { earliestMs, latestMs } = end
    this.#end = end
    this.#lease = {
      ...lease,
      endsAtMs: earliestMs,
      isEndKnown: latestMs - earliestMs <= knownWithinMs,
      renewFromMs: earliestMs - this.#windowMs + Math.min(longestDoubtMs, latestMs - earliestMs),
    }
    return this.#lease
  }

  #take(response: LeaseResponse, askedAtMs: number): Lease {
    const { clock, refunds, onBalanceMoved } = this.#deps
    const isRepeat = this.#unanswered !== undefined || response.lease === this.#lease?.number
    if (isRepeat) refunds.use(clock.now())
    this.#windowMs = Date.parse(response.lease_expires_at) - Date.parse(response.renew_from)
    const lease = this.#setEnd(this.#endOf(response, askedAtMs), {
      operationId: response.operation_id,
      number: response.lease,
      socketUrl: `${response.websocket_url}&token=${encodeURIComponent(response.token)}`,
      seconds: response.lease_seconds,
      creditsHeld: response.credits_held,
      creditsAvailable: response.credits_available,
    })
    this.#unanswered = undefined
    onBalanceMoved()
    return lease
  }

  /** A lease begins where the one before ends; the first one between a request and its answer. */
  #endOf({ lease, lease_seconds }: LeaseResponse, askedAtMs: number): LeaseEnd {
    const leaseMs = lease_seconds * 1_000
    if (!this.#lease || !this.#end) {
      const latestMs = this.#deps.clock.now() + lease * leaseMs
      return { earliestMs: this.#firstBeganMs(leaseMs, askedAtMs) + lease * leaseMs, latestMs }
    }
    const addedMs = (lease - this.#lease.number) * leaseMs
    return { earliestMs: this.#end.earliestMs + addedMs, latestMs: this.#end.latestMs + addedMs }
  }

  /** An earlier request may be what it was granted to. Whether it was is known when the next lease is asked for. */
  #firstBeganMs(leaseMs: number, askedAtMs: number): number {
    const oldestMs = askedAtMs - Math.max(0, leaseMs - 2 * this.#windowMs)
    return Math.max(this.#unanswered?.firstAtMs ?? askedAtMs, oldestMs)
  }

  /** Nothing is held under its key, unless an earlier request for it is on its way yet. */
  async #forget(operation: LiveOperation): Promise<void> {
    const mayArrive = this.#deps.clock.now() - (this.#unanswered?.lastAtMs ?? 0) < startMayArriveMs
    this.#operation = undefined
    this.#unanswered = undefined
    if (!mayArrive) await closeOperation(this.#deps, operation)
  }
}

const never = new AbortController().signal

/** Problems after which it is known that nothing was granted. */
const nothingDone: ReadonlySet<string> = new Set(['upstream_failed', 'operation_in_progress'])

const noCaptions: LeaseAnswer = {
  kind: 'over',
  problem: { code: 'lease_over', detail: 'These captions have ended. Nothing more was charged.' },
}

/** Whether nothing is held under the key of a start that was answered so. */
const isRefusedForGood = ({ kind }: LeaseAnswer): boolean =>
  kind === 'unaffordable' || kind === 'elsewhere' || kind === 'over' || kind === 'refused'

import type { LiveApi } from '../../../../../extension/captions/live-api.ts'
import type { ProblemView } from '../../../../../extension/captions/view.ts'
import { Problem } from '../../../../../extension/messages/problem.ts'
import type { LeaseResponse, StopResponse } from '../../../../../src/contracts/live-captions.ts'

export interface BackendRules {
  readonly leaseSeconds: number
  readonly windowSeconds: number
  readonly shortestLeaseSeconds: number
  readonly allowance: number
  readonly credits: number
}

interface Operation {
  startedAtMs: number
  lease: number
  paidSeconds: number
  leaseSeconds: number
  isStopped: boolean
}

/** How one call goes wrong: refused before anything is done, or its answer lost after. */
interface Fault {
  readonly on: 'start' | 'renew' | 'stop'
  readonly problem: ProblemView
  readonly isLostAnswer: boolean
}

const secondsPerCredit = 6
const serverAheadMs = 3_600_000 * 5

export const offline: ProblemView = { code: 'offline', detail: 'There is no network.' }

/** The backend's rules of live captions, for fake time. Its clock is five hours ahead. */
export class FakeBackend implements LiveApi {
  readonly calls: string[] = []
  readonly operations = new Map<string, Operation>()
  readonly faults: Fault[] = []
  credits: number
  allowance: number
  isReachable = true
  /** How long an answer takes. */
  latencyMs = 60
  readonly #rules: BackendRules
  #tokens = 0

  constructor(rules: Partial<BackendRules> = {}) {
    this.#rules = {
      leaseSeconds: 300,
      windowSeconds: 30,
      shortestLeaseSeconds: 60,
      allowance: 6,
      credits: 1_000,
      ...rules,
    }
    this.credits = this.#rules.credits
    this.allowance = this.#rules.allowance
  }

  /** Lets calls of a kind fail, in turn. */
  fail(on: Fault['on'], problem: ProblemView, times = 1, isLostAnswer = false): void {
    for (let count = 0; count < times; count++) this.faults.push({ on, problem, isLostAnswer })
  }

  startLive(operationId: string, language: string): Promise<LeaseResponse> {
    return this.#call('start', `start ${language}`.trim(), () => {
      const known = this.operations.get(operationId)
      if (known) return this.#repeat(operationId, known)
      const open = [...this.operations].find(([, other]) => this.#isLive(other))
      if (open) throw new Problem({ code: 'live_already_open', detail: 'Open.', operationId: open[0] })
      const seconds = this.#sell()
      const operation = {
        startedAtMs: this.#now(),
        lease: 1,
        paidSeconds: seconds,
        leaseSeconds: seconds,
        isStopped: false,
      }
      this.operations.set(operationId, operation)
      return this.#answer(operationId, operation)
    })
  }

  renewLive(operationId: string, lease: number): Promise<LeaseResponse> {
    return this.#call('renew', `renew ${lease}`, () => {
      const operation = this.operations.get(operationId)
      if (!operation || !this.#isLive(operation)) throw new Problem({ code: 'lease_over', detail: 'Over.' })
      if (lease === operation.lease) return this.#repeat(operationId, operation)
      if (lease !== operation.lease + 1) {
        throw new Problem({ code: 'wrong_lease', detail: 'Wrong.', lease: operation.lease })
      }
      const waitMs = this.#renewFromMs(operation) - this.#now()
      if (waitMs > 0) {
        const retryAfterSeconds = Math.ceil(waitMs / 1_000)
        throw new Problem({ code: 'renew_too_early', detail: 'Early.', retryAfterSeconds })
      }
      const seconds = this.#sell()
      operation.lease += 1
      operation.paidSeconds += seconds
      operation.leaseSeconds = seconds
      return this.#answer(operationId, operation)
    })
  }

  stopLive(operationId: string, endedAtMs?: number): Promise<StopResponse> {
    const when = endedAtMs === undefined ? '' : ` at ${endedAtMs}`
    return this.#call('stop', `stop${when}`, () => {
      const operation = this.operations.get(operationId)
      if (!operation) throw new Problem({ code: 'not_found', detail: 'None.' })
      const ranMs = Math.min(this.#now(), this.#endsAtMs(operation)) - operation.startedAtMs
      const held = operation.paidSeconds / secondsPerCredit
      const used = Math.min(held, Math.ceil(ranMs / 1_000 / secondsPerCredit))
      const isCharged = operation.isStopped || (used < held && this.allowance-- <= 0)
      const refunded = isCharged ? 0 : held - used
      operation.isStopped = true
      this.credits += refunded
      return {
        operation_id: operationId,
        seconds: Math.round(ranMs / 1_000),
        credits_used: held - refunded,
        credits_refunded: refunded,
        credits_available: this.credits,
      }
    })
  }

  /** The operations that were charged and are not stopped. */
  get openOperations(): string[] {
    return [...this.operations].filter(([, { isStopped }]) => !isStopped).map(([id]) => id)
  }

  async #call<Answer>(on: Fault['on'], what: string, work: () => Answer): Promise<Answer> {
    this.calls.push(what)
    await new Promise(resolve => setTimeout(resolve, this.latencyMs))
    if (!this.isReachable) throw new Problem(offline)
    const index = this.faults.findIndex(fault => fault.on === on)
    const [fault] = index === -1 ? [] : this.faults.splice(index, 1)
    if (fault && !fault.isLostAnswer) throw new Problem(fault.problem)
    const answer = work()
    if (fault) throw new Problem(fault.problem)
    return answer
  }

  #sell(): number {
    const { leaseSeconds, shortestLeaseSeconds } = this.#rules
    const credits = Math.min(this.credits, leaseSeconds / secondsPerCredit)
    const requiredCredits = shortestLeaseSeconds / secondsPerCredit
    if (credits < requiredCredits) {
      throw new Problem({
        code: 'insufficient_credits',
        detail: 'Too few.',
        requiredCredits,
        availableCredits: this.credits,
      })
    }
    this.credits -= credits
    return credits * secondsPerCredit
  }

  #repeat(operationId: string, operation: Operation): LeaseResponse {
    if (!this.#isLive(operation)) throw new Problem({ code: 'lease_over', detail: 'Over.' })
    if (this.allowance <= 0) throw new Problem({ code: 'allowance_spent', detail: 'Spent.' })
    this.allowance -= 1
    return this.#answer(operationId, operation)
  }

  #answer(operationId: string, operation: Operation): LeaseResponse {
    const capSeconds = Math.ceil((this.#endsAtMs(operation) - this.#now()) / 1_000)
    this.#tokens += 1
    return {
      operation_id: operationId,
      lease: operation.lease,
      websocket_url: 'wss://speech.example.com/v3/ws?format_turns=true',
      token: `token-${this.#tokens}-${capSeconds}`,
      lease_seconds: operation.leaseSeconds,
      lease_expires_at: new Date(this.#endsAtMs(operation)).toISOString(),
      renew_from: new Date(this.#renewFromMs(operation)).toISOString(),
      credits_held: operation.paidSeconds / secondsPerCredit,
      credits_available: this.credits,
    }
  }

  #isLive = (operation: Operation): boolean => !operation.isStopped && this.#endsAtMs(operation) > this.#now()

  #endsAtMs = ({ startedAtMs, paidSeconds }: Operation): number => startedAtMs + paidSeconds * 1_000

  #renewFromMs = (operation: Operation): number => {
    const { windowSeconds, leaseSeconds } = this.#rules
    const seconds = Math.max(1, Math.floor((windowSeconds * operation.leaseSeconds) / leaseSeconds))
    return this.#endsAtMs(operation) - Math.min(seconds, windowSeconds) * 1_000
  }

  #now = (): number => Date.now() + serverAheadMs
}

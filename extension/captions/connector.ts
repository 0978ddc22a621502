import type { EndReason } from '../transcript/model.ts'
import { backoffMs } from './backoff.ts'
import { type Clock, sleep } from './clock.ts'
import type { LeaseRefusal } from './lease-refusal.ts'
import type { Lease, LeaseAnswer, Leases } from './leases.ts'
import type { Line } from './line.ts'
import { lineBreakMeans } from './line-break.ts'
import type { Network } from './network.ts'
import type { ProblemView } from './view.ts'

/** How captions end that can't go on. */
export interface Ending {
  readonly kind: 'ending'
  readonly reason: EndReason
  readonly problem?: ProblemView
}

export type Connection = { readonly kind: 'line'; readonly line: Line } | Ending

export interface ConnectorOptions {
  readonly leases: Leases
  readonly clock: Clock
  readonly random: () => number
  readonly network: Network
  openLine(socketUrl: string): Line
  /** For how long sound can still be kept without any being lost. */
  roomMs(): number
  onLease(lease: Lease): void
  /** No further lease can be had for what there is. */
  onUnaffordable(problem: ProblemView): void
}

/** After this long without a line there is none. */
const giveUpAfterMs = 5 * 60_000
/** And after this long, or so many tokens, where it is the speech service alone that does not answer: captions are charged. */
const barrenAfterMs = 90_000
const mostBarrenTokens = 4
/** A token opens a socket within a minute. One whose socket never began may be good still. */
const tokenGoodForMs = 50_000
/** A line that breaks sooner than this was none: the next one waits. */
const soundLineMs = 10_000
const offlineLookMs = 500
/** With less of the lease left than this, another token for it is not worth asking for. */
const worthRepeatingMs = 2_000
/** So much of a lease is rather paid for twice than heard late. */
const mostPaidTwiceMs = 30_000
/** The vendor is busy: the first wait is that of so many failures. */
const crowdedFailures = 3

/** What is to be done next to have a token. */
type Step =
  | { readonly kind: 'token'; readonly lease: Lease }
  | { readonly kind: 'again'; readonly delayMs?: number; readonly problem?: ProblemView }
  | Ending

interface Token {
  readonly lease: Lease
  readonly grantedAtMs: number
  tries: number
  /** The backend could be reached when it opened nothing. */
  isBarren: boolean
}

/** Gets a lease or another token for one, and opens a line with it, as often as it takes. */
export class Connector {
  readonly #options: ConnectorOptions
  #token: Token | undefined
  #lastUrl = ''
  #openedAtMs: number | undefined
  /** Tokens, since a line was open, that opened nothing, and since when. */
  #barrenTokens = 0
  #barrenSinceMs: number | undefined
  #failures = 0
  #refusals = 0

  constructor(options: ConnectorOptions) {
    this.#options = options
  }

  /** A lease was granted whose token has opened no socket yet: the next line is opened with it. */
  has(lease: Lease): void {
    if (lease.socketUrl === this.#lastUrl) return
    this.#lastUrl = lease.socketUrl
    this.#token = { lease, grantedAtMs: this.#options.clock.now(), tries: 0, isBarren: false }
    this.#options.onLease(lease)
  }

  /** A line broke that had opened. @param code the close code */
  lost(code: number): void {
    this.#forgive()
    this.#openedAtMs = undefined
    this.#note(code)
  }

  /** What went wrong before a line that was sound is over. */
  #forgive(): void {
    if (this.#openedAtMs === undefined || this.#options.clock.now() - this.#openedAtMs < soundLineMs) return
    this.#failures = 0
    this.#refusals = 0
  }

  /**
   * Opens the next line.
   *
   * @param signal ends the attempt; a line that is being opened is closed
   * @param onTrouble it takes longer than it should
   */
  async connect(signal: AbortSignal, onTrouble: () => void): Promise<Connection> {
    const { clock } = this.#options
    this.#forgive()
    const untilMs = clock.now() + giveUpAfterMs
    let problem = noLine
    let delayMs = this.#failures > 0 ? this.#backoffMs() : 0
    while (!signal.aborted) {
      if (delayMs > 0) await sleep(clock, delayMs, signal)
      if (clock.now() >= untilMs) return { kind: 'ending', reason: 'failed', problem }
      const attempt = await this.#attempt(signal)
      if (attempt.kind !== 'again') return attempt
      problem = attempt.problem ?? problem
      delayMs = attempt.delayMs ?? this.#backoffMs()
      onTrouble()
    }
    return stopped
  }

  async #attempt(signal: AbortSignal): Promise<Connection | Extract<Step, { kind: 'again' }>> {
    const { network, openLine, clock } = this.#options
    if (!network.isOnline()) {
      this.#clearBarren()
      return { kind: 'again', delayMs: offlineLookMs, problem: offline }
    }
    const step = await this.#step()
    if (step.kind !== 'token') return step
    const line = openLine(step.lease.socketUrl)
    const giveUp = (): void => line.terminate()
    signal.addEventListener('abort', giveUp)
    if (signal.aborted) giveUp()
    const isOpen = await line.opened
    signal.removeEventListener('abort', giveUp)
    if (isOpen) {
      this.#token = undefined
      this.#openedAtMs = clock.now()
      this.#clearBarren()
      return { kind: 'line', line }
    }
    const end = await line.ended
    if (end.kind === 'broken' && !signal.aborted) await this.#noteBarren()
    if (end.kind === 'broken') this.#notOpened(end.code)
    return this.#refusals > 1 || this.#isBarren() ? noLineEnding : { kind: 'again', problem: noLine }
  }

  /** Where the backend can't be reached either, it is the way there that is broken. */
  async #noteBarren(): Promise<void> {
    const { network, clock } = this.#options
    const token = this.#token
    if (!(await network.isReachable())) return this.#clearBarren()
    this.#barrenSinceMs ??= clock.now()
    if (!token || token.isBarren) return
    token.isBarren = true
    this.#barrenTokens += 1
  }

  #clearBarren(): void {
    this.#barrenTokens = 0
    this.#barrenSinceMs = undefined
  }

  /** Whether a line that is paid for can't be had. */
  #isBarren(): boolean {
    const { clock } = this.#options
    return this.#barrenSinceMs !== undefined && clock.now() - this.#barrenSinceMs >= barrenAfterMs
  }

  /** A token whose socket did not begin is tried again: it may not have been used up, and another is not free. */
  #notOpened(code: number): void {
    const isReused = this.#token !== undefined && this.#token.tries > 1
    const isRefused = lineBreakMeans(code) === 'refused'
    if (isRefused || lineBreakMeans(code) === 'session_over') this.#token = undefined
    if (!(isRefused && isReused)) this.#note(code)
  }

  #note(code: number): void {
    const meaning = lineBreakMeans(code)
    if (meaning === 'refused') this.#refusals += 1
    if (meaning === 'session_over') this.#failures = 0
    else this.#failures = Math.max(this.#failures, meaning === 'crowded' ? crowdedFailures : 0) + 1
  }

  #backoffMs(): number {
    return backoffMs(Math.max(1, this.#failures), this.#options.random)
  }

  async #step(): Promise<Step> {
    const token = this.#token
    if (token && this.#options.clock.now() - token.grantedAtMs < tokenGoodForMs) {
      token.tries += 1
      return { kind: 'token', lease: token.lease }
    }
    if (this.#barrenTokens >= mostBarrenTokens) return noLineEnding
    const before = this.#options.leases.lease
    const answer = await this.#ask(before)
    if (answer.kind !== 'granted') return this.#afterRefusal(answer, before)
    this.has(answer.lease)
    return this.#step()
  }

  /** The next lease in its time, which costs nothing extra; another token for the present one before. */
  async #ask(lease: Lease | undefined): Promise<LeaseAnswer> {
    const { leases, clock, onUnaffordable } = this.#options
    if (lease === undefined) return leases.start()
    const nowMs = clock.now()
    if (nowMs >= lease.endsAtMs) {
      void leases.stop('at_last_sound')
      return leases.start()
    }
    if (nowMs < lease.renewFromMs || this.#barrenTokens > 0) return leases.repeat()
    const answer = await leases.renew()
    if (answer.kind !== 'unaffordable') return answer
    onUnaffordable(answer.problem)
    return lease.endsAtMs - clock.now() > worthRepeatingMs ? leases.repeat() : answer
  }

  #afterRefusal(refusal: LeaseRefusal, before: Lease | undefined): Step {
    const { problem } = refusal
    switch (refusal.kind) {
      case 'wait':
        return { kind: 'again', delayMs: refusal.delayMs, problem }
      case 'no_repeat':
        return this.#withoutToken(this.#options.leases.lease ?? before, problem)
      case 'over':
        return this.#afterOver(before, problem)
      case 'retry':
        if (problem.code === 'offline' || problem.code === 'unreachable') this.#clearBarren()
        this.#failures += 1
        return { kind: 'again', problem }
      case 'wrong_lease':
        this.#failures += 1
        return { kind: 'again', problem }
      default:
        return endingAfter(refusal)
    }
  }

  /**
   * No token is left for what is paid for: the next lease is waited for, and of the sound what can be kept is. The rest
   * of a lease would be lost with its operation, and be paid for again.
   */
  #withoutToken(lease: Lease | undefined, problem: ProblemView): Step {
    const { clock, leases, roomMs } = this.#options
    if (lease === undefined || this.#barrenTokens > 0) return { kind: 'ending', reason: 'failed', problem }
    const nowMs = clock.now()
    const waitMs = Math.max(1_000, lease.renewFromMs - nowMs)
    if (waitMs > roomMs() && lease.endsAtMs - nowMs <= mostPaidTwiceMs) {
      void leases.stop('at_last_sound')
      return { kind: 'again', delayMs: 0, problem }
    }
    return { kind: 'again', delayMs: Math.min(waitMs, giveUpAfterMs), problem }
  }

  /** Captions that are over before their lease is were ended from elsewhere, if it is known when it ends. */
  #afterOver(lease: Lease | undefined, problem: ProblemView): Step {
    const isEarly = lease !== undefined && this.#options.clock.now() < lease.endsAtMs
    if (isEarly && lease.isEndKnown) return { kind: 'ending', reason: 'taken_over', problem }
    this.#failures += 1
    return { kind: 'again', problem }
  }
}

/** How captions end where a lease was refused for good. */
export function endingAfter(refusal: LeaseRefusal): Ending {
  const { problem } = refusal
  switch (refusal.kind) {
    case 'unaffordable':
      return { kind: 'ending', reason: 'credits_used_up', problem }
    case 'signed_out':
      return { kind: 'ending', reason: 'signed_out', problem }
    case 'elsewhere':
    case 'over':
      return { kind: 'ending', reason: 'taken_over', problem }
    default:
      return { kind: 'ending', reason: 'failed', problem }
  }
}

const stopped: Ending = { kind: 'ending', reason: 'stopped' }

const offline: ProblemView = {
  code: 'offline',
  detail: 'There is no network. Try again once you are online.',
}

const noLine: ProblemView = {
  code: 'upstream_failed',
  detail:
    'The speech service can’t be reached. Look at your credits: no more was charged than is shown there. Try again in a moment.',
}

const noLineEnding: Ending = { kind: 'ending', reason: 'failed', problem: noLine }

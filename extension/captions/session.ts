import { createSilenceDetector, type SilenceDetector } from '../capture/silence.ts'
import { sampleRateHz } from '../capture/sound.ts'
import { problemOf } from '../messages/problem.ts'
import type { SilenceSettings } from '../settings/model.ts'
import type { CaptionedPage, EndReason, TranscriptSegment } from '../transcript/model.ts'
import type { TranscriptStore } from '../transcript/store.ts'
import { type Clock, every, sleep, sleepUntil } from './clock.ts'
import { type Connection, Connector, type Ending } from './connector.ts'
import { CreditMeter } from './credit-meter.ts'
import type { Cut } from './cut.ts'
import { firstLease } from './first-lease.ts'
import { type Lease, Leases } from './leases.ts'
import type { Line } from './line.ts'
import type { LiveApi } from './live-api.ts'
import type { Network } from './network.ts'
import { Recorder } from './recorder.ts'
import type { RefundCount } from './refund-count.ts'
import { Relay } from './relay.ts'
import { lastTurnsMs, renewInTime } from './renewal.ts'
import type { OpenSocket } from './socket.ts'
import type { CaptionState, SessionView } from './view.ts'
import { textOf } from './word.ts'

/** Which captions, and how the listener wants them. */
export interface SessionRequest {
  readonly sessionId: string
  readonly tabId: number
  readonly page: CaptionedPage
  /** Who pays (`accountKey`). */
  readonly account: string
  /** Two letters, `multi`, or empty for the backend's first. */
  readonly language: string
  readonly silence: SilenceSettings
  /** Whether captions that the account has open elsewhere are ended. */
  readonly takeOver: boolean
}

export interface SessionDependencies {
  readonly clock: Clock
  readonly random: () => number
  readonly api: LiveApi
  readonly store: Pick<
    TranscriptStore,
    'createSession' | 'endSession' | 'appendSegment' | 'putOperation' | 'openOperations'
  >
  readonly network: Network
  readonly openSocket: OpenSocket
  /** Of this machine, over all sessions. */
  readonly refunds: RefundCount
  /** Seconds of captions that a credit pays for, by the price list. */
  secondsPerCredit(): Promise<number>
  creditsAvailable(): Promise<number>
  onBalanceMoved(): void
  /** The view has changed. @param isNews whether it is more than what is being said and the time that is left */
  onChanged(isNews: boolean): void
  onSegment(segment: TranscriptSegment): void
}

/** Why a line is fed no longer. */
type Outcome =
  | { readonly kind: 'handed_over'; readonly line: Line; readonly cut: Cut | undefined }
  | { readonly kind: 'lost' }
  /** Its lease is over, and there is no other yet. */
  | { readonly kind: 'lapsed' }
  /** Nobody speaks. */
  | { readonly kind: 'silent' }
  | Ending

const tickMs = 1_000
const lookMs = 100
/** A line may be offline for so long before it is given up. */
const offlineGraceMs = 2_000
/** What a line without a pause has left for its last turns, or so much of the time to renew. */
const drainMs = 3_000
const drainPartOfWindow = 0.4
/** How far ahead of a line that lags behind a pause may be. */
const mostReachMs = 4_000
/** How long sound can be kept while a lease is waited for, of what the buffer holds. */
const roomMs = 60_000
/** A line that lags behind has speech to hear yet. */
const quietLagMs = 1_000
/** How much longer a line that lags behind is fed, once captions are stopped. */
const feedRestWithinMs = 15_000
/** Whatever hangs, captions have ended by then. */
const closeWithinMs = 90_000

/**
 * One stretch of live captions: from sound to a transcript in the store, over as many leases, operations and sockets as
 * it takes. Its states are those of {@link CaptionState}.
 */
export class CaptionSession {
  readonly #request: SessionRequest
  readonly #deps: SessionDependencies
  readonly #startedAtMs: number
  readonly #detector: SilenceDetector
  readonly #leases: Leases
  readonly #connector: Connector
  readonly #recorder: Recorder
  readonly #relay: Relay
  readonly #meter: CreditMeter
  readonly #over = new AbortController()
  readonly #ended = Promise.withResolvers<void>()
  #state: CaptionState = { name: 'starting' }
  #ending: Ending | undefined
  /** The next lease's line, as soon as it is being opened. */
  #successor: Promise<Connection> | undefined
  #offlineSinceMs: number | undefined
  /** It was offline since a line was last fed. */
  #wasOffline = false
  /** When a line was last given up that had nothing to say. */
  #hungIn: { readonly lease: Lease | undefined; readonly writtenToMs: number } | undefined
  /** Silence lasts, but the lease is used to its end. */
  #isDozing = false
  #silence = Promise.withResolvers<void>()
  #sound = Promise.withResolvers<void>()
  #stopTicking: () => void = () => undefined

  constructor(request: SessionRequest, deps: SessionDependencies) {
    const { clock, random, api, store, network, openSocket, refunds, onBalanceMoved } = deps
    const { sessionId, account, language } = request
    this.#request = request
    this.#deps = deps
    this.#startedAtMs = clock.now()
    this.#detector = createSilenceDetector(request.silence)
    this.#meter = new CreditMeter(deps)
    this.#leases = new Leases(
      { api, store, clock, random, refunds, onBalanceMoved },
      { sessionId, account, language },
    )
    this.#recorder = new Recorder({
      sessionId,
      store,
      clock,
      random,
      onSegment: deps.onSegment,
      onProblem: () => deps.onChanged(true),
      onFailure: problem => this.#conclude({ kind: 'ending', reason: 'failed', problem }),
    })
    this.#relay = new Relay({
      clock,
      openSocket,
      recorder: this.#recorder,
      onPending: () => deps.onChanged(false),
      gapReason: () => (this.#wasOffline ? 'offline' : 'interrupted'),
    })
    this.#connector = new Connector({
      clock,
      random,
      network,
      leases: this.#leases,
      openLine: url => this.#relay.openLine(url),
      roomMs: () => roomMs - this.#relay.heldMs,
      onLease: lease => this.#meter.holds(lease),
      onUnaffordable: problem => this.#meter.cannotAfford(problem.requiredCredits),
    })
  }

  get view(): SessionView {
    const { sessionId, tabId, page } = this.#request
    const [first, ...more] = this.#hasPartial ? this.#relay.pending : []
    const { warning, secondsLeft } = this.#meter
    const { problem } = this.#recorder
    return {
      sessionId,
      tabId,
      page,
      startedAtMs: this.#startedAtMs,
      state: this.#state,
      partialText: first ? textOf([first, ...more]) : '',
      partialStartMs: first?.startMs ?? 0,
      ...(warning === undefined ? {} : { warning }),
      ...(problem === undefined || this.isOver ? {} : { problem }),
      ...(secondsLeft === undefined || this.isOver ? {} : { secondsLeft }),
    }
  }

  get isOver(): boolean {
    return this.#state.name === 'ended'
  }

  /**
   * Asks for the first lease, and then captions until it is ended. What is heard meanwhile is kept.
   *
   * @throws {Problem} why there can't be captions; there is no session then
   */
  async begin(): Promise<void> {
    const { sessionId, page, takeOver } = this.#request
    const { store, api, clock, random } = this.#deps
    this.#stopTicking = every(clock, tickMs, () => this.#tick())
    try {
      const options = { leases: this.#leases, api, clock, random, takeOver }
      this.#connector.has(await firstLease(options, this.#over.signal))
      await store.createSession({ sessionId, page, startedAtMs: this.#startedAtMs })
    } catch (error) {
      void this.#leases.stop('at_last_sound')
      this.abandon()
      throw error
    }
    void this.#run()
  }

  /** It does not begin, or has not. Whoever waits for its end is told. */
  abandon(): void {
    this.#over.abort()
    this.#end({ kind: 'ending', reason: 'failed' })
  }

  /** A frame of the tab's sound. @param sampleIndex from the capture's start */
  hear(samples: Int16Array<ArrayBuffer>, sampleIndex: number): void {
    if (this.#over.signal.aborted) return
    const { isSound } = this.#detector.hear(samples)
    this.#relay.hear({ startMs: (sampleIndex * 1_000) / sampleRateHz, samples, isSound })
    if (this.#relay.line) this.#leases.heard()
    if (isSound) this.#onSound()
    else if (this.#detector.shouldPause) this.#onSilence()
  }

  /** Sound was captured that did not come. */
  missed(missingMs: number): void {
    if (this.#state.name !== 'paused') this.#relay.missed(missingMs)
  }

  configure(silence: SilenceSettings): void {
    this.#detector.configure(silence)
    if (silence.pauseAfterSeconds === 0) this.#onSound()
  }

  /** Ends the captions. Is fulfilled once what was said is stored, and the backend was told or can't be. */
  end(reason: EndReason): Promise<void> {
    this.#conclude({ kind: 'ending', reason })
    return this.#ended.promise
  }

  async #run(): Promise<void> {
    try {
      await this.#carryAll()
    } catch (error) {
      this.#conclude({ kind: 'ending', reason: 'failed', problem: problemOf(error).view })
    }
    await this.#finish()
  }

  /** Feeds one line after the other, until captions are over. */
  async #carryAll(): Promise<void> {
    let line = await this.#connect()
    while (line) {
      this.#take(line)
      line = await this.#after(await this.#carry(line))
    }
  }

  #take(line: Line): void {
    this.#relay.take(line)
    this.#successor = undefined
    this.#wasOffline = false
    this.#setState({ name: 'live' })
  }

  /** The next line, or undefined where captions are over. */
  async #connect(): Promise<Line | undefined> {
    const connecting =
      this.#successor ?? this.#connector.connect(this.#over.signal, () => this.#reconnecting())
    const connection = await connecting
    if (connection.kind === 'line') return connection.line
    this.#conclude(connection)
    return undefined
  }

  /** Lets a line be fed until something comes of it. */
  async #carry(line: Line): Promise<Outcome> {
    const done = new AbortController()
    this.#silence = Promise.withResolvers()
    try {
      return await Promise.race<Outcome>([
        line.ended.then(() => ({ kind: 'lost' })),
        this.#silence.promise.then(() => ({ kind: 'silent' })),
        this.#succeed(AbortSignal.any([done.signal, this.#over.signal])),
        whenAborted(this.#over.signal).then(() => this.#ending ?? stopped),
      ])
    } finally {
      done.abort()
    }
  }

  async #after(outcome: Outcome): Promise<Line | undefined> {
    switch (outcome.kind) {
      case 'handed_over':
        if (this.#relay.line?.isOpen) this.#relay.handOver(outcome.cut)
        else this.#relay.breakOff()
        return outcome.line
      case 'silent':
        return this.#sleep()
      case 'lapsed':
        this.#relay.handOver()
        this.#reconnecting()
        return this.#connect()
      case 'lost':
        return this.#recover()
      default:
        this.#conclude(outcome)
        return undefined
    }
  }

  async #recover(): Promise<Line | undefined> {
    const end = await this.#relay.line?.ended
    this.#relay.breakOff()
    if (this.#isDozing && !this.#relay.holdsSound) return this.#sleep()
    this.#isDozing = false
    if (!this.#successor && end?.kind === 'broken') this.#connector.lost(end.code)
    this.#reconnecting()
    return this.#connect()
  }

  /** Sees to the next lease and its line. Never told where it was given up. */
  async #succeed(signal: AbortSignal): Promise<Outcome> {
    const { clock, random } = this.#deps
    const lease = this.#leases.lease
    if (!lease) return whenAborted(never).then(() => lapsed)
    const onUnaffordable = (problem: { requiredCredits?: number | undefined }): void =>
      this.#meter.cannotAfford(problem.requiredCredits)
    await sleepUntil(clock, lease.renewFromMs, signal)
    if (await this.#dozesThrough(lease, signal)) return { kind: 'silent' }
    const renewal = await renewInTime(lease, { leases: this.#leases, clock, random, onUnaffordable }, signal)
    if (renewal.kind !== 'renewed') return renewal
    this.#connector.has(renewal.lease)
    if (signal.aborted) return lapsed
    this.#successor = this.#connector.connect(this.#over.signal, () => undefined)
    const connection = await this.#successor
    if (connection.kind === 'ending') return connection
    return { kind: 'handed_over', line: connection.line, cut: await this.#cut(lease, signal) }
  }

  /** Where to hand over: in a pause, or when there is no more time to wait for one. */
  async #cut(lease: Lease, signal: AbortSignal): Promise<Cut | undefined> {
    const { clock } = this.#deps
    const windowMs = lease.endsAtMs - lease.renewFromMs
    const untilMs = lease.endsAtMs - Math.min(drainMs, windowMs * drainPartOfWindow)
    while (!signal.aborted && clock.now() < untilMs) {
      const cut = this.#relay.pause(Math.min(mostReachMs, untilMs - clock.now()))
      if (cut) return cut
      await sleep(clock, lookMs, signal)
    }
    return undefined
  }

  /** Whether silence lasts until the lease ends. */
  async #dozesThrough(lease: Lease, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#deps
    while (this.#isDozing && !signal.aborted) {
      if (clock.now() >= lease.endsAtMs - lastTurnsMs) return true
      await sleep(clock, lookMs, signal)
    }
    return false
  }

  /** Captions cost nothing until there is sound again. */
  async #sleep(): Promise<Line | undefined> {
    this.#isDozing = false
    this.#sound = Promise.withResolvers()
    this.#relay.pauseLine()
    this.#setState({ name: 'paused' })
    void this.#leases.stop('now').then(credits => this.#meter.stopped(credits))
    await Promise.race([this.#sound.promise, whenAborted(this.#over.signal)])
    this.#relay.wake()
    if (this.#ending) return undefined
    this.#setState({ name: 'starting' })
    return this.#connect()
  }

  #onSound(): void {
    this.#sound.resolve()
    if (!this.#isDozing) return
    this.#isDozing = false
    this.#setState({ name: 'live' })
  }

  #onSilence(): void {
    const { clock, refunds } = this.#deps
    const lease = this.#leases.lease
    const mayPause = this.#state.name === 'live' && !this.#successor && this.#relay.heldMs < quietLagMs
    if (!mayPause || !lease) return
    if (refunds.isWorthIt(lease.endsAtMs, clock.now())) {
      this.#silence.resolve()
      return
    }
    this.#isDozing = true
    this.#setState({ name: 'paused' })
  }

  #reconnecting(): void {
    if (this.#over.signal.aborted) return
    const sinceMs = this.#state.name === 'reconnecting' ? this.#state.sinceMs : this.#deps.clock.now()
    this.#setState({ name: 'reconnecting', sinceMs, bufferedSeconds: this.#relay.heldMs / 1_000 })
  }

  /** The first reason to end counts. */
  #conclude(ending: Ending): void {
    if (this.#ending) return
    this.#ending = ending
    this.#setState({ name: 'stopping' })
    this.#over.abort()
  }

  async #finish(): Promise<void> {
    const ending = this.#ending ?? stopped
    const closing = this.#close(ending.reason).catch(() => undefined)
    await Promise.race([closing, sleep(this.#deps.clock, closeWithinMs, never)])
    this.#end(ending)
  }

  async #close(reason: EndReason): Promise<void> {
    const { store, clock } = this.#deps
    this.#successor?.then(
      connection => connection.kind === 'line' && connection.line.terminate(),
      () => undefined,
    )
    const when = this.#relay.line?.isOpen ? 'now' : 'at_last_sound'
    await this.#relay.feedRest(Math.min(feedRestWithinMs, this.#paidMs))
    await Promise.all([this.#relay.finish(), this.#leases.stop(when)])
    await this.#recorder.settled()
    await store.endSession(this.#request.sessionId, clock.now(), reason)
  }

  /** How much longer the lease pays for what is sent. */
  get #paidMs(): number {
    const { lease } = this.#leases
    return lease ? lease.endsAtMs - lastTurnsMs - this.#deps.clock.now() : 0
  }

  #end({ reason, problem = this.#recorder.problem }: Ending): void {
    this.#stopTicking()
    const { creditsUsed } = this.#leases
    this.#setState({
      name: 'ended',
      reason,
      ...(problem === undefined ? {} : { problem }),
      ...(creditsUsed === undefined ? {} : { creditsUsed }),
    })
    this.#ended.resolve()
  }

  #tick(): void {
    this.#watchNetwork()
    this.#relay.line?.pump()
    this.#relay.forget()
    this.#tellWarning()
    if (this.#state.name === 'reconnecting') this.#reconnecting()
    else this.#deps.onChanged(false)
  }

  #watchNetwork(): void {
    const { clock, network } = this.#deps
    const line = this.#relay.line
    const isOnline = network.isOnline()
    this.#offlineSinceMs = isOnline ? undefined : (this.#offlineSinceMs ?? clock.now())
    if (!isOnline) this.#wasOffline = true
    const offlineMs = this.#offlineSinceMs === undefined ? 0 : clock.now() - this.#offlineSinceMs
    if (offlineMs >= offlineGraceMs) line?.giveUp()
    const health = line?.check()
    if (health === 'hung' && this.#mayHang) {
      this.#hungIn = { lease: this.#leases.lease, writtenToMs: this.#recorder.writtenToMs }
      line?.giveUpHung()
    }
    if (!line?.isOpen || (health !== 'suspect' && health !== 'hung')) return
    void network.isReachable().then(isReachable => {
      if (!isReachable) line.giveUp()
    })
  }

  /** Once in a lease, and not again before a word has come: it may be music, and a line costs a token. */
  get #mayHang(): boolean {
    const before = this.#hungIn
    if (!before) return true
    return before.lease !== this.#leases.lease && this.#recorder.writtenToMs > before.writtenToMs
  }

  #tellWarning(): void {
    const before = this.#meter.warning
    this.#meter.tick()
    if (this.#meter.warning !== before) this.#deps.onChanged(true)
  }

  get #hasPartial(): boolean {
    return this.#state.name === 'live' || this.#state.name === 'paused' || this.#state.name === 'stopping'
  }

  #setState(state: CaptionState): void {
    const isNews = state.name !== this.#state.name
    if (this.isOver || (this.#state.name === 'stopping' && state.name !== 'ended')) return
    this.#state = state
    this.#deps.onChanged(isNews)
  }
}

const stopped: Ending = { kind: 'ending', reason: 'stopped' }
const lapsed: Outcome = { kind: 'lapsed' }
const never = new AbortController().signal

const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

import { createFeeder, type Feeder } from '../capture/feeder.ts'
import type { SoundBuffer } from '../capture/sound-buffer.ts'
import type { Clock } from './clock.ts'
import { type LineHealth, LineWatch } from './line-watch.ts'
import type { OpenSocket, Socket } from './socket.ts'
import { TurnReader } from './turn-reader.ts'
import { readVendorMessage, type VendorMessage } from './vendor-message.ts'
import type { SpokenWord } from './word.ts'

/** A WebSocket's own code for a line that broke without a close. */
const brokenLine = 1006
/** How long a socket may take until its session has begun. */
const openWithinMs = 10_000
/** How long the next of the last turns may take once no more sound comes. */
const drainWithinMs = 5_000
/** And all of them. */
const drainedByMs = 15_000
/** A word begins before it is understood, and by about this much sound before it is said so. */
const understandingMs = 3_000
/** A break is noticed by then: to more sound than this the vendor had just nothing to say. */
const noticedLateMs = 20_000
/**
 * And this much where a line is only thought to hang: it may have been music, and captions that lag behind can't catch
 * up before a silence.
 */
const hungMs = 10_000
/** What is sent again before the first word that was not final. */
const runUpMs = 500
/** What is sent again of what is final: words that both lines know show where they meet. */
const commonGroundMs = 1_000

export type LineEnd =
  /** It was asked to end, and has. */
  | { readonly kind: 'terminated' }
  /** @see lineBreakMeans */
  | { readonly kind: 'broken'; readonly code: number }

export interface LineOptions {
  /** With its token. */
  readonly url: string
  readonly clock: Clock
  readonly buffer: SoundBuffer
  readonly openSocket: OpenSocket
  /** What is pending has changed. */
  onPending(): void
}

/**
 * One session of AssemblyAI's streaming API, fed from a stretch of a session's sound:
 * connecting → open → closing → closed. It does not open again.
 */
export class Line {
  /** Whether it has opened; false where it was closed before. */
  readonly opened: Promise<boolean>
  readonly ended: Promise<LineEnd>
  readonly #options: LineOptions
  readonly #socket: Socket | undefined
  readonly #turns: TurnReader
  readonly #watch: LineWatch
  readonly #opened = Promise.withResolvers<boolean>()
  readonly #ended = Promise.withResolvers<LineEnd>()
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting'
  #cancelTimer: () => void
  #feeder: Feeder | undefined
  #tellFinal: (words: readonly SpokenWord[]) => void = () => undefined
  #fedFromMs: number
  /** How much sound it had been sent when the last message came. */
  #sentAtNewsMs = 0
  #finalToMs = Number.NEGATIVE_INFINITY
  #unansweredFromMs: number | undefined
  #isNoticedLate = false
  #isHung = false
  #drainedByMs = 0

  constructor(options: LineOptions) {
    const { clock, buffer } = options
    this.#options = options
    this.opened = this.#opened.promise
    this.ended = this.#ended.promise
    this.#fedFromMs = buffer.endMs
    this.#watch = new LineWatch(clock.now())
    this.#turns = new TurnReader({
      clock,
      isFormatted: new URL(options.url).searchParams.get('format_turns') === 'true',
      toSessionMs: (socketMs, edge) => this.#toSessionMs(socketMs, edge),
      onFinal: words => this.#onFinal(words),
    })
    this.#cancelTimer = clock.after(openWithinMs, () => this.#break(brokenLine))
    this.#socket = this.#open()
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** What was understood and is not final; of a line that has ended, what never will be. */
  get pending(): readonly SpokenWord[] {
    return this.#turns.pending
  }

  /** Session time up to which it was sent sound. */
  get sentToMs(): number {
    return this.#feeder?.nextMs ?? this.#fedFromMs
  }

  /** Session time up to which what it understood is final. */
  get finalToMs(): number {
    return this.#finalToMs
  }

  /** Sound that waits to be sent to it. */
  get lagMs(): number {
    return this.#feeder?.lagMs ?? 0
  }

  /** Whether it was sent all sound up to where it stops. */
  get isFed(): boolean {
    return this.#feeder?.isDone ?? true
  }

  /** Whether it had been broken for some time, maybe, when that was noticed. */
  get isNoticedLate(): boolean {
    return this.#isNoticedLate
  }

  /** Of a line that was thought to hang, what it had said nothing to and is not sent again. Session times. */
  get unanswered(): { readonly fromMs: number; readonly toMs: number } | undefined {
    const fromMs = this.#unansweredFromMs
    return this.#isHung && fromMs !== undefined ? { fromMs, toMs: this.unheardFromMs } : undefined
  }

  /** Session time from which on sound must be sent again, if this line is lost now. */
  get unheardFromMs(): number {
    const [firstPending] = this.pending
    const understoodMs = this.#understoodMs
    const unheardMs = firstPending ? Math.min(firstPending.startMs - runUpMs, understoodMs) : understoodMs
    return Math.max(unheardMs, this.#finalToMs - commonGroundMs, this.#fedFromMs)
  }

  /**
   * What was sent well before the last message came has been understood, and so has silence. It is counted in what was
   * sent: a line that catches up leaves out silence, and a minute of the session may be seconds of it.
   */
  get #understoodMs(): number {
    const sentMs = this.#sentMs
    const heardMs = this.#watch.hasSoundSinceNews ? this.#sentAtNewsMs : sentMs
    const lateMs = this.#isHung ? hungMs : noticedLateMs
    return this.#toSessionMs(Math.max(heardMs - understandingMs, sentMs - lateMs))
  }

  /** How much sound it was sent. */
  get #sentMs(): number {
    return this.#feeder?.sentMs ?? 0
  }

  #toSessionMs(socketMs: number, edge?: 'start' | 'end'): number {
    return this.#feeder?.toSessionMs(socketMs, edge) ?? this.#fedFromMs
  }

  /**
   * Feeds it the session's sound.
   *
   * @param fromMs session time
   * @param onFinal is given the words of each turn once, in order, when they are final
   */
  feedFrom(fromMs: number, onFinal: (words: readonly SpokenWord[]) => void): void {
    const { buffer, clock } = this.#options
    this.#tellFinal = onFinal
    this.#fedFromMs = fromMs
    this.#feeder = createFeeder({
      buffer,
      fromMs,
      send: samples => this.#send(samples),
      nowMs: () => clock.elapsedMs(),
    })
    this.pump()
  }

  /** Sends what is due. To be called with each frame. */
  pump(): void {
    if (this.#state === 'open') this.#feeder?.pump()
  }

  /** Sends no sound from this session time on. */
  stopAt(ms: number): void {
    this.#feeder?.stopAt(ms)
  }

  /** No more sound comes: it ends once the last turns are there. One that says nothing for 5 s is broken. */
  terminate(): void {
    if (this.#state === 'connecting') this.#close({ kind: 'terminated' })
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#socket?.send(JSON.stringify({ type: 'Terminate' }))
    this.#drainedByMs = this.#options.clock.elapsedMs() + drainedByMs
    this.#awaitNextTurn()
  }

  /** To be called every second. @returns what is thought of it; once it is broken it has ended */
  check(): LineHealth {
    if (this.#state !== 'open') return 'fine'
    const health = this.#watch.check({
      nowMs: this.#options.clock.now(),
      bufferedBytes: this.#socket?.bufferedBytes ?? 0,
      isInTurn: this.#turns.isInTurn,
    })
    if (health === 'broken') this.giveUp()
    return health
  }

  /** It is known to be broken, though it does not say so. */
  giveUp(): void {
    this.#isNoticedLate = true
    this.#break(brokenLine)
  }

  /** It is thought to hang, though it takes sound. */
  giveUpHung(): void {
    this.#isHung = true
    this.giveUp()
  }

  #send(samples: Int16Array<ArrayBuffer>): void {
    this.#socket?.send(samples)
    if (!this.#options.buffer.frameFrom(this.sentToMs)?.isSound) return
    this.#watch.hasSound()
    this.#unansweredFromMs ??= this.sentToMs
  }

  #awaitNextTurn(): void {
    const { clock } = this.#options
    this.#cancelTimer()
    const leftMs = this.#drainedByMs - clock.elapsedMs()
    this.#cancelTimer = clock.after(Math.min(drainWithinMs, leftMs), () => this.giveUp())
  }

  #open(): Socket | undefined {
    try {
      return this.#options.openSocket(this.#options.url, {
        onMessage: data => this.#onMessage(data),
        onClosed: code => this.#break(code),
      })
    } catch {
      this.#break(brokenLine)
      return undefined
    }
  }

  #onMessage(data: unknown): void {
    if (this.#state === 'closed') return
    this.#watch.hasNews(this.#options.clock.now())
    this.#sentAtNewsMs = this.#sentMs
    this.#unansweredFromMs = undefined
    if (this.#state === 'closing') this.#awaitNextTurn()
    const message = readVendorMessage(data)
    if (message) this.#obey(message)
  }

  #obey(message: VendorMessage): void {
    if (message.type === 'Turn') {
      this.#turns.read(message)
      this.#options.onPending()
    } else if (message.type === 'Termination') this.#close({ kind: 'terminated' })
    else if (this.#state === 'connecting') {
      this.#cancelTimer()
      this.#state = 'open'
      this.#opened.resolve(true)
    }
  }

  #onFinal(words: readonly SpokenWord[]): void {
    this.#finalToMs = Math.max(this.#finalToMs, ...words.map(word => word.endMs))
    this.#tellFinal(words)
  }

  /** A line that has long said nothing may have been broken for as long. */
  #break(code: number): void {
    if (this.#watch.isOverdue(this.#options.clock.now())) this.#isNoticedLate = true
    this.#close({ kind: 'broken', code })
  }

  #close(end: LineEnd): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#cancelTimer()
    this.#turns.flush()
    this.#opened.resolve(false)
    this.#ended.resolve(end)
    this.#socket?.close()
  }
}

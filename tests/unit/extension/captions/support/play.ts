import { vi } from 'vitest'
import { systemClock } from '../../../../../extension/captions/clock.ts'
import { RefundCount } from '../../../../../extension/captions/refund-count.ts'
import { CaptionSession, type SessionRequest } from '../../../../../extension/captions/session.ts'
import type { CaptionState } from '../../../../../extension/captions/view.ts'
import { frameMs, frameSamples } from '../../../../../extension/capture/sound.ts'
import type { TranscriptSegment } from '../../../../../extension/transcript/model.ts'
import { type BackendRules, FakeBackend } from './fake-backend.ts'
import { FakeVendor } from './fake-vendor.ts'
import { MemoryStore } from './memory-store.ts'
import { frameOf, framesOf, type ScriptedWord } from './speech-script.ts'

/** Captions on fake time, from sound to stored segments, with a backend and a vendor that are fakes. */
export class Play {
  readonly backend: FakeBackend
  readonly vendor = new FakeVendor()
  readonly store: MemoryStore
  readonly refunds: RefundCount
  readonly network = { online: true, reachable: true }
  readonly session: CaptionSession
  /** Each state that was told, once in a row. */
  readonly states: string[] = ['starting']
  readonly warnings: string[] = []
  /** The segments that the screens were told. */
  readonly shown: TranscriptSegment[] = []
  balanceMoves = 0
  secondsPerCredit = 6
  #nextFrame = 0
  readonly #loud = new Set<number>()

  constructor(
    request: Partial<SessionRequest> = {},
    parts: {
      rules?: Partial<BackendRules>
      store?: MemoryStore
      refunds?: RefundCount
      backend?: FakeBackend
    } = {},
  ) {
    this.backend = parts.backend ?? new FakeBackend(parts.rules)
    this.store = parts.store ?? new MemoryStore()
    this.refunds = parts.refunds ?? new RefundCount()
    this.session = new CaptionSession(
      {
        sessionId: 'session-1',
        tabId: 1,
        page: { title: 'A page', url: 'https://example.com/' },
        account: 'ann@example.com https://api.example.com',
        language: '',
        silence: { pauseAfterSeconds: 0, sensitivity: 'medium' },
        takeOver: false,
        ...request,
      },
      {
        clock: systemClock,
        random: () => 0,
        api: this.backend,
        store: this.store,
        network: {
          isOnline: () => this.network.online,
          isReachable: async () => this.network.reachable,
        },
        openSocket: this.vendor.openSocket,
        refunds: this.refunds,
        secondsPerCredit: async () => this.secondsPerCredit,
        creditsAvailable: async () => this.backend.credits,
        onBalanceMoved: () => {
          this.balanceMoves += 1
        },
        onChanged: () => this.#note(),
        onSegment: segment => this.shown.push(segment),
      },
    )
  }

  get state(): CaptionState {
    return this.session.view.state
  }

  /** What is said from now on; earlier words stay said. */
  say(words: readonly ScriptedWord[]): void {
    this.vendor.say(words)
    for (const word of words) {
      const { first, last } = framesOf(word)
      for (let frame = first; frame <= last; frame++) this.#loud.add(frame)
    }
  }

  /** Steady sound without words, such as music. */
  music(fromMs: number, toMs: number): void {
    for (let frame = fromMs / frameMs; frame < toMs / frameMs; frame++) this.#loud.add(frame)
  }

  /** Begins captions and lets the time pass that it takes. */
  async begin(): Promise<void> {
    const begun = this.session.begin()
    let isDone = false
    const done = begun.finally(() => {
      isDone = true
    })
    done.catch(() => undefined)
    while (!isDone) await this.play(frameMs)
    await begun
  }

  /** Lets sound be captured for so long. */
  async play(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += frameMs) {
      await vi.advanceTimersByTimeAsync(frameMs)
      const frame = this.#nextFrame++
      this.session.hear(frameOf(frame, this.#loud.has(frame)), frame * frameSamples)
    }
  }

  /** Lets captions play on until a session time. */
  async playTo(ms: number): Promise<void> {
    await this.play(Math.max(0, ms - this.nowMs))
  }

  /** Whether what was captured has yet to be sent. */
  get isLagging(): boolean {
    if (this.state.name !== 'live') return false
    const sent = this.vendor.last.frames.at(-1) ?? 0
    return this.#nextFrame - sent > 10
  }

  /** Session time. */
  get nowMs(): number {
    return this.#nextFrame * frameMs
  }

  /** Sound that does not come, because the computer sleeps. */
  async sleep(ms: number): Promise<void> {
    vi.setSystemTime(Date.now() + ms)
    this.session.missed(ms)
    this.#nextFrame += ms / frameMs
  }

  async end(): Promise<void> {
    const ended = this.session.end('stopped')
    await vi.advanceTimersByTimeAsync(20_000)
    await ended
  }

  #note(): void {
    const { state, warning } = this.session.view
    if (this.states.at(-1) !== state.name) this.states.push(state.name)
    if (warning !== undefined && this.warnings.at(-1) !== warning) this.warnings.push(warning)
  }
}

/** Words without what formatting adds to them. */
export const plainWords = (text: string): string[] =>
  text.split(' ').flatMap(word => word.replace(/\.$/, '') || [])

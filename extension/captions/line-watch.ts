import { frameMs } from '../capture/sound.ts'

/** Bytes that wait to leave the computer, and are not getting fewer, for this long without a word: the line is stuck. */
const stuckAfterMs = 5_000
/** This long without a word from the vendor, though it has something to say. */
const silentAfterMs = 15_000

/** Speech is answered sooner than this. */
const overdueAfterMs = 3_000

/** What is thought of a line. `suspect`: it may be that nobody spoke, so ask whether the network is there at all.
 * `hung`: that has lasted, and much could be heard: another line may hear words in it. */
export type LineHealth = 'fine' | 'suspect' | 'hung' | 'broken'

/** What a line is doing when it is looked at. */
export interface LineSigns {
  readonly nowMs: number
  readonly bufferedBytes: number
  /** Whether a turn has begun that the vendor owes the end of. */
  readonly isInTurn: boolean
}

/**
 * Tells when a line is broken that was not closed: one that has lost its network stays open without a word, and so does
 * one whose vendor hangs. Where somebody speaks, the vendor is never silent for long; where there is music it may be.
 */
export class LineWatch {
  #newsAtMs: number
  /** Of what can be heard and was sent since then. */
  #soundMs = 0
  #suspectedAtMs: number
  #drainedAtMs: number
  #leastBufferedBytes = 0

  constructor(nowMs: number) {
    this.#newsAtMs = nowMs
    this.#suspectedAtMs = nowMs
    this.#drainedAtMs = nowMs
  }

  /** A message came, whatever it says. */
  hasNews(nowMs: number): void {
    this.#newsAtMs = nowMs
    this.#suspectedAtMs = nowMs
    this.#soundMs = 0
  }

  /** A frame that can be heard was sent. */
  hasSound(): void {
    this.#soundMs += frameMs
  }

  /** Whether something that can be heard was sent since the last message. */
  get hasSoundSinceNews(): boolean {
    return this.#soundMs > 0
  }

  /** Whether something that could be heard was sent, and the vendor has said nothing for a while. */
  isOverdue(nowMs: number): boolean {
    return this.hasSoundSinceNews && nowMs - this.#newsAtMs >= overdueAfterMs
  }

  check(signs: LineSigns): LineHealth {
    if (this.#isStuck(signs)) return 'broken'
    if (!this.hasSoundSinceNews || signs.nowMs - this.#newsAtMs < silentAfterMs) return 'fine'
    if (signs.isInTurn) return 'broken'
    if (signs.nowMs - this.#suspectedAtMs < silentAfterMs) return 'fine'
    this.#suspectedAtMs = signs.nowMs
    const isLasting = signs.nowMs - this.#newsAtMs >= 2 * silentAfterMs
    return isLasting && this.#soundMs >= silentAfterMs ? 'hung' : 'suspect'
  }

  #isStuck({ nowMs, bufferedBytes }: LineSigns): boolean {
    if (bufferedBytes === 0 || bufferedBytes < this.#leastBufferedBytes) this.#drainedAtMs = nowMs
    this.#leastBufferedBytes = bufferedBytes
    return nowMs - Math.max(this.#drainedAtMs, this.#newsAtMs) > stuckAfterMs
  }
}

import type { Clock } from './clock.ts'
import { type ToSessionMs, turnWords } from './turn-words.ts'
import type { TurnMessage } from './vendor-message.ts'
import type { SpokenWord } from './word.ts'

/** How long a turn that has ended waits for its formatted copy. */
const formattedWithinMs = 1_500

export interface TurnReaderOptions {
  readonly clock: Clock
  /** Whether a turn that ends unformatted comes once more, formatted. */
  readonly isFormatted: boolean
  readonly toSessionMs: ToSessionMs
  /** Is given the words of each turn once, in order, when nothing of it changes any more. */
  onFinal(words: readonly SpokenWord[]): void
}

/** A turn that is not final yet. */
interface OpenTurn {
  words: readonly SpokenWord[]
  hasEnded: boolean
  isFinal: boolean
  /** Ends the wait for the formatted copy. */
  cancel?: () => void
}

/** Reads the turns of one socket: what is said now, and what is final. */
export class TurnReader {
  readonly #options: TurnReaderOptions
  readonly #open = new Map<number, OpenTurn>()
  #nextOrder = 0

  constructor(options: TurnReaderOptions) {
    this.#options = options
  }

  /** What has been said and is not final yet. */
  get pending(): readonly SpokenWord[] {
    return this.#inOrder().flatMap(([, turn]) => turn.words)
  }

  /** Whether a turn has begun and not ended: the vendor owes more of it. */
  get isInTurn(): boolean {
    return this.#inOrder().some(([, turn]) => !turn.hasEnded && turn.words.length > 0)
  }

  read(message: TurnMessage): void {
    const order = message.turn_order
    if (order < this.#nextOrder) return
    this.#endBefore(order)
    const turn = this.#open.get(order) ?? { words: [], hasEnded: false, isFinal: false }
    this.#open.set(order, turn)
    if (turn.isFinal) return
    turn.words = turnWords(message, this.#options.toSessionMs)
    if (message.end_of_turn) this.#end(turn, message.turn_is_formatted || !this.#options.isFormatted)
    this.#tell()
  }

  /** Nothing more comes: turns that have ended are final as they are. One that has not is left `pending`. */
  flush(): void {
    for (const [, turn] of this.#open) if (turn.hasEnded) settle(turn)
    this.#tell()
    for (const [, turn] of this.#open) turn.cancel?.()
  }

  /** A turn that never ended is over when the next one begins. */
  #endBefore(order: number): void {
    for (const [earlier, turn] of this.#open) {
      if (earlier < order && !turn.hasEnded) this.#end(turn, !this.#options.isFormatted)
    }
  }

  #end(turn: OpenTurn, isFinal: boolean): void {
    turn.hasEnded = true
    if (isFinal) {
      settle(turn)
      return
    }
    turn.cancel ??= this.#options.clock.after(formattedWithinMs, () => {
      settle(turn)
      this.#tell()
    })
  }

  #tell(): void {
    for (const [order, turn] of this.#inOrder()) {
      if (!turn.isFinal) return
      this.#open.delete(order)
      this.#nextOrder = order + 1
      if (turn.words.length > 0) this.#options.onFinal(turn.words)
    }
  }

  #inOrder(): [number, OpenTurn][] {
    return [...this.#open].sort(([a], [b]) => a - b)
  }
}

function settle(turn: OpenTurn): void {
  turn.cancel?.()
  turn.isFinal = true
}

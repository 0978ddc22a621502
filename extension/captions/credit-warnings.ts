import type { CreditWarning } from './view.ts'

/** How much of the time that was paid for at first has been used when a warning is given. */
const lines: readonly { readonly warning: CreditWarning; readonly used: number }[] = [
  { warning: 'half', used: 0.5 },
  { warning: 'three_quarters', used: 0.75 },
  { warning: 'nine_tenths', used: 0.9 },
]
const lastMinuteSeconds = 60
/** Credits are whole and some are given back: only what is more than this was bought. */
const boughtSeconds = 30

/** Warns of credits that run out: once a session at each line that is crossed, anew where credits were bought. */
export class CreditWarnings {
  #fullSeconds = 0
  #leastSeconds = 0
  readonly #given = new Set<CreditWarning>()
  #last: CreditWarning | undefined

  /** The last warning that was given; none once credits were bought. */
  get last(): CreditWarning | undefined {
    return this.#last
  }

  /** Whether a warning is due. It is given by `give`, so that what it says can be made sure of before. */
  isDue(secondsLeft: number): boolean {
    this.#note(secondsLeft)
    return this.#due(secondsLeft).length > 0
  }

  /** Gives the gravest warning that is due; the others count as given. */
  give(secondsLeft: number): void {
    this.#note(secondsLeft)
    const due = this.#due(secondsLeft)
    for (const warning of due) this.#given.add(warning)
    this.#last = due.at(-1) ?? this.#last
  }

  #note(secondsLeft: number): void {
    if (secondsLeft > this.#leastSeconds + boughtSeconds) {
      this.#fullSeconds = secondsLeft
      this.#leastSeconds = secondsLeft
      this.#given.clear()
      this.#last = undefined
    }
    this.#leastSeconds = Math.min(this.#leastSeconds, secondsLeft)
  }

  #due(secondsLeft: number): CreditWarning[] {
    const used = 1 - secondsLeft / this.#fullSeconds
    const crossed = lines.filter(line => used >= line.used).map(line => line.warning)
    const all: CreditWarning[] = secondsLeft <= lastMinuteSeconds ? [...crossed, 'last_minute'] : crossed
    return all.filter(warning => !this.#given.has(warning))
  }
}

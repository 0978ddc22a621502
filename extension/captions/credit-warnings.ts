import type { CreditWarning } from './view.ts'

/** The mildest first. */
const warnings: readonly CreditWarning[] = ['half', 'three_quarters', 'nine_tenths', 'last_minute']
/** How much of the time that was paid for at first has been used when a warning is given. */
const usedPart = { half: 0.5, three_quarters: 0.75, nine_tenths: 0.9 } as const
const lastMinuteSeconds = 60
/** Credits come back, and then what was too little for a lease can be sold: only what is more than this was bought. */
const boughtSeconds = 65

/** Warns of credits that run out: once a session at each line that is crossed, anew where credits were bought. */
export class CreditWarnings {
  #fullSeconds = 0
  #leastSeconds = 0
  #last: CreditWarning | undefined

  /** The last warning that was given; none once credits were bought. */
  get last(): CreditWarning | undefined {
    return this.#last
  }

  /** Whether a warning is due. It is given by `give`, so that what it says can be made sure of before. */
  isDue(secondsLeft: number): boolean {
    this.#note(secondsLeft)
    return this.#gravest(secondsLeft) !== this.#last
  }

  /** Gives the gravest warning that is due; milder ones are not given any more. */
  give(secondsLeft: number): void {
    this.#note(secondsLeft)
    this.#last = this.#gravest(secondsLeft)
  }

  #note(secondsLeft: number): void {
    if (secondsLeft > this.#leastSeconds + boughtSeconds) {
      this.#fullSeconds = secondsLeft
      this.#leastSeconds = secondsLeft
      this.#last = undefined
    }
    this.#leastSeconds = Math.min(this.#leastSeconds, secondsLeft)
  }

  /** The gravest whose line was crossed, now or before. */
  #gravest(secondsLeft: number): CreditWarning | undefined {
    const used = 1 - secondsLeft / this.#fullSeconds
    return warnings.findLast(
      warning =>
        warning === this.#last ||
        (warning === 'last_minute' ? secondsLeft <= lastMinuteSeconds : used >= usedPart[warning]),
    )
  }
}

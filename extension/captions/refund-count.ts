const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Of the account's six refunds and repeats an hour, what may be used when a pause begins: the rest is for lines that break. */
const beforePauseAnHour = 4
/** And of its twenty a day. */
const beforePauseADay = 18
/** For less than this of a lease, a stop and a new start are not worth a refund. */
const worthMs = 20_000

/** Counts what this machine has used of the account's allowance, so that some is left for lines that break. */
export class RefundCount {
  #usedAtMs: number[] = []
  #spentUntilMs = 0

  /** Whether a pause is to end the captions now, for what remains of the lease; else they last until its end. */
  isWorthIt(leaseEndsAtMs: number, nowMs: number): boolean {
    this.#usedAtMs = this.#usedAtMs.filter(atMs => atMs > nowMs - dayMs)
    const usedInHour = this.#usedAtMs.filter(atMs => atMs > nowMs - hourMs).length
    const isLeft = usedInHour < beforePauseAnHour && this.#usedAtMs.length < beforePauseADay
    return isLeft && nowMs >= this.#spentUntilMs && leaseEndsAtMs - nowMs > worthMs
  }

  /** Captions were stopped before their lease was over, or a token was given again. */
  use(nowMs: number): void {
    this.#usedAtMs.push(nowMs)
  }

  /** The backend gives nothing back, or no further token. */
  spent(nowMs: number): void {
    this.#spentUntilMs = nowMs + hourMs
  }
}

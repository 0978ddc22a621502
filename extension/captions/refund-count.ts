const hourMs = 3_600_000
/** Of the account's six refunds and repeats an hour, what pauses may use: the rest is for lines that break. */
const pausesPerHour = 4
/** For less than this of a lease, a stop and a new start are not worth a refund. */
const worthMs = 20_000

/** Counts the refunds that pauses have used on this machine, so that some are left for lines that break. */
export class RefundCount {
  #usedAtMs: number[] = []

  /** Whether a pause is to end the captions now, for what remains of the lease; else they last until its end. */
  isWorthIt(leaseEndsAtMs: number, nowMs: number): boolean {
    this.#usedAtMs = this.#usedAtMs.filter(atMs => atMs > nowMs - hourMs)
    return this.#usedAtMs.length < pausesPerHour && leaseEndsAtMs - nowMs > worthMs
  }

  use(nowMs: number): void {
    this.#usedAtMs.push(nowMs)
  }
}

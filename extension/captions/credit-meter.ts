import { backoffMs } from './backoff.ts'
import type { Clock } from './clock.ts'
import { CreditWarnings } from './credit-warnings.ts'
import type { Lease } from './leases.ts'
import type { CreditWarning } from './view.ts'

export interface CreditMeterOptions {
  readonly clock: Clock
  readonly random: () => number
  /** Seconds of captions that a credit pays for, by the price list. */
  secondsPerCredit(): Promise<number>
  /** What can be spent, asked for anew. */
  creditsAvailable(): Promise<number>
}

/** The shortest lease that is sold, until the backend says otherwise. */
const shortestLeaseSeconds = 60

/** Tells how long the credits last, and warns before they are used up. */
export class CreditMeter {
  readonly #options: CreditMeterOptions
  readonly #warnings = new CreditWarnings()
  #secondsPerCredit: number | undefined
  #creditsAvailable: number | undefined
  #leaseEndsAtMs = 0
  /** With less than this no lease can be had. */
  #leastCredits = 0
  #isAsking = false
  #longestLeaseSeconds = 0
  #priceFailures = 0
  #askPriceFromMs = 0

  constructor(options: CreditMeterOptions) {
    this.#options = options
    this.#askPrice()
  }

  get warning(): CreditWarning | undefined {
    return this.#warnings.last
  }

  /** Seconds of captions that are paid for or can be; undefined until it is known. */
  get secondsLeft(): number | undefined {
    if (this.#secondsPerCredit === undefined || this.#creditsAvailable === undefined) return undefined
    const ofLeaseMs = Math.max(0, this.#leaseEndsAtMs - this.#options.clock.now())
    return this.#soldSeconds(this.#creditsAvailable, this.#secondsPerCredit) + ofLeaseMs / 1_000
  }

  /** What is left after the last lease that can be had is no time: it is too little for another. */
  #soldSeconds(credits: number, secondsPerCredit: number): number {
    const seconds = credits * secondsPerCredit
    const longest = this.#longestLeaseSeconds
    const ofLastLease = longest > 0 ? seconds % longest : seconds
    const shortest =
      this.#leastCredits > 0 ? this.#leastCredits * secondsPerCredit : Math.min(shortestLeaseSeconds, longest)
    return ofLastLease < shortest ? seconds - ofLastLease : seconds
  }

  holds(lease: Lease): void {
    this.#creditsAvailable = lease.creditsAvailable
    this.#leaseEndsAtMs = lease.endsAtMs
    this.#longestLeaseSeconds = Math.max(this.#longestLeaseSeconds, lease.seconds)
  }

  /** Captions were stopped. @param creditsAvailable undefined where it is not known */
  stopped(creditsAvailable: number | undefined): void {
    this.#leaseEndsAtMs = 0
    this.#creditsAvailable = creditsAvailable ?? this.#creditsAvailable
  }

  /** No further lease can be had for what there is. @param requiredCredits for the shortest */
  cannotAfford(requiredCredits: number | undefined): void {
    this.#leastCredits = requiredCredits ?? (this.#creditsAvailable ?? 0) + 1
  }

  /** To be called every second. A warning is given once the balance was asked for: credits may have been bought. */
  tick(): void {
    if (this.#secondsPerCredit === undefined) this.#askPrice()
    const seconds = this.secondsLeft
    if (this.#isAsking || seconds === undefined || !this.#warnings.isDue(seconds)) return
    this.#isAsking = true
    void this.#ask().finally(() => {
      this.#isAsking = false
      this.#warnings.give(this.secondsLeft ?? seconds)
    })
  }

  #askPrice(): void {
    const { clock, random, secondsPerCredit } = this.#options
    if (clock.now() < this.#askPriceFromMs) return
    this.#askPriceFromMs = Number.POSITIVE_INFINITY
    secondsPerCredit().then(
      seconds => {
        this.#secondsPerCredit = seconds
      },
      () => {
        this.#priceFailures += 1
        this.#askPriceFromMs = clock.now() + backoffMs(this.#priceFailures, random)
      },
    )
  }

  async #ask(): Promise<void> {
    const leaseEndsAtMs = this.#leaseEndsAtMs
    const credits = await this.#options.creditsAvailable().catch(() => undefined)
    if (credits !== undefined && leaseEndsAtMs === this.#leaseEndsAtMs) this.#creditsAvailable = credits
  }
}

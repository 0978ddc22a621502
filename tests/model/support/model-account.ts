/** Credits of one kind in the model: the balance never lapses, a grant does. */
interface Bucket {
  credits: number
  readonly lapsesAtMs: number
}

interface ModelHold {
  taken: { bucket: Bucket; credits: number }[]
  expiresAtMs: number
}

/** How long a lease of live captions is, and what goes with it. Credits pay for six seconds each. */
export interface ModelLiveRules {
  readonly leaseCredits: number
  readonly leastCredits: number
  readonly renewWindowMs: number
  readonly danglingMs: number
  readonly allowancePerHour: number
  readonly allowancePerDay: number
}

/** Live captions that are open: each lease's credits, in the order of time. */
export interface ModelCaptions {
  readonly startedAtMs: number
  readonly leases: number[]
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
const msOfCredit = 6_000

/**
 * What one account should be, told in the simplest way: buckets of credits, holds that remember which bucket each
 * credit came from, and endings. It shares no code with the ledger.
 */
export class ModelAccount {
  readonly balance: Bucket
  readonly grants: Bucket[] = []
  readonly holds = new Map<string, ModelHold>()
  /** What each operation that has a row was charged. */
  readonly rows = new Map<string, number>()
  readonly captions = new Map<string, ModelCaptions>()
  /** When refunds and repeated tokens were had. */
  readonly allowanceUsesMs: number[] = []
  purchased = 0
  used = 0

  constructor(bonusCredits: number) {
    this.balance = { credits: bonusCredits, lapsesAtMs: Number.POSITIVE_INFINITY }
  }

  available(nowMs: number): number {
    return this.#spendable(nowMs).reduce((sum, bucket) => sum + bucket.credits, 0)
  }

  #spendable(nowMs: number): Bucket[] {
    const live = this.grants.filter(grant => grant.lapsesAtMs > nowMs)
    return [...live.sort((a, b) => a.lapsesAtMs - b.lapsesAtMs), this.balance]
  }

  /** Ends what has expired, as the next touch of the account does: captions are charged, the rest goes back. */
  expire(nowMs: number): void {
    for (const [operationId, hold] of this.holds) {
      if (hold.expiresAtMs <= nowMs) this.#end(operationId)
    }
  }

  #end(operationId: string): void {
    const captions = this.captions.get(operationId)
    if (captions) this.settle(operationId, sum(captions.leases))
    else this.giveUp(operationId)
  }

  #take(credits: number, nowMs: number): ModelHold['taken'] {
    let missing = credits
    return this.#spendable(nowMs).map(bucket => {
      const part = Math.min(bucket.credits, missing)
      bucket.credits -= part
      missing -= part
      return { bucket, credits: part }
    })
  }

  hold(operationId: string, credits: number, expiresAtMs: number, nowMs: number): void {
    this.holds.set(operationId, { taken: this.#take(credits, nowMs), expiresAtMs })
  }

  giveUp(operationId: string): void {
    const hold = this.holds.get(operationId)
    if (!hold) return
    for (const part of hold.taken) part.bucket.credits += part.credits
    this.holds.delete(operationId)
  }

  /** Uses the credits that were taken first, and gives the rest back. */
  settle(operationId: string, cost: number): void {
    const hold = this.holds.get(operationId)
    if (!hold) return
    let toUse = cost
    for (const part of hold.taken) {
      const used = Math.min(part.credits, toUse)
      toUse -= used
      part.bucket.credits += part.credits - used
    }
    this.holds.delete(operationId)
    this.captions.delete(operationId)
    this.used += cost
    this.rows.set(operationId, cost)
  }

  /** A result that comes too late is free, unless somebody settled in time. */
  deliverLate(operationId: string, nowMs: number): void {
    this.expire(nowMs)
    if (!this.rows.has(operationId)) this.rows.set(operationId, 0)
  }

  chargedFor(operationId: string): number {
    return this.rows.get(operationId) ?? 0
  }

  openHolds(nowMs: number): string[] {
    return [...this.holds].filter(([, hold]) => hold.expiresAtMs > nowMs).map(([operationId]) => operationId)
  }

  /** What can be spent once expired holds are given back, whether or not a touch has done so yet. */
  seenAvailable(nowMs: number): number {
    const givenUp = [...this.holds].filter(
      ([operationId, hold]) => hold.expiresAtMs <= nowMs && !this.captions.has(operationId),
    )
    const returned = givenUp
      .flatMap(([, hold]) => hold.taken)
      .filter(part => part.bucket.lapsesAtMs > nowMs)
      .map(part => part.credits)
    return this.available(nowMs) + sum(returned)
  }

  /** The credits of the next lease, 0 where there are too few. */
  leaseCredits(rules: ModelLiveRules, nowMs: number): number {
    const credits = Math.min(rules.leaseCredits, this.available(nowMs))
    return credits < rules.leastCredits ? 0 : credits
  }

  startCaptions(operationId: string, credits: number, nowMs: number): void {
    this.hold(operationId, credits, Number.POSITIVE_INFINITY, nowMs)
    this.captions.set(operationId, { startedAtMs: nowMs, leases: [credits] })
  }

  addLease(operationId: string, credits: number, nowMs: number): void {
    const hold = this.holds.get(operationId)
    hold?.taken.push(...this.#take(credits, nowMs))
    this.captions.get(operationId)?.leases.push(credits)
  }

  paidUntilMs(operationId: string): number {
    const captions = this.captions.get(operationId)
    return captions ? captions.startedAtMs + sum(captions.leases) * msOfCredit : 0
  }

  /** The captions that are open, if any are. */
  openCaptions(): string | undefined {
    return [...this.captions.keys()][0]
  }

  /** A tenth of a whole lease, and of a short one likewise, in whole seconds. */
  renewWindowMs(operationId: string, rules: ModelLiveRules): number {
    const last = this.captions.get(operationId)?.leases.at(-1) ?? 0
    return Math.floor((rules.renewWindowMs * last) / rules.leaseCredits / 1_000) * 1_000
  }

  /** Captions that nobody can go on with are charged whole when new ones start. */
  endOverLease(operationId: string): void {
    this.#end(operationId)
  }

  /** Uses the allowance, if there is some left. */
  useAllowance(rules: ModelLiveRules, nowMs: number): boolean {
    const seconds = (atMs: number) => Math.floor(atMs / 1_000)
    const since = (age: number) =>
      this.allowanceUsesMs.filter(at => seconds(at) >= seconds(nowMs) - age).length
    if (since(3_600) >= rules.allowancePerHour || since(86_400) >= rules.allowancePerDay) return false
    this.allowanceUsesMs.push(nowMs)
    return true
  }

  /** What captions cost that are stopped: the leases before the last one whole, then six seconds a credit. */
  stopCaptions(operationId: string, endMs: number, rules: ModelLiveRules, nowMs: number): void {
    const captions = this.captions.get(operationId)
    if (!captions) return
    const held = sum(captions.leases)
    const earlier = sum(captions.leases.slice(0, -1))
    const used = Math.ceil((Math.min(nowMs, endMs) - captions.startedAtMs) / msOfCredit)
    const cost = Math.min(held, Math.max(1, earlier, used))
    this.settle(operationId, cost < held && this.useAllowance(rules, nowMs) ? cost : held)
  }
}

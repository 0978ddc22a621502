/** Credits of one kind in the model: the balance never lapses, a grant does. */
interface Bucket {
  credits: number
  readonly lapsesAtMs: number
}

interface ModelHold {
  readonly taken: readonly { bucket: Bucket; credits: number }[]
  readonly expiresAtMs: number
}

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

  /** Gives expired holds back, as the next touch of the account does. */
  expire(nowMs: number): void {
    for (const [operationId, hold] of this.holds) {
      if (hold.expiresAtMs <= nowMs) this.giveUp(operationId)
    }
  }

  hold(operationId: string, credits: number, expiresAtMs: number, nowMs: number): void {
    let missing = credits
    const taken = this.#spendable(nowMs).map(bucket => {
      const part = Math.min(bucket.credits, missing)
      bucket.credits -= part
      missing -= part
      return { bucket, credits: part }
    })
    this.holds.set(operationId, { taken, expiresAtMs })
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
    const expired = [...this.holds.values()].filter(hold => hold.expiresAtMs <= nowMs)
    const returned = expired
      .flatMap(hold => hold.taken)
      .filter(part => part.bucket.lapsesAtMs > nowMs)
      .reduce((sum, part) => sum + part.credits, 0)
    return this.available(nowMs) + returned
  }
}

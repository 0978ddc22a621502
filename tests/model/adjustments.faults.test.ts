import { setTimeout as sleep } from 'node:timers/promises'
import pLimit from 'p-limit'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { v7 } from 'uuid'
import { afterEach, describe, expect, it } from 'vitest'
import { Adjustments } from '../../src/domain/adjustments.ts'
import { fullJitter } from '../../src/domain/backoff.ts'
import { DomainError } from '../../src/domain/errors.ts'
import { connect, engineEndpoint } from '../support/database.ts'
import { type FaultProxy, noFaults, seededRandom, startFaultProxy } from '../support/dynamodb-fault-proxy.ts'
import { createLedger, imbalance, openAccount, readBooks } from '../support/ledger.ts'
import { silent } from '../support/silent-log.ts'
import { TestClock } from './support/world.ts'

const seed = Number(process.env.FAULT_SEED ?? 20_261_129)
const movements = Number(process.env.FAULT_ADJUSTMENTS ?? 150)
const openingCredits = 300
const rates = {
  dropRequest: 0.04,
  dropAnswer: 0.1,
  delay: 0.05,
  internalError: 0.03,
  throttle: 0.01,
  transactionConflict: 0.12,
}

let proxy: FaultProxy | undefined

afterEach(async () => {
  await proxy?.close()
  proxy = undefined
})

type Outcome = 'made' | 'refused' | 'unknown'

/** An operator who repeats a command with its id until it is answered. */
const untilAnswered = async (move: () => Promise<unknown>): Promise<Outcome> => {
  for (let attempt = 0; attempt < 6; attempt++) {
    try {
      await move()
      return 'made'
    } catch (error) {
      if (error instanceof DomainError && error.code === 'insufficient_credits') return 'refused'
      await sleep(10 * 2 ** attempt)
    }
  }
  return 'unknown'
}

describe(`with a network and a DynamoDB that fail (seed ${seed})`, () => {
  it('makes each of many adjustments once or not at all, and knows which', async () => {
    proxy = await startFaultProxy({ target: engineEndpoint(), seed, rates: noFaults, maxDelayMs: 30 })
    const clock = new TestClock()
    const generator = seededRandom(seed)
    const random = (): number => uniformFloat64(generator)
    const ledger = createLedger(connect(proxy.url), clock.now)
    const backoff = fullJitter(random, ms => sleep(ms))
    const adjustments = new Adjustments({ ...ledger, backoff, log: silent })
    const userIds = await Promise.all(
      Array.from({ length: 3 }, () => openAccount(ledger, clock.now(), openingCredits)),
    )
    proxy.setRates(rates)

    const outcomes = new Map<string, Outcome>()
    const limit = pLimit(6)
    const move = async (index: number): Promise<void> => {
      const userId = userIds[index % userIds.length] ?? ''
      const size = 1 + Math.floor(random() * 100)
      const by = { transaction_id: v7(), reason: 'Sorry', actor: 'arn:aws:iam::123456789012:user/ann' }
      const isGrant = index % 5 === 0
      const expires_at = new Date(clock.now() + 3_600_000).toISOString()
      const credits = isGrant || index % 3 === 0 ? size : -size
      const outcome = await untilAnswered(() =>
        isGrant
          ? adjustments.grant(userId, { ...by, credits, expires_at })
          : adjustments.adjust(userId, { ...by, credits }),
      )
      outcomes.set(by.transaction_id, outcome)
    }
    await Promise.all(Array.from({ length: movements }, (_, index) => limit(() => move(index))))

    const faults = proxy.counts()
    proxy.setRates(noFaults)
    let rows = 0
    for (const userId of userIds) {
      const books = await readBooks(ledger, userId)
      expect(imbalance(books)).toBe(0)
      expect(books.account.creditsBalance).toBeGreaterThanOrEqual(0)
      for (const row of books.transactions.filter(({ type }) => type !== 'bonus')) {
        rows++
        expect(outcomes.get(row.transactionId)).not.toBe('refused')
      }
    }
    const counted = Object.groupBy(outcomes.values(), outcome => outcome)
    const made = counted.made?.length ?? 0
    console.log(
      `${made} of ${movements} made, ${counted.refused?.length ?? 0} refused; ${JSON.stringify(faults)}`,
    )
    expect(rows).toBeGreaterThanOrEqual(made)
    expect(rows).toBeLessThanOrEqual(made + (counted.unknown?.length ?? 0))
    expect(made).toBeGreaterThan(movements / 2)
    expect(counted.refused?.length).toBeGreaterThan(0)
    for (const fault of ['dropRequest', 'dropAnswer', 'transactionConflict'] as const) {
      expect(faults[fault]).toBeGreaterThan(0)
    }
  })
})

import { setTimeout as sleep } from 'node:timers/promises'
import pLimit from 'p-limit'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { v7 } from 'uuid'
import { afterEach, describe, expect, it } from 'vitest'
import { DomainError } from '../../src/domain/errors.ts'
import type { TransactionRow } from '../../src/domain/journal.ts'
import { connect, engineEndpoint } from '../support/database.ts'
import {
  type FaultProxy,
  type FaultRates,
  noFaults,
  seededRandom,
  startFaultProxy,
} from '../support/dynamodb-fault-proxy.ts'
import { createLedger, imbalance, openAccount, readBooks, type TestLedger } from '../support/ledger.ts'
import { CountingSessions, createLive } from '../support/live.ts'
import { TestClock } from './support/world.ts'

const rates: FaultRates = {
  dropRequest: 0.03,
  dropAnswer: 0.04,
  delay: 0.05,
  internalError: 0.02,
  throttle: 0.005,
  transactionConflict: 0.06,
}
const seed = Number(process.env.FAULT_SEED ?? 20_261_121)
const operations = Number(process.env.FAULT_OPERATIONS ?? 1_200)
const holdMs = 60_000

/** What the client knows when it stops asking. */
type Known =
  | { readonly kind: 'settled'; readonly credits: number }
  | { readonly kind: 'released' | 'refused' | 'unknown' }

interface Client {
  readonly ledger: TestLedger
  readonly clock: TestClock
  readonly random: () => number
}

const attempts = 6

/** A client that sends the same request again until it is answered; it never changes the key. */
const untilAnswered = async <Answer>(
  send: () => Promise<Answer>,
): Promise<Answer | 'refused' | 'unknown'> => {
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      return await send()
    } catch (error) {
      const busy = error instanceof DomainError && error.code === 'too_many_open_operations'
      if (error instanceof DomainError && !busy) return 'refused'
      await sleep(10 * 2 ** attempt)
    }
  }
  return 'unknown'
}

/** One metered operation, from the request to the last word of it. */
const operate = async (
  { ledger, clock, random }: Client,
  userId: string,
  operationId: string,
): Promise<Known> => {
  const credits = 1 + Math.floor(random() * 20)
  const request = { userId, operationId, service: 'ask_agent' as const, credits, requestHash: 'one', holdMs }
  const opened = await untilAnswered(() => ledger.ledger.open(request))
  clock.advance(1)
  if (opened === 'refused' || opened === 'unknown') return { kind: opened }
  if (opened.state === 'finished') return { kind: 'settled', credits: opened.row.creditsUsed }
  const { reservation } = opened
  if (random() < 0.2) {
    const released = await untilAnswered(() => ledger.ledger.release(reservation))
    return { kind: released === 'unknown' ? 'unknown' : 'released' }
  }
  const cost = Math.floor(random() * (credits + 1))
  const settled = await untilAnswered(() => ledger.ledger.settle(reservation, { cost, metadata: {} }))
  if (settled === 'refused' || settled === 'unknown') return { kind: 'unknown' }
  return { kind: 'settled', credits: settled.row.creditsUsed }
}

/** Live captions that are started and stopped at once; whatever the start was answered, the stop tells the end. */
const caption = async ({ ledger }: Client, userId: string, operationId: string): Promise<Known> => {
  const { live, stops } = createLive(ledger, new CountingSessions())
  const request = { userId, operationId, requestHash: 'one', language: 'en' }
  await untilAnswered(() => live.start(request))
  const stopped = await untilAnswered(() => stops.stop(userId, operationId, undefined))
  if (stopped === 'refused') return { kind: 'refused' }
  return stopped === 'unknown' ? { kind: 'unknown' } : { kind: 'settled', credits: stopped.credits_used }
}

const purchaseRow = (userId: string, clock: TestClock): TransactionRow => ({
  transactionId: v7(),
  userId,
  type: 'purchase',
  status: 'pending',
  credits: 500,
  amountCents: 299,
  currency: 'usd',
  createdAt: new Date(clock.now()).toISOString(),
})

const paid = (row: TransactionRow) => ({ sessionId: 'cs_test', paidAt: row.createdAt })

/** A purchase that is paid: Stripe tells of it until it is answered, and once more. */
const purchase = async ({ ledger, clock }: Client, userId: string): Promise<boolean> => {
  const row = purchaseRow(userId, clock)
  const written = await untilAnswered(() => ledger.store.putPurchaseIfAbsent(row))
  if (written === 'unknown' || written === 'refused') return false
  const credited = await untilAnswered(() => ledger.ledger.creditPurchase(row, paid(row)))
  await untilAnswered(() => ledger.ledger.creditPurchase(row, paid(row)))
  return credited !== 'unknown'
}

let proxy: FaultProxy | undefined

afterEach(async () => {
  await proxy?.close()
  proxy = undefined
})

/** A client through a network that fails by the seed. */
const startClient = async (): Promise<Client & { proxy: FaultProxy }> => {
  proxy = await startFaultProxy({ target: engineEndpoint(), seed, rates: noFaults, maxDelayMs: 30 })
  const clock = new TestClock()
  const generator = seededRandom(seed)
  const random = (): number => uniformFloat64(generator)
  return { ledger: createLedger(connect(proxy.url), clock.now), clock, random, proxy }
}

/** Faults off, time passed, everything folded in. */
const settleDown = async (client: Client & { proxy: FaultProxy }, userId: string) => {
  client.proxy.setRates(noFaults)
  client.clock.advance(2 * holdMs)
  const account = await client.ledger.store.readAccount(userId)
  if (!account) throw new Error('There is no such account.')
  await client.ledger.ledger.fold(account)
  return readBooks(client.ledger, userId)
}

describe(`with a network and a DynamoDB that fail (seed ${seed})`, () => {
  it(`ends with every account exact after ${operations} operations`, async () => {
    const client = await startClient()
    const { ledger, clock, random } = client
    const userIds = await Promise.all(
      Array.from({ length: 6 }, () => openAccount(ledger, clock.now(), 5_000)),
    )
    const known = new Map<string, Known>()
    const paidFor = new Map<string, number>()
    const buy = async (userId: string): Promise<void> => {
      if (await purchase(client, userId)) paidFor.set(userId, (paidFor.get(userId) ?? 0) + 1)
    }
    client.proxy.setRates(rates)

    const limit = pLimit(10)
    const work = Array.from({ length: operations }, (_, index) =>
      limit(async () => {
        const userId = userIds[Math.floor(random() * userIds.length)] ?? ''
        if (index % 20 === 0) return buy(userId)
        const operationId = v7({ msecs: clock.now() })
        const metered = index % 10 === 1 ? caption : operate
        known.set(operationId, await metered(client, userId, operationId))
      }),
    )
    await Promise.all(work)

    const faults = client.proxy.counts()
    let captioned = 0
    for (const userId of userIds) {
      const books = await settleDown(client, userId)
      expect(imbalance(books)).toBe(0)
      expect(books.account.holds).toEqual({})
      expect(books.account.creditsBalance).toBeGreaterThanOrEqual(0)
      const purchases = books.transactions.filter(
        row => row.type === 'purchase' && row.status === 'completed',
      )
      expect(purchases.length).toBeGreaterThanOrEqual(paidFor.get(userId) ?? 0)
      expect(books.account.totalCreditsPurchased).toBe(500 * purchases.length)
      captioned += books.usage.filter(row => row.service === 'live_transcription').length
      for (const row of books.usage) {
        const told = known.get(row.operationId)
        if (told?.kind === 'settled') expect(row.creditsUsed).toBe(told.credits)
        else expect([row.operationId, told?.kind]).toEqual([row.operationId, 'unknown'])
      }
      const rows = new Set(books.usage.map(row => row.operationId))
      expect(rows.size).toBe(books.usage.length)
    }
    const settled = [...known.values()].filter(({ kind }) => kind === 'settled').length
    console.log(`${settled} of ${known.size} operations settled; faults: ${JSON.stringify(faults)}`)
    expect(settled).toBeGreaterThan(known.size / 2)
    expect(captioned).toBeGreaterThan(0)
    for (const fault of ['dropRequest', 'dropAnswer', 'internalError', 'transactionConflict'] as const) {
      expect(faults[fault]).toBeGreaterThan(0)
    }
  })

  it('registers each e-mail once, with its bonus once', async () => {
    const client = await startClient()
    const { ledger, clock } = client
    client.proxy.setRates({ ...rates, dropAnswer: 0.2, transactionConflict: 0.2 })
    const opened = await Promise.all(
      Array.from({ length: 40 }, () => untilAnswered(() => openAccount(ledger, clock.now()))),
    )
    const userIds = opened.filter(answer => answer !== 'unknown' && answer !== 'refused')
    expect(userIds).toHaveLength(40)
    for (const userId of userIds) {
      const { account, transactions } = await settleDown(client, userId)
      expect(account.creditsBalance).toBe(200)
      expect(transactions).toHaveLength(1)
    }
  })

  it('carries 100 operations at once on one account: each is done or told 409, and none is lost', async () => {
    const client = await startClient()
    const { ledger, clock } = client
    const userId = await openAccount(ledger, clock.now(), 2_000)
    client.proxy.setRates({ ...noFaults, transactionConflict: 0.2 })
    const results = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const operationId = v7({ msecs: clock.now() })
        const request = {
          userId,
          operationId,
          service: 'ask_agent' as const,
          credits: 5,
          requestHash: 'one',
          holdMs,
        }
        try {
          const opened = await ledger.ledger.open(request)
          if (opened.state !== 'reserved') throw new Error(opened.state)
          await ledger.ledger.settle(opened.reservation, { cost: 5, metadata: {} }, opened.account)
          return 'settled'
        } catch (error) {
          if (error instanceof DomainError && error.code === 'too_many_open_operations') return 'busy'
          throw error
        }
      }),
    )
    const settled = results.filter(result => result === 'settled').length
    const books = await settleDown(client, userId)
    console.log(`${settled} of 100 settled, ${100 - settled} told 409`)
    expect(settled).toBeGreaterThanOrEqual(8)
    expect(books.usage).toHaveLength(settled)
    expect(books.account.creditsBalance).toBe(2_000 - 5 * settled)
    expect(imbalance(books)).toBe(0)
  })

  it('carries 100 operations at once on one account through to the end when each waits for its turn', async () => {
    const client = await startClient()
    const { ledger, clock, random } = client
    const userId = await openAccount(ledger, clock.now(), 2_000)
    client.proxy.setRates({ ...noFaults, transactionConflict: 0.1 })
    const oneOfThem = async (): Promise<void> => {
      const operationId = v7({ msecs: clock.now() })
      const request = {
        userId,
        operationId,
        service: 'ask_agent' as const,
        credits: 5,
        requestHash: 'one',
        holdMs,
      }
      for (;;) {
        const opened = await ledger.ledger.open(request).catch((error: unknown) => {
          if (error instanceof DomainError && error.code === 'too_many_open_operations') return undefined
          throw error
        })
        if (opened?.state === 'reserved') {
          await ledger.ledger.settle(opened.reservation, { cost: 5, metadata: {} }, opened.account)
          return
        }
        await sleep(random() * 200)
      }
    }
    await Promise.all(Array.from({ length: 100 }, oneOfThem))
    const books = await settleDown(client, userId)
    expect(books.usage).toHaveLength(100)
    expect(books.account).toMatchObject({ creditsBalance: 1_500, totalUsage: 500, holds: {} })
    expect(imbalance(books)).toBe(0)
  })
})

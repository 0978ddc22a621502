import { v7 } from 'uuid'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connect } from '../support/database.ts'
import { createLedger, imbalance, openAccount, readBooks, type TestLedger } from '../support/ledger.ts'
import { CountingSessions, createLive, liveRules, type TestLive } from '../support/live.ts'
import { meterWrites, totalUnits } from '../support/write-meter.ts'

let startMs: number
let nowMs: number
let test: TestLedger
let sessions: CountingSessions
let live: TestLive['live']
let stops: TestLive['stops']
let userId: string
let key: string

beforeAll(() => {
  test = createLedger(connect(), () => nowMs)
})

beforeEach(async () => {
  startMs = Date.now()
  nowMs = startMs
  sessions = new CountingSessions()
  const captions = createLive(test, sessions)
  live = captions.live
  stops = captions.stops
  userId = await openAccount(test, nowMs, 1_000)
  key = v7({ msecs: nowMs })
})

const start = (operationId = key) =>
  live.start({ userId, operationId, requestHash: 'AbCd1234', language: 'multi' })
const renew = (lease: number) => live.renew(userId, key, lease)
const stop = (endedAtMs?: number) => stops.stop(userId, key, endedAtMs)
const goTo = (seconds: number): void => {
  nowMs = startMs + seconds * 1_000
}
const books = () => readBooks(test, userId)

/** What came of as many calls at once. */
const atOnce = async (count: number, call: (index: number) => Promise<object>) => {
  const settled = await Promise.allSettled(Array.from({ length: count }, (_, index) => call(index)))
  return {
    answers: settled.flatMap(result => (result.status === 'fulfilled' ? [result.value] : [])),
    codes: settled.flatMap(result => (result.status === 'rejected' ? [result.reason.code] : [])),
  }
}

/** Of calls that repeat each other as many are answered as were paid for or are in the allowance. */
const expectAnswersByAllowance = async (answers: readonly object[]): Promise<void> => {
  const { account } = await books()
  expect(account.allowanceUses.length).toBeLessThanOrEqual(liveRules.allowancePerHour)
  expect(answers.length).toBeGreaterThanOrEqual(1)
  expect(answers.length).toBeLessThanOrEqual(1 + account.allowanceUses.length)
}

/** Repeats are refused by the allowance, or in the crowd. */
const repeatRefusals = ['allowance_spent', 'operation_in_progress']

const expectBooksToClose = async (): Promise<void> => {
  expect(imbalance(await books())).toBe(0)
}

describe('live captions', () => {
  it('are held, renewed in the same hold, settled and journalled', async () => {
    await start()
    await expectBooksToClose()
    goTo(275)
    expect(await renew(2)).toMatchObject({ lease: 2, credits_held: 100, credits_available: 900 })
    expect((await books()).account.holds[key]).toMatchObject({
      split: { fromBalance: 100, fromGrants: {} },
      live: { startedAtMs: startMs, lease: 2, paidSeconds: 600, leaseSeconds: 300, language: 'multi' },
    })
    await expectBooksToClose()
    goTo(400)
    expect(await stop()).toMatchObject({ seconds: 400, credits_used: 67, credits_refunded: 33 })
    const { account, usage } = await books()
    expect(account).toMatchObject({ creditsBalance: 933, totalUsage: 67, holds: {} })
    expect(account.allowanceUses).toEqual([Math.floor(nowMs / 1_000)])
    expect(usage).toMatchObject([
      {
        operationId: key,
        service: 'live_transcription',
        creditsUsed: 67,
        balanceAfter: 933,
        metadata: { seconds: 400, leases: 2, credits_refunded: 33, ended_by: 'stop' },
      },
    ])
    await expectBooksToClose()
  })

  it('draw on grants that lapse meanwhile, and what comes back to those stays lapsed', async () => {
    await test.ledger.grant(userId, {
      transactionId: `invoice#${userId}`,
      credits: 80,
      expiresAtMs: nowMs + 280_000,
      source: 'plus',
    })
    await start()
    goTo(275)
    await renew(2)
    expect((await books()).account.holds[key]?.split).toMatchObject({ fromBalance: 20 })
    goTo(290)
    expect(await stop()).toMatchObject({ credits_used: 50, credits_refunded: 50, credits_available: 1_000 })
    await expectBooksToClose()
    await test.ledger.fold((await books()).account)
    expect((await books()).account).toMatchObject({ creditsBalance: 1_000, grants: {} })
    await expectBooksToClose()
  })

  it('cannot be renewed by a grant that has lapsed, whatever a reader thought', async () => {
    userId = await openAccount(test, nowMs, 0)
    await test.ledger.grant(userId, {
      transactionId: `invoice#${userId}`,
      credits: 80,
      expiresAtMs: nowMs + 280_000,
      source: 'plus',
    })
    await start()
    goTo(280)
    await expect(renew(2)).rejects.toMatchObject({ code: 'insufficient_credits', details: { available: 0 } })
    await expectBooksToClose()
  })

  it('are charged whole once their hold has expired', async () => {
    await start()
    goTo(300 + 3_600 + 60)
    await test.ledger.fold((await books()).account)
    expect((await books()).account).toMatchObject({ creditsBalance: 950, totalUsage: 50, holds: {} })
    expect(await stop(startMs)).toMatchObject({ credits_used: 50, credits_refunded: 0 })
    await expectBooksToClose()
  })

  it('are found by a sweep: the account is noted when they start and when they are renewed', async () => {
    await start()
    goTo(275)
    await renew(2)
    const noted: string[] = []
    for await (const page of test.activity.since(startMs)) noted.push(...page)
    expect(noted).toContain(userId)
  })
})

describe('at the same time', () => {
  it('thirty starts of one key are charged once', async () => {
    const { answers, codes } = await atOnce(30, () => start())
    await expectAnswersByAllowance(answers)
    expect(repeatRefusals).toEqual(expect.arrayContaining(codes))
    expect((await books()).account).toMatchObject({ creditsBalance: 950 })
    await expectBooksToClose()
  })

  it('ten starts of ten keys open one', async () => {
    const { answers, codes } = await atOnce(10, index => start(v7({ msecs: nowMs - index })))
    expect(answers).toHaveLength(1)
    expect(codes).toEqual(Array(9).fill('live_already_open'))
    expect(Object.keys((await books()).account.holds)).toHaveLength(1)
    await expectBooksToClose()
  })

  it('thirty renewals of one lease are charged once', async () => {
    await start()
    goTo(280)
    const { answers, codes } = await atOnce(30, () => renew(2))
    await expectAnswersByAllowance(answers)
    expect(repeatRefusals).toEqual(expect.arrayContaining(codes))
    const { account } = await books()
    expect(account).toMatchObject({ creditsBalance: 900 })
    expect(account.holds[key]).toMatchObject({ live: { lease: 2, paidSeconds: 600 } })
    await expectBooksToClose()
  })

  it('twenty stops answer the same and use the allowance once', async () => {
    await start()
    goTo(60)
    const { answers } = await atOnce(20, () => stop())
    expect(answers.length).toBeGreaterThanOrEqual(1)
    for (const answer of answers) expect(answer).toEqual(answers[0])
    const { account, usage } = await books()
    expect(account).toMatchObject({ creditsBalance: 990, totalUsage: 10, holds: {} })
    expect(account.allowanceUses).toHaveLength(1)
    expect(usage).toHaveLength(1)
    await expectBooksToClose()
  })

  it('renewals and stops leave captions that are stopped, charged once', async () => {
    await start()
    goTo(280)
    const { codes } = await atOnce(10, index => (index % 2 === 0 ? renew(2) : stop()))
    expect(['lease_over', ...repeatRefusals]).toEqual(expect.arrayContaining(codes))
    const { account, usage } = await books()
    expect(account.holds).toEqual({})
    expect(usage).toHaveLength(1)
    expect(account.creditsBalance + (usage[0]?.creditsUsed ?? 0)).toBe(1_000)
    await expectBooksToClose()
  })

  it('stops and what folds the expired hold charge it once, whole', async () => {
    await start()
    const { account: expired } = await books()
    goTo(300 + 3_600 + 60)
    await atOnce(8, index => (index % 2 === 0 ? stop(startMs) : test.ledger.fold(expired)))
    const { account, usage } = await books()
    expect(account).toMatchObject({ creditsBalance: 950, totalUsage: 50, holds: {}, allowanceUses: [] })
    expect(usage).toHaveLength(1)
    await expectBooksToClose()
  })

  it('starts and stops of one key hand out no more than was paid for and the allowance gives', async () => {
    let handedOutSeconds = 0
    for (let round = 0; round < 5; round++) {
      const { answers } = await atOnce(6, index => (index < 3 ? start() : stop()))
      for (const answer of answers)
        if ('token' in answer) handedOutSeconds += sessions.minted.get(String(answer.token)) ?? 0
    }
    const { account, usage } = await books()
    const longestSeconds = liveRules.leaseSeconds + liveRules.renewWindowSeconds
    const paidSeconds = 6 * (1_000 - account.creditsBalance)
    expect(handedOutSeconds).toBeGreaterThan(0)
    expect(handedOutSeconds).toBeLessThanOrEqual(paidSeconds + account.allowanceUses.length * longestSeconds)
    expect(usage.length + Object.keys(account.holds).length).toBe(1)
    await expectBooksToClose()
  })
})

describe('the account', () => {
  /** Captions as large as they get: a day of leases, two grants, twenty uses of the allowance, a payment. */
  const fillAccount = async () => {
    await test.users.attachStripeCustomer(userId, 'cus_QkX3bT9mPzV1aB')
    await test.users.recordLogin(userId, new Date(nowMs).toISOString())
    for (const credits of [3_000, 10_000]) {
      await test.ledger.grant(userId, {
        transactionId: `invoice#${userId}#${credits}`,
        credits,
        expiresAtMs: nowMs + 1e9 + credits,
        source: 'plus',
      })
    }
    const transactionId = v7({ msecs: nowMs })
    await test.ledger.recordPaymentFailure({
      transactionId,
      userId,
      type: 'purchase',
      status: 'failed',
      credits: 500,
      createdAt: new Date(nowMs).toISOString(),
    })
  }

  it('with captions of a day and two clips at the vendor still costs one write unit to renew', async () => {
    const bigTest = createLedger(connect(), () => nowMs)
    const meter = meterWrites(bigTest.database)
    const captions = createLive(bigTest, sessions, { ...liveRules, allowancePerHour: 20 })
    userId = await openAccount(test, nowMs, 20_000)
    await fillAccount()
    await captions.live.start({ userId, operationId: key, requestHash: 'AbCd1234', language: 'multi' })
    for (let use = 0; use < 20; use++) {
      nowMs += 1_000
      await captions.live.start({ userId, operationId: key, requestHash: 'AbCd1234', language: 'multi' })
    }
    for (let lease = 2; lease <= 287; lease++) {
      goTo((lease - 1) * 300 - 10)
      if (lease === 286) await openClips(2)
      meter.take()
      await captions.live.renew(userId, key, lease)
    }
    const writes = meter.take().filter(write => write.table === 'users')
    expect({ units: totalUnits(writes), writes }).toEqual({ units: 1, writes })
    const { account } = await books()
    expect(Object.keys(account.holds)).toHaveLength(3)
    expect(account.allowanceUses).toHaveLength(20)
    await expectBooksToClose()
  })

  const openClips = async (count: number): Promise<void> => {
    for (let clip = 0; clip < count; clip++) {
      const opened = await test.ledger.open({
        userId,
        operationId: v7({ msecs: nowMs }),
        service: 'clip_transcription',
        credits: 21,
        requestHash: 'AbCd1234',
        holdMs: 1_800_000,
        audioMs: 123_456,
      })
      if (opened.state !== 'reserved') throw new Error('The clip was not opened.')
      await test.ledger.attachReference(opened.reservation, '2f6f0f2e-6d3c-4c1b-9d57-0d2c6d6f6a11')
    }
  }
})

import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { v7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DynamoCatchupProgress } from '../../src/db/catchup-progress.ts'
import type { Database } from '../../src/db/dynamodb.ts'
import { DynamoSweepMark } from '../../src/db/sweep-mark.ts'
import { StalledCatchups } from '../../src/domain/catchup-stalled.ts'
import { Clips } from '../../src/domain/clip.ts'
import { JobOutcomes } from '../../src/domain/job-outcomes.ts'
import { Ledger } from '../../src/domain/ledger.ts'
import type { CatchupJob } from '../../src/domain/ports.ts'
import { Sweep } from '../../src/domain/sweep.ts'
import { clipInspector } from '../../src/media/clip-inspector.ts'
import { AssemblyAiSpeechJobs } from '../../src/upstream/assemblyai/speech-jobs.ts'
import { everyDeath, MortalProcess, untilDeath } from '../support/crash.ts'
import { connectToOwnTables } from '../support/database.ts'
import { createLedger, imbalance, openAccount, readBooks, type TestLedger } from '../support/ledger.ts'
import { CountingSessions, createLive, liveRules } from '../support/live.ts'
import { silent } from '../support/silent-log.ts'
import { startVendors, type Vendors } from '../support/vendors.ts'

const holdMs = 60_000
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const longestHoldMs = 2 * hourMs
const farMs = Number.POSITIVE_INFINITY
const noBackoff = () => Promise.resolve()

let vendors: Vendors
let database: Database
let base: TestLedger
let nowMs = Date.now()
let queued: CatchupJob[]
const now = (): number => nowMs

beforeAll(async () => {
  ;[vendors, database] = await Promise.all([startVendors(), connectToOwnTables()])
})
afterAll(() => vendors.close())

/** Each test has a month of its own, which no other test's sweep looks back into, and no mark. */
beforeEach(async () => {
  nowMs += 30 * 24 * hourMs
  base = createLedger(database, now)
  queued = []
  await database.client.send(
    new DeleteCommand({ TableName: database.tables.ephemera, Key: { key: 'sweep' } }),
  )
})

/** A sweep as one process runs it: each write and read that leaves it may be its last. */
const bootSweep = (process: MortalProcess = new MortalProcess(), jobs?: Pick<Clips, 'read'>) => {
  const store = process.wrap(base.store)
  const failures = process.wrap(base.failures)
  const { activity } = base
  const ledger = new Ledger({
    store,
    failures,
    activity,
    now,
    backoff: noBackoff,
    random: Math.random,
    log: silent,
  })
  const outcomes = new JobOutcomes({ ledger, store, failures, now })
  const speech = process.wrap(
    new AssemblyAiSpeechJobs({
      apiKey: 'key',
      baseUrl: vendors.assemblyAiUrl,
      speechModels: ['universal-3-6-pro'],
      callbackUrl: 'http://127.0.0.1:9/callback',
      callbackSecret: 'secret',
    }),
  )
  const clips = new Clips({
    ledger,
    outcomes,
    clips: clipInspector,
    speech,
    now,
    sleep: async ms => sleep(ms / 10),
    log: silent,
    failureMeter: { note: async () => undefined },
    waitMs: 1,
    holdMs,
  })
  const queue = process.wrap({ start: async (job: CatchupJob) => void queued.push(job) })
  const catchups = new StalledCatchups({
    outcomes,
    progress: process.wrap(new DynamoCatchupProgress(database, noBackoff)),
    speech,
    queue,
    now,
    log: silent,
    callbackDueMs: 5 * minuteMs,
    longestRunMs: 5 * minuteMs,
    lifeAfterFetchMs: 30_000,
  })
  const mark = process.wrap(new DynamoSweepMark(database, noBackoff))
  const sweep = new Sweep({
    ledger,
    store,
    activity,
    mark,
    clips: jobs ?? clips,
    catchups,
    now,
    log: silent,
    longestHoldMs,
  })
  return { sweep, clips, mark }
}

const askAndVanish = async (userId: string): Promise<string> => {
  const operationId = v7({ msecs: nowMs })
  const request = { userId, operationId, service: 'ask_agent' as const, credits: 5, requestHash: 'one' }
  await base.ledger.open({ ...request, holdMs })
  return operationId
}

const captionAndVanish = async (userId: string): Promise<string> => {
  const operationId = v7({ msecs: nowMs })
  const { live } = createLive(base, new CountingSessions())
  await live.start({ userId, operationId, requestHash: 'one', language: 'en' })
  return operationId
}

const pastEveryHold = (): number => (liveRules.leaseSeconds + liveRules.danglingSeconds) * 1_000 + 61_000

const holdsOf = async (userId: string): Promise<string[]> =>
  Object.keys((await base.store.readAccount(userId))?.holds ?? {})

const setBalance = (userId: string, balance: number | string) =>
  database.client.send(
    new UpdateCommand({
      TableName: database.tables.users,
      Key: { user_id: userId },
      UpdateExpression: 'SET credits_balance = :balance',
      ExpressionAttributeValues: { ':balance': balance },
    }),
  )

const expectClosed = async (userId: string, creditsBalance: number): Promise<void> => {
  const books = await readBooks(base, userId)
  expect(imbalance(books)).toBe(0)
  expect(books.account).toMatchObject({ holds: {}, creditsBalance })
}

describe('a sweep', () => {
  it('gives expired holds back and charges captions that nobody stopped, for every account', async () => {
    const askers = await Promise.all(Array.from({ length: 23 }, () => openAccount(base, nowMs)))
    const captioner = await openAccount(base, nowMs)
    for (const userId of askers) await askAndVanish(userId)
    const captions = await captionAndVanish(captioner)
    nowMs += pastEveryHold()
    const { sweep } = bootSweep()
    expect(await sweep.run(farMs)).toEqual({
      accounts: 24,
      expiredHolds: 24,
      resumedJobs: 0,
      failedAccounts: 0,
      failedJobs: 0,
      complete: true,
    })
    for (const userId of askers) await expectClosed(userId, 200)
    await expectClosed(captioner, 150)
    expect((await readBooks(base, captioner)).usage).toMatchObject([
      { operationId: captions, creditsUsed: 50, metadata: { ended_by: 'expiry', seconds: 300 } },
    ])
  })

  it('leaves what is open alone, and changes nothing when it runs again', async () => {
    const userId = await openAccount(base, nowMs)
    const operationId = await askAndVanish(userId)
    expect(await bootSweep().sweep.run(farMs)).toMatchObject({ accounts: 1, expiredHolds: 0 })
    expect(await holdsOf(userId)).toEqual([operationId])
    nowMs += 2 * holdMs + 1
    expect(await bootSweep().sweep.run(farMs)).toMatchObject({ expiredHolds: 1 })
    const { revision } = (await readBooks(base, userId)).account
    expect(await bootSweep().sweep.run(farMs)).toMatchObject({ accounts: 1, expiredHolds: 0 })
    expect((await readBooks(base, userId)).account.revision).toBe(revision)
  })

  it('looks at no account that was not active', async () => {
    const idle = await openAccount(base, nowMs)
    const active = await openAccount(base, nowMs)
    await askAndVanish(active)
    const read: string[] = []
    const { sweep } = bootSweep()
    const real = base.store.readAccount.bind(base.store)
    base.store.readAccount = async userId => {
      read.push(userId)
      return real(userId)
    }
    await sweep.run(farMs)
    expect(read).toContain(active)
    expect(read).not.toContain(idle)
  })

  it('that was held up for three days finds what expired meanwhile', async () => {
    const userId = await openAccount(base, nowMs)
    await bootSweep().sweep.run(farMs)
    await askAndVanish(userId)
    nowMs += 72 * hourMs
    expect(await bootSweep().sweep.run(farMs)).toMatchObject({ expiredHolds: 1 })
    await expectClosed(userId, 200)
  })

  it('whose mark is lost looks back a day', async () => {
    const userId = await openAccount(base, nowMs)
    await askAndVanish(userId)
    nowMs += 20 * hourMs
    expect(await bootSweep().sweep.run(farMs)).toMatchObject({ expiredHolds: 1 })
    await expectClosed(userId, 200)
  })

  it('no longer reads an account whose holds must all have ended before the last sweep', async () => {
    const userId = await openAccount(base, nowMs)
    await askAndVanish(userId)
    nowMs += 4 * hourMs
    expect(await bootSweep().sweep.run(farMs)).toMatchObject({ accounts: 1 })
    nowMs += 2 * hourMs
    expect(await bootSweep().sweep.run(farMs)).toMatchObject({ accounts: 0, complete: true })
  })

  it('whose time is up leaves the mark, and the next one does the rest', async () => {
    const users = await Promise.all(Array.from({ length: 12 }, () => openAccount(base, nowMs)))
    for (const userId of users) await askAndVanish(userId)
    nowMs += 2 * holdMs + 1
    const { sweep, mark } = bootSweep()
    expect(await sweep.run(nowMs)).toMatchObject({ accounts: 0, complete: false })
    expect(await mark.read()).toBeUndefined()
    expect(await sweep.run(farMs)).toMatchObject({ expiredHolds: 12, complete: true })
    expect(await mark.read()).toBe(nowMs)
  })

  it('is not kept from the others by an account that it cannot read', async () => {
    const broken = await openAccount(base, nowMs)
    const whole = await openAccount(base, nowMs)
    await askAndVanish(broken)
    await askAndVanish(whole)
    await setBalance(broken, 'many')
    nowMs += 2 * holdMs + 1
    expect(await bootSweep().sweep.run(farMs)).toMatchObject({ failedAccounts: 1, expiredHolds: 1 })
    await expectClosed(whole, 200)
    await setBalance(broken, 195)
    nowMs += longestHoldMs
    expect(await bootSweep().sweep.run(farMs)).toMatchObject({ failedAccounts: 0, expiredHolds: 1 })
    await expectClosed(broken, 200)
  })

  it('ends each hold once when two run at once', async () => {
    const users = await Promise.all(Array.from({ length: 6 }, () => openAccount(base, nowMs)))
    for (const userId of users) await askAndVanish(userId)
    for (const userId of users) await captionAndVanish(userId)
    nowMs += pastEveryHold()
    await Promise.all([bootSweep().sweep.run(farMs), bootSweep().sweep.run(farMs)])
    for (const userId of users) {
      await expectClosed(userId, 150)
      expect((await readBooks(base, userId)).usage).toHaveLength(1)
    }
  })

  it('killed at any call leaves everything exact, and the next one ends it', async () => {
    const calls = await everyDeath(async death => {
      const userId = await openAccount(base, nowMs)
      await askAndVanish(userId)
      await captionAndVanish(userId)
      nowMs += pastEveryHold()
      const mortal = new MortalProcess(death)
      await untilDeath(() => bootSweep(mortal).sweep.run(farMs))
      expect(imbalance(await readBooks(base, userId))).toBe(0)
      await bootSweep().sweep.run(farMs)
      await expectClosed(userId, 150)
      return mortal
    })
    expect(calls).toBeGreaterThanOrEqual(7)
  })

  it("finishes a clip whose call-back never came, from the vendor's answer", async () => {
    const userId = await openAccount(base, nowMs)
    const operationId = v7({ msecs: nowMs })
    const bytes = await readFile(new URL('../fixtures/austen-0880.wav', import.meta.url))
    await vendors.control('assemblyai', { delay_ms: 2_000 })
    const accepted = await bootSweep().clips.transcribe({ userId, operationId, requestHash: 'one', bytes })
    expect(accepted.status).toBe('processing')
    expect(await bootSweep().sweep.run(farMs)).toMatchObject({ resumedJobs: 0 })
    await vendors.control('assemblyai', { delay_ms: 0 })
    await sleep(2_300)
    expect(await bootSweep().sweep.run(farMs)).toMatchObject({ resumedJobs: 1 })
    expect((await readBooks(base, userId)).usage).toMatchObject([{ operationId, creditsUsed: 1 }])
    await expectClosed(userId, 199)
  })
})

/** A job that the vendor keeps waiting, while time passes. */
const slowJobs = (eachMs: number) => ({
  read: async () => {
    nowMs += eachMs
    throw new Error('The vendor is slow.')
  },
})

it('is not kept from folding by a vendor that is slow, and asks it about the soonest to expire first', async () => {
  const users = await Promise.all(Array.from({ length: 25 }, () => openAccount(base, nowMs)))
  const asked: string[] = []
  for (const userId of users) {
    const operationId = v7({ msecs: nowMs })
    const request = { userId, operationId, credits: 1, requestHash: 'one', audioMs: 1_000 }
    const opened = await base.ledger.open({ ...request, service: 'clip_transcription', holdMs: hourMs })
    if (opened.state !== 'reserved') throw new Error(opened.state)
    await base.ledger.attachReference(opened.reservation, 'transcript')
    // More than what tells attempts apart.
    nowMs += 61_000
  }
  const late = await openAccount(base, nowMs)
  await askAndVanish(late)
  nowMs += 2 * holdMs + 1
  const slow = slowJobs(5_000)
  const { sweep } = bootSweep(new MortalProcess(), {
    read: async (userId: string) => {
      asked.push(userId)
      return slow.read()
    },
  })
  const report = await sweep.run(nowMs + 60_000)
  expect(report).toMatchObject({ accounts: 26, expiredHolds: 1, failedJobs: 20, complete: false })
  await expectClosed(late, 200)
  expect(asked.slice(0, 10).sort()).toEqual(users.slice(0, 10).sort())
})

describe("the sweep's mark", () => {
  it('moves forward and never back', async () => {
    const mark = new DynamoSweepMark(database, noBackoff)
    expect(await mark.read()).toBeUndefined()
    await mark.write(2_000)
    await mark.write(1_000)
    expect(await mark.read()).toBe(2_000)
  })
})

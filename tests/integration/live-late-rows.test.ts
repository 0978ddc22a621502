import { v7 } from 'uuid'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Clips } from '../../src/domain/clip.ts'
import type { ClipCallback } from '../../src/domain/ports.ts'
import { connect } from '../support/database.ts'
import { createLedger, imbalance, openAccount, readBooks, type TestLedger } from '../support/ledger.ts'
import { CountingSessions, createLive, type TestLive } from '../support/live.ts'
import { FakeClipInspector, FakeSpeechJobs, transcriptOf } from '../unit/support/fake-vendors.ts'

const mismatch = { code: 'idempotency_mismatch' }
/** What the clips' log was told. */
const said: string[] = []

let nowMs: number
let test: TestLedger
let sessions: CountingSessions
let live: TestLive['live']
let stops: TestLive['stops']
let speech: FakeSpeechJobs
let clips: Clips
let userId: string
/** What both the clip and the captions are asked for by. */
let key: string

beforeAll(() => {
  test = createLedger(connect(), () => nowMs)
})

beforeEach(async () => {
  nowMs = Date.now()
  sessions = new CountingSessions()
  const captions = createLive(test, sessions)
  live = captions.live
  stops = captions.stops
  speech = new FakeSpeechJobs()
  said.length = 0
  clips = new Clips({
    ledger: test.ledger,
    outcomes: test.outcomes,
    clips: new FakeClipInspector(),
    speech,
    now: test.now,
    sleep: async () => undefined,
    log: { info: code => said.push(code), error: code => said.push(code) },
    failureMeter: { note: async () => undefined },
    waitMs: 0,
    holdMs: 60_000,
  })
  userId = await openAccount(test, nowMs, 1_000)
  key = v7({ msecs: nowMs })
})

afterEach(() => {
  vi.restoreAllMocks()
})

const start = (operationId = key) =>
  live.start({ userId, operationId, requestHash: 'AbCd1234', language: 'en' })
const books = () => readBooks(test, userId)
const expectBooksToClose = async (): Promise<void> => {
  expect(imbalance(await books())).toBe(0)
}

/** Sends a clip whose transcript does not come before its hold has expired. @returns the call-back to come */
const sendClip = async (operationId = key): Promise<() => Promise<void>> => {
  const requestHash = 'EfGh5678'
  speech.states = [{ status: 'processing' }]
  await clips.transcribe({ userId, operationId, requestHash, bytes: new Uint8Array(1) })
  const { account } = await books()
  const hold = account.holds[operationId]
  if (!hold) throw new Error('The clip is not held.')
  const { expiresAtMs: holdExpiresAtMs, audioMs = 0 } = hold
  nowMs = Math.max(nowMs, holdExpiresAtMs)
  await test.ledger.fold(account)
  speech.states = [{ status: 'completed', transcript: transcriptOf(7.1) }]
  const callback: ClipCallback = { userId, operationId, holdExpiresAtMs, requestHash, audioMs }
  return () => clips.finishFromCallback(callback, 'transcript-1')
}

/** Lets something happen just before the next write of this kind. */
const justBefore = (write: 'reserve' | 'putUsageIfAbsent', happens: () => Promise<unknown>) => {
  const real = test.store[write].bind(test.store) as (...args: unknown[]) => unknown
  const writes = vi.spyOn(test.store, write)
  writes.mockImplementationOnce((async (...args: unknown[]) => {
    await happens()
    return real(...args)
  }) as never)
  return writes
}

/** The vendor is told that its call was taken, and the log that there was no place for the result. */
const expectKeptOut = async (callBack: () => Promise<void>): Promise<void> => {
  said.length = 0
  await callBack()
  expect(said).toEqual(['clip_late_for_another_request'])
}

/** The row of the clip stands, and nothing was sold under its key. */
const expectClipAlone = async (): Promise<void> => {
  const { account, usage } = await books()
  expect(account).toMatchObject({ creditsBalance: 1_000, totalUsage: 0, holds: {} })
  expect(usage).toMatchObject([{ operationId: key, service: 'clip_transcription', creditsUsed: 0 }])
  await expectBooksToClose()
}

/** The captions are held, and no row says that they were had for nothing. */
const expectCaptionsAlone = async (): Promise<void> => {
  const { account, usage } = await books()
  expect(account).toMatchObject({ creditsBalance: 950, holds: { [key]: { live: { lease: 1 } } } })
  expect(usage).toEqual([])
  await expectBooksToClose()
}

/** The captions have ended, and were charged. */
const expectCaptionsCharged = async (creditsUsed: number): Promise<void> => {
  const { account, usage } = await books()
  expect(account).toMatchObject({
    creditsBalance: 1_000 - creditsUsed,
    totalUsage: creditsUsed,
    holds: {},
  })
  expect(usage).toMatchObject([{ operationId: key, service: 'live_transcription', creditsUsed }])
  await expectBooksToClose()
}

describe('captions under the key of a clip whose result is late', () => {
  it('are refused where the result came first', async () => {
    const callBack = await sendClip()
    await callBack()
    await expect(start()).rejects.toMatchObject(mismatch)
    expect(sessions.minted.size).toBe(0)
    await expectClipAlone()
  })

  it('keep the result out where they came first, and are charged when they are stopped', async () => {
    const callBack = await sendClip()
    await start()
    await expectKeptOut(callBack)
    await expectCaptionsAlone()
    nowMs += 100_000
    await stops.stop(userId, key, undefined)
    await expectCaptionsCharged(17)
    await expectKeptOut(callBack)
    await expectCaptionsCharged(17)
  })

  it('keep the result out where they came first, and are charged whole when nobody stops them', async () => {
    const callBack = await sendClip()
    await start()
    nowMs += 3_899_000
    await expectKeptOut(callBack)
    await expectCaptionsAlone()
    nowMs += 61_000
    await test.ledger.fold((await books()).account)
    await expectCaptionsCharged(50)
  })

  it('are refused, and their token is kept, where the result comes before they are written', async () => {
    const callBack = await sendClip()
    const reserving = justBefore('reserve', callBack)
    await expect(start()).rejects.toMatchObject(mismatch)
    expect(reserving).toHaveBeenCalledTimes(1)
    expect(sessions.minted.size).toBe(1)
    await expectClipAlone()
  })

  it('keep the result out where they are started before it is written', async () => {
    const callBack = await sendClip()
    justBefore('putUsageIfAbsent', () => start())
    await expectKeptOut(callBack)
    await expectCaptionsAlone()
  })

  it('never stand beside the result, however many call at once', async () => {
    for (let round = 0; round < 5; round++) {
      userId = await openAccount(test, nowMs, 1_000)
      key = v7({ msecs: nowMs })
      const callBack = await sendClip()
      const starts = Array.from({ length: 3 }, () => start())
      const callBacks = Array.from({ length: 3 }, callBack)
      said.length = 0
      const [started] = await Promise.all([Promise.allSettled(starts), Promise.all(callBacks)])
      const isSold = started.some(({ status }) => status === 'fulfilled')
      expect(said).toEqual(Array(isSold ? 3 : 0).fill('clip_late_for_another_request'))
      if (isSold) await expectCaptionsAlone()
      else await expectClipAlone()
    }
  })
})

it('captions under a key of their own go through where a late result comes before they are written', async () => {
  const callBack = await sendClip(v7({ msecs: nowMs }))
  const reserving = justBefore('reserve', callBack)
  expect(await start()).toMatchObject({ token: 'token-1', credits_available: 950 })
  expect(reserving).toHaveBeenCalledTimes(2)
  const { account, usage } = await books()
  expect(Object.keys(account.holds)).toEqual([key])
  expect(usage).toMatchObject([{ service: 'clip_transcription', creditsUsed: 0 }])
  await expectBooksToClose()
})

import { beforeEach, describe, expect, test } from 'vitest'
import { Problem } from '../../../../extension/messages/problem.ts'
import { openTranscriptStore } from '../../../../extension/transcript/indexed-db.ts'
import type { LiveOperation } from '../../../../extension/transcript/model.ts'
import { closeBrokenOff } from '../../../../extension/transcript/recovery.ts'
import type { TranscriptStore } from '../../../../extension/transcript/store.ts'
import { DomainError } from '../../../../src/domain/errors.ts'
import { createBackend, type TestBackend } from '../../support/test-backend.ts'
import { useFreshDatabases } from './fresh-database.ts'
import { account, operationOf, segmentOf, sessionOf } from './samples.ts'

/** The rules of the backend as they are, with the listener's store beside them. */
let backend: TestBackend
let userId: string
let store: TranscriptStore
let startedAtMs: number
/** Sessions that the engine has. */
let running: string[]
/** What the next stops fail with, each once. */
let failures: string[]
let stops: string[]

beforeEach(async () => {
  backend = createBackend()
  userId = backend.openAccount({ creditsBalance: 1_000 })
  useFreshDatabases()
  store = await openTranscriptStore()
  startedAtMs = backend.clock.nowMs
  running = []
  failures = []
  stops = []
})

const stopLive = async (operationId: string, endedAtMs?: number) => {
  stops.push(operationId)
  const code = failures.shift()
  if (code !== undefined) throw new Problem({ code, detail: 'As asked for.' })
  return backend.stops.stop(userId, operationId, endedAtMs).catch((error: unknown) => {
    throw error instanceof DomainError ? new Problem({ code: error.code, detail: error.message }) : error
  })
}

const recover = (signedIn: string | undefined = account) =>
  closeBrokenOff({
    store,
    account: signedIn,
    api: { stopLive },
    isRunning: async sessionId => running.includes(sessionId),
    nowMs: backend.clock.nowMs,
  })

/** Captions that ran for so many seconds when everything died. */
const breakOff = async (sessionId: string, seconds: number): Promise<LiveOperation> => {
  const operationId = backend.clock.id()
  await store.createSession(sessionOf(sessionId, { startedAtMs: backend.clock.nowMs }))
  await backend.live.start({ userId, operationId, requestHash: 'hash', language: undefined })
  const lastAudioAtMs = backend.clock.nowMs + seconds * 1_000
  const operation = operationOf(operationId, sessionId, { startedAtMs: backend.clock.nowMs, lastAudioAtMs })
  await store.putOperation(operation)
  return operation
}

const nothing = { own: [], others: [] }

const idsOf = (operations: readonly LiveOperation[]): string[] => operations.map(of => of.operationId)

describe('what a crash left open', () => {
  test('is charged up to its last sound when the browser starts again', async () => {
    const { lastAudioAtMs } = await breakOff('a', 100)
    backend.clock.advance(50 * 60_000)
    expect(await recover()).toEqual(nothing)
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 1_000 - 17, holds: {} })
    expect(await store.openOperations()).toEqual([])
    expect(await store.session('a')).toMatchObject({ endedAtMs: lastAudioAtMs, endReason: 'broken_off' })
  })

  test('is closed by a repeat where the answer to its stop was lost', async () => {
    const { operationId, lastAudioAtMs } = await breakOff('a', 100)
    backend.clock.advance(120_000)
    await backend.stops.stop(userId, operationId, lastAudioAtMs)
    backend.clock.advance(60_000)
    expect(await recover()).toEqual(nothing)
    expect(backend.account(userId).creditsBalance).toBe(1_000 - 17)
  })

  test('is closed though the backend had closed it itself, hours before', async () => {
    await breakOff('a', 100)
    backend.clock.advance(5 * 3_600_000)
    expect(await recover()).toEqual(nothing)
    expect(stops).toHaveLength(1)
    expect(await store.openOperations()).toEqual([])
  })

  test('is not asked about where it is a day old', async () => {
    await breakOff('a', 100)
    backend.clock.advance(24 * 3_600_000 + 101_000)
    expect(await recover()).toEqual(nothing)
    expect(stops).toEqual([])
    expect(await store.openOperations()).toEqual([])
  })

  test('is found at any number of sessions and operations', async () => {
    const first = await breakOff('a', 10)
    backend.clock.advance(11_000)
    await backend.stops.stop(userId, first.operationId, undefined)
    await breakOff('b', 20)
    backend.clock.advance(61_000)
    expect(await recover()).toEqual(nothing)
    expect(await store.openOperations()).toEqual([])
    expect(await store.openSessions()).toEqual([])
  })
})

describe('a session that was broken off', () => {
  test('ends with its last words where they are later than the last sound', async () => {
    await breakOff('a', 10)
    await store.appendSegment(segmentOf('a', 'one', 8_000, 12_000))
    backend.clock.advance(60_000)
    await recover()
    expect((await store.session('a'))?.endedAtMs).toBe(startedAtMs + 12_000)
  })

  test('that had not begun to be heard ends when it started', async () => {
    await store.createSession(sessionOf('a', { startedAtMs }))
    backend.clock.advance(60_000)
    await recover()
    expect((await store.session('a'))?.endedAtMs).toBe(startedAtMs)
  })

  test('never ends in the future, whatever the clock did', async () => {
    await store.createSession(sessionOf('a', { startedAtMs }))
    await store.appendSegment(segmentOf('a', 'one', 0, 90_000))
    backend.clock.advance(60_000)
    await recover()
    expect((await store.session('a'))?.endedAtMs).toBe(startedAtMs + 60_000)
  })

  test('keeps the end that it has', async () => {
    await store.createSession(sessionOf('a', { startedAtMs }))
    await store.endSession('a', startedAtMs + 1, 'tab_closed')
    await recover()
    expect((await store.session('a'))?.endReason).toBe('tab_closed')
  })
})

describe('captions that run', () => {
  test('are neither ended nor stopped', async () => {
    const operation = await breakOff('a', 100)
    running = ['a']
    backend.clock.advance(200_000)
    expect(await recover()).toEqual(nothing)
    expect(stops).toEqual([])
    expect(await store.openOperations()).toEqual([operation])
    expect(await store.openSessions()).toHaveLength(1)
  })

  test('may begin while others are closed', async () => {
    await breakOff('a', 10)
    backend.clock.advance(20_000)
    const isRunning = async (sessionId: string): Promise<boolean> => {
      if ((await store.session('b')) === undefined) {
        await store.createSession(sessionOf('b'))
        await store.putOperation(operationOf('of-b', 'b'))
      }
      return sessionId === 'b'
    }
    await closeBrokenOff({ store, account, api: { stopLive }, isRunning, nowMs: backend.clock.nowMs })
    expect(stops).not.toContain('of-b')
    expect(idsOf(await store.openOperations())).toEqual(['of-b'])
    expect((await store.openSessions()).map(session => session.sessionId)).toEqual(['b'])
  })
})

describe('what another account left open', () => {
  test('is neither stopped nor closed, and paid back when that one signs in again', async () => {
    const operation = await breakOff('a', 100)
    backend.clock.advance(120_000)
    expect(await recover('other@example.com https://api.example')).toEqual({ own: [], others: [operation] })
    expect(stops).toEqual([])
    expect(await store.openOperations()).toEqual([operation])
    expect(await store.openSessions()).toEqual([])
    expect(await recover()).toEqual(nothing)
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 1_000 - 17, holds: {} })
  })

  test('is closed after a day, when the backend has done so itself', async () => {
    await breakOff('a', 100)
    backend.clock.advance(24 * 3_600_000 + 101_000)
    expect(await recover('other@example.com https://api.example')).toEqual(nothing)
    expect(await store.openOperations()).toEqual([])
  })
})

describe('a backend that', () => {
  test.each([
    'offline',
    'unreachable',
    'unexpected_answer',
    'signed_out',
    'unauthenticated',
    'operation_in_progress',
    'too_many_requests',
    'internal',
    'upstream_failed',
  ])('answers %s is asked again later, and then pays back the rest', async code => {
    const { operationId } = await breakOff('a', 100)
    backend.clock.advance(120_000)
    failures = [code]
    expect(idsOf((await recover()).own)).toEqual([operationId])
    expect(idsOf(await store.openOperations())).toEqual([operationId])
    expect(await store.openSessions()).toEqual([])
    expect(await recover()).toEqual(nothing)
    expect(backend.account(userId).creditsBalance).toBe(1_000 - 17)
  })

  test('fails for one operation is asked about the others all the same', async () => {
    await store.putOperation(
      operationOf(backend.clock.id(), 'a', { startedAtMs, lastAudioAtMs: startedAtMs }),
    )
    await breakOff('b', 20)
    backend.clock.advance(61_000)
    failures = ['unreachable']
    expect((await recover()).own).toHaveLength(1)
    expect(stops).toHaveLength(2)
  })

  test('knows nothing of it has nothing to stop', async () => {
    await store.putOperation(
      operationOf(backend.clock.id(), 'a', { startedAtMs, lastAudioAtMs: startedAtMs }),
    )
    backend.clock.advance(61_000)
    expect(await recover()).toEqual(nothing)
    expect(await store.openOperations()).toEqual([])
  })

  test('knows nothing of it yet is asked again: its start may be on the way', async () => {
    const operationId = backend.clock.id()
    await store.putOperation(operationOf(operationId, 'a', { startedAtMs, lastAudioAtMs: startedAtMs }))
    backend.clock.advance(5_000)
    expect(idsOf((await recover()).own)).toEqual([operationId])
    await backend.live.start({ userId, operationId, requestHash: 'hash', language: undefined })
    backend.clock.advance(61_000)
    expect(await recover()).toEqual(nothing)
    expect(backend.account(userId).holds).toEqual({})
  })

  test('says that they are over is believed', async () => {
    await breakOff('a', 100)
    backend.clock.advance(120_000)
    failures = ['lease_over']
    expect(await recover()).toEqual(nothing)
    expect(await store.openOperations()).toEqual([])
  })
})

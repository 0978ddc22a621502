import * as fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { databaseName } from '../../../../extension/transcript/connection.ts'
import { openTranscriptStore } from '../../../../extension/transcript/indexed-db.ts'
import { schemaVersion } from '../../../../extension/transcript/schema.ts'
import type { TranscriptStore } from '../../../../extension/transcript/store.ts'
import { useFreshDatabases, watchConnections } from './fresh-database.ts'
import { operationOf, questionOf, segmentOf, sessionOf, startedAtMs } from './samples.ts'

let store: TranscriptStore

beforeEach(async () => {
  useFreshDatabases()
  store = await openTranscriptStore()
})

const textsOf = async (sessionId: string): Promise<string[]> =>
  (await store.segments(sessionId)).map(segment => segment.text)

describe('a session', () => {
  test('is kept as it was given, and listed newest first', async () => {
    const older = sessionOf('older')
    const newer = sessionOf('newer', {
      startedAtMs: startedAtMs + 1,
      page: { title: 'Live', url: 'https://www.twitch.tv/somebody', channel: 'somebody' },
    })
    await store.createSession(newer)
    await store.createSession(older)
    expect(await store.session('newer')).toEqual(newer)
    expect(await store.sessions()).toEqual([newer, older])
  })

  test('that is not there is undefined', async () => {
    expect(await store.session('none')).toBeUndefined()
  })

  test('ends once: a later end changes nothing', async () => {
    await store.createSession(sessionOf('a'))
    await Promise.all([
      store.endSession('a', startedAtMs + 10, 'stopped'),
      store.endSession('a', startedAtMs + 20, 'broken_off'),
    ])
    expect(await store.session('a')).toMatchObject({ endedAtMs: startedAtMs + 10, endReason: 'stopped' })
  })

  test('that is not there has no end', async () => {
    await store.endSession('none', startedAtMs, 'stopped')
    expect(await store.sessions()).toEqual([])
  })

  test('is open until its end', async () => {
    await store.createSession(sessionOf('a'))
    await store.createSession(sessionOf('b'))
    await store.endSession('a', startedAtMs, 'stopped')
    expect((await store.openSessions()).map(session => session.sessionId)).toEqual(['b'])
  })

  test('is deleted with what is its own, and with nothing of others', async () => {
    for (const id of ['a', 'b']) {
      await store.createSession(sessionOf(id))
      await store.appendSegment(segmentOf(id, `said in ${id}`))
      await store.putOperation(operationOf(`${id}-1`, id))
      await store.putRequest(questionOf(`${id}-question`, id))
    }
    await store.putRequest(questionOf('of-no-session', undefined))
    await store.deleteSession('a')
    expect((await store.sessions()).map(session => session.sessionId)).toEqual(['b'])
    expect(await store.segments('a')).toEqual([])
    expect(await store.requests('a')).toEqual([])
    expect(await textsOf('b')).toEqual(['said in b'])
    expect(await store.requests('b')).toHaveLength(1)
    expect(await store.requests(undefined)).toHaveLength(1)
  })

  test('that is deleted leaves operations that the backend must still be told of', async () => {
    await store.createSession(sessionOf('a'))
    await store.putOperation(operationOf('open', 'a'))
    await store.deleteSession('a')
    expect((await store.openOperations()).map(operation => operation.operationId)).toEqual(['open'])
  })
})

describe('segments', () => {
  test('are given in order, from an index on', async () => {
    await store.createSession(sessionOf('a'))
    for (const text of ['one', 'two', 'three']) await store.appendSegment(segmentOf('a', text))
    expect(await textsOf('a')).toEqual(['one', 'two', 'three'])
    expect((await store.segments('a', 1)).map(segment => segment.index)).toEqual([1, 2])
  })

  test('are numbered for each session on its own', async () => {
    await store.createSession(sessionOf('a'))
    await store.createSession(sessionOf('ab'))
    await store.appendSegment(segmentOf('a', 'one'))
    await store.appendSegment(segmentOf('a', 'two'))
    expect(await store.appendSegment(segmentOf('ab', 'one'))).toEqual({ ...segmentOf('ab', 'one'), index: 0 })
  })

  test('of a session that was deleted are refused, and leave nothing behind', async () => {
    await expect(store.appendSegment(segmentOf('none', 'one'))).rejects.toMatchObject({
      view: { code: 'transcript_deleted' },
    })
    expect(await store.segments('none')).toEqual([])
  })

  test('are numbered without holes or losses however two writers take turns', async () => {
    const turn = fc.record({ writer: fc.integer({ min: 0, max: 1 }), session: fc.constantFrom('a', 'b') })
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { maxLength: 30 }), fc.scheduler(), async (turns, scheduler) => {
        useFreshDatabases()
        const writers = [await openTranscriptStore(), await openTranscriptStore()]
        store = await openTranscriptStore()
        await store.createSession(sessionOf('a'))
        await store.createSession(sessionOf('b'))
        const appending = turns.map(async ({ writer, session }, index) => {
          await scheduler.schedule(Promise.resolve())
          return writers[writer]?.appendSegment(segmentOf(session, String(index)))
        })
        await scheduler.waitFor(Promise.all(appending))
        for (const session of ['a', 'b']) {
          const segments = await store.segments(session)
          const said = turns.flatMap((turn, index) => (turn.session === session ? [String(index)] : []))
          expect(segments.map(segment => segment.index)).toEqual([...said.keys()])
          expect(segments.map(segment => segment.text).sort()).toEqual(said.sort())
        }
      }),
      { numRuns: 30 },
    )
  })

  test('that are appended while their session is deleted are gone with it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 20 }), async deletedAfter => {
        useFreshDatabases()
        store = await openTranscriptStore()
        await store.createSession(sessionOf('a'))
        const appends = Array.from(
          { length: 20 },
          (_, index) => (): Promise<unknown> => store.appendSegment(segmentOf('a', String(index))),
        )
        const calls = appends.toSpliced(deletedAfter, 0, () => store.deleteSession('a'))
        await Promise.allSettled(calls.map(call => call()))
        expect(await store.segments('a')).toEqual([])
      }),
      { numRuns: 20 },
    )
  })
})

describe('an operation', () => {
  test('is replaced by a later one, and open until it is closed', async () => {
    const operation = operationOf('1', 'a')
    await store.putOperation(operation)
    await store.putOperation({ ...operation, lastAudioAtMs: startedAtMs + 9_000 })
    expect(await store.openOperations()).toEqual([{ ...operation, lastAudioAtMs: startedAtMs + 9_000 }])
    await store.putOperation({ ...operation, closedAtMs: startedAtMs + 10_000 })
    expect(await store.openOperations()).toEqual([])
  })

  test('that is closed stays so, whatever comes late', async () => {
    await store.putOperation(operationOf('1', 'a', { closedAtMs: startedAtMs }))
    await store.putOperation(operationOf('1', 'a'))
    expect(await store.openOperations()).toEqual([])
  })

  test('is listed with the others, oldest first', async () => {
    await store.putOperation(operationOf('1', 'a', { startedAtMs: startedAtMs + 1 }))
    await store.putOperation(operationOf('2', 'a'))
    expect((await store.openOperations()).map(operation => operation.operationId)).toEqual(['2', '1'])
  })
})

describe('requests', () => {
  test('are given as they were put, of one session or of none, oldest first', async () => {
    const later = questionOf('1', 'a', startedAtMs + 1)
    const earlier = questionOf('2', 'a')
    const ofChannel = questionOf('3', undefined)
    for (const request of [later, earlier, ofChannel]) await store.putRequest(request)
    expect(await store.requests('a')).toEqual([earlier, later])
    expect(await store.requests(undefined)).toEqual([ofChannel])
  })

  test('are replaced once they are answered', async () => {
    await store.putRequest(questionOf('1', 'a'))
    await store.putRequest({ ...questionOf('1', 'a'), answer: { answer: 'So.' } })
    expect(await store.requests('a')).toEqual([{ ...questionOf('1', 'a'), answer: { answer: 'So.' } }])
  })
})

test('everything can be forgotten', async () => {
  await store.createSession(sessionOf('a'))
  await store.appendSegment(segmentOf('a', 'one'))
  await store.putOperation(operationOf('1', 'a'))
  await store.putRequest(questionOf('2', 'a'))
  await store.clear()
  expect(await store.sessions()).toEqual([])
  expect(await store.segments('a')).toEqual([])
  expect(await store.openOperations()).toEqual([])
  expect(await store.requests('a')).toEqual([])
})

describe('the database', () => {
  const openRaw = (version: number) =>
    new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(databaseName, version)
      request.addEventListener('success', () => resolve(request.result))
      request.addEventListener('blocked', () => reject(new Error('blocked')))
      request.addEventListener('error', () => reject(request.error))
    })

  test('keeps its data when the browser starts again', async () => {
    await store.createSession(sessionOf('a'))
    await store.appendSegment(segmentOf('a', 'one'))
    store = await openTranscriptStore()
    expect(await textsOf('a')).toEqual(['one'])
  })

  test('is opened again after the browser closed it', async () => {
    useFreshDatabases()
    const connections = watchConnections()
    store = await openTranscriptStore()
    await store.createSession(sessionOf('a'))
    connections.closeAll()
    expect(await store.appendSegment(segmentOf('a', 'one'))).toMatchObject({ index: 0 })
    expect(await textsOf('a')).toEqual(['one'])
  })

  test('loses and doubles nothing when the browser closes it under a write', async () => {
    useFreshDatabases()
    const connections = watchConnections()
    store = await openTranscriptStore()
    await store.createSession(sessionOf('a'))
    const appending = ['one', 'two'].map(text => store.appendSegment(segmentOf('a', text)))
    await Promise.resolve()
    connections.closeAll()
    await Promise.all(appending)
    expect((await textsOf('a')).sort()).toEqual(['one', 'two'])
  })

  test('makes way for a newer version, which is not held up by pages that are open', async () => {
    const newer = await openRaw(schemaVersion + 1)
    newer.close()
    await expect(store.sessions()).rejects.toMatchObject({ view: { code: 'storage_failed' } })
  })

  test('makes way for its deletion, and begins anew', async () => {
    await store.createSession(sessionOf('a'))
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(databaseName)
      request.addEventListener('success', resolve)
      request.addEventListener('blocked', reject)
    })
    expect(await store.sessions()).toEqual([])
  })

  test('tells that there is no room, and writes again once there is', async () => {
    await store.createSession(sessionOf('a'))
    const add = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementationOnce(() => {
      throw new DOMException('', 'QuotaExceededError')
    })
    await expect(store.appendSegment(segmentOf('a', 'lost'))).rejects.toMatchObject({
      view: { code: 'storage_full' },
    })
    add.mockRestore()
    expect(await store.appendSegment(segmentOf('a', 'kept'))).toMatchObject({ index: 0 })
  })

  test('that can not be opened is told of, and tried again at the next call', async () => {
    useFreshDatabases()
    const open = vi.spyOn(indexedDB, 'open').mockImplementationOnce(() => {
      throw new DOMException('', 'SecurityError')
    })
    await expect(openTranscriptStore()).rejects.toMatchObject({ view: { code: 'storage_failed' } })
    open.mockRestore()
    await expect(openTranscriptStore()).resolves.toBeDefined()
  })
})

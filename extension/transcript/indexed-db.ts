import { Connection } from './connection.ts'
import type {
  AssistantRequest,
  EndReason,
  LiveOperation,
  TranscriptSegment,
  TranscriptSession,
} from './model.ts'
import { type StoredRequest, storeNames } from './schema.ts'
import { transcriptDeleted } from './storage-problem.ts'
import type { TranscriptStore } from './store.ts'

/**
 * The store in this browser's IndexedDB. Any number may be open at once, in any pages.
 *
 * Its methods throw a {@link Problem}: `storage_full`, `storage_failed`, or `transcript_deleted` for a segment of a
 * session that is not there.
 */
export async function openTranscriptStore(): Promise<TranscriptStore> {
  const connection = new Connection()
  await connection.open()
  return new IndexedDbTranscriptStore(connection)
}

class IndexedDbTranscriptStore implements TranscriptStore {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async createSession(session: TranscriptSession): Promise<void> {
    await this.#connection.transact(['sessions'], 'readwrite', async transaction => {
      await transaction.objectStore('sessions').add(session)
    })
  }

  async endSession(sessionId: string, endedAtMs: number, endReason: EndReason): Promise<void> {
    await this.#connection.transact(['sessions'], 'readwrite', async transaction => {
      const sessions = transaction.objectStore('sessions')
      const session = await sessions.get(sessionId)
      if (session === undefined || session.endedAtMs !== undefined) return
      await sessions.put({ ...session, endedAtMs, endReason })
    })
  }

  async sessions(): Promise<TranscriptSession[]> {
    const oldestFirst = await this.#connection.transact(['sessions'], 'readonly', transaction =>
      transaction.objectStore('sessions').index('startedAtMs').getAll(),
    )
    return oldestFirst.reverse()
  }

  async session(sessionId: string): Promise<TranscriptSession | undefined> {
    return this.#connection.transact(['sessions'], 'readonly', transaction =>
      transaction.objectStore('sessions').get(sessionId),
    )
  }

  async openSessions(): Promise<TranscriptSession[]> {
    return (await this.sessions()).filter(session => session.endedAtMs === undefined)
  }

  async deleteSession(sessionId: string): Promise<void> {
    await this.#connection.transact(storeNames, 'readwrite', async transaction => {
      const operations = transaction.objectStore('operations')
      const requests = transaction.objectStore('requests')
      const [ofSession, asked] = await Promise.all([
        operations.index('sessionId').getAll(sessionId),
        requests.index('sessionKey').getAllKeys(requestsOf(sessionId)),
      ])
      const closed = ofSession.filter(operation => operation.closedAtMs !== undefined)
      await Promise.all([
        transaction.objectStore('sessions').delete(sessionId),
        transaction.objectStore('segments').delete(segmentsOf(sessionId)),
        ...closed.map(operation => operations.delete(operation.operationId)),
        ...asked.map(operationId => requests.delete(operationId)),
      ])
    })
  }

  /** Two that append at once follow one another: transactions that write a store do. */
  async appendSegment(segment: Omit<TranscriptSegment, 'index'>): Promise<TranscriptSegment> {
    return this.#connection.transact(['sessions', 'segments'], 'readwrite', async transaction => {
      const segments = transaction.objectStore('segments')
      const [session, last] = await Promise.all([
        transaction.objectStore('sessions').getKey(segment.sessionId),
        segments.openKeyCursor(segmentsOf(segment.sessionId), 'prev'),
      ])
      if (session === undefined) throw transcriptDeleted()
      const appended = { ...segment, index: last === null ? 0 : last.key[1] + 1 }
      await segments.add(appended)
      return appended
    })
  }

  async segments(sessionId: string, fromIndex = 0): Promise<TranscriptSegment[]> {
    return this.#connection.transact(['segments'], 'readonly', transaction =>
      transaction.objectStore('segments').getAll(segmentsOf(sessionId, fromIndex)),
    )
  }

  async putOperation(operation: LiveOperation): Promise<void> {
    await this.#connection.transact(['operations'], 'readwrite', async transaction => {
      const operations = transaction.objectStore('operations')
      const stored = await operations.get(operation.operationId)
      if (stored?.closedAtMs !== undefined) return
      await operations.put(operation)
    })
  }

  async openOperations(): Promise<LiveOperation[]> {
    const operations = await this.#connection.transact(['operations'], 'readonly', transaction =>
      transaction.objectStore('operations').getAll(),
    )
    return operations
      .filter(operation => operation.closedAtMs === undefined)
      .sort((one, other) => one.startedAtMs - other.startedAtMs)
  }

  async putRequest(request: AssistantRequest): Promise<void> {
    await this.#connection.transact(['requests'], 'readwrite', async transaction => {
      await transaction
        .objectStore('requests')
        .put({ ...request, sessionKey: sessionKeyOf(request.sessionId) })
    })
  }

  async requests(sessionId: string | undefined): Promise<AssistantRequest[]> {
    const stored = await this.#connection.transact(['requests'], 'readonly', transaction =>
      transaction.objectStore('requests').index('sessionKey').getAll(requestsOf(sessionId)),
    )
    return stored.map(requestOf)
  }

  async clear(): Promise<void> {
    await this.#connection.transact(storeNames, 'readwrite', async transaction => {
      await Promise.all(storeNames.map(name => transaction.objectStore(name).clear()))
    })
  }
}

const segmentsOf = (sessionId: string, fromIndex = 0): IDBKeyRange =>
  IDBKeyRange.bound([sessionId, fromIndex], [sessionId, Number.POSITIVE_INFINITY])

const sessionKeyOf = (sessionId: string | undefined): string => sessionId ?? ''

const requestsOf = (sessionId: string | undefined): IDBKeyRange => {
  const sessionKey = sessionKeyOf(sessionId)
  return IDBKeyRange.bound([sessionKey, 0], [sessionKey, Number.POSITIVE_INFINITY])
}

const requestOf = ({ sessionKey: _, ...request }: StoredRequest): AssistantRequest => request

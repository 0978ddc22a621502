import type { DBSchema, IDBPDatabase } from 'idb'
import type { AssistantRequest, LiveOperation, TranscriptSegment, TranscriptSession } from './model.ts'

/** A request as it is stored: the index needs a value where there is no session. */
export type StoredRequest = AssistantRequest & { readonly sessionKey: string }

/** What the database holds. */
export interface TranscriptSchema extends DBSchema {
  sessions: { key: string; value: TranscriptSession; indexes: { startedAtMs: number } }
  segments: { key: [sessionId: string, index: number]; value: TranscriptSegment }
  operations: { key: string; value: LiveOperation; indexes: { sessionId: string } }
  requests: {
    key: string
    value: StoredRequest
    indexes: { sessionKey: [sessionKey: string, askedAtMs: number] }
  }
}

export type StoreName = 'sessions' | 'segments' | 'operations' | 'requests'
export const storeNames: StoreName[] = ['sessions', 'segments', 'operations', 'requests']

/**
 * What leads from each version of the database to the next: the first makes version 1 from nothing. Steps are added,
 * never changed: somebody's data is at every version that was ever released.
 */
const steps: readonly ((db: IDBPDatabase<TranscriptSchema>) => void)[] = [
  db => {
    db.createObjectStore('sessions', { keyPath: 'sessionId' }).createIndex('startedAtMs', 'startedAtMs')
    db.createObjectStore('segments', { keyPath: ['sessionId', 'index'] })
    db.createObjectStore('operations', { keyPath: 'operationId' }).createIndex('sessionId', 'sessionId')
    db.createObjectStore('requests', { keyPath: 'operationId' }).createIndex('sessionKey', [
      'sessionKey',
      'askedAtMs',
    ])
  },
]

export const schemaVersion = steps.length

/** Brings a database from its version to the present one, in the transaction that its opening runs. */
export function upgrade(db: IDBPDatabase<TranscriptSchema>, fromVersion: number): void {
  for (const step of steps.slice(fromVersion)) step(db)
}

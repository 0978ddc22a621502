import type {
  AssistantRequest,
  EndReason,
  LiveOperation,
  TranscriptSegment,
  TranscriptSession,
} from './model.ts'

/**
 * All that is kept of captions on this machine, in IndexedDB: every page of the extension, the offscreen document and
 * the service worker read it. A method's promise is fulfilled once the data is on the disk.
 *
 * Every method throws a `Problem` where the data can't be had: `storage_full` or `storage_failed`.
 */
export interface TranscriptStore {
  createSession(session: TranscriptSession): Promise<void>
  /** Sets the end once; a later end changes nothing. */
  endSession(sessionId: string, endedAtMs: number, reason: EndReason): Promise<void>
  /** Newest first. */
  sessions(): Promise<TranscriptSession[]>
  session(sessionId: string): Promise<TranscriptSession | undefined>
  /** Sessions that have no end. */
  openSessions(): Promise<TranscriptSession[]>
  /** With its segments, operations that are closed, and requests. */
  deleteSession(sessionId: string): Promise<void>

  /**
   * Appends and gives the index; the next one's follows.
   *
   * @throws {Problem} `transcript_deleted` where there is no such session
   */
  appendSegment(segment: Omit<TranscriptSegment, 'index'>): Promise<TranscriptSegment>
  /** In order, from an index on. */
  segments(sessionId: string, fromIndex?: number): Promise<TranscriptSegment[]>

  /** A later one replaces it, until it is closed: that stays. */
  putOperation(operation: LiveOperation): Promise<void>
  /** Those without `closedAtMs`, oldest first. */
  openOperations(): Promise<LiveOperation[]>

  putRequest(request: AssistantRequest): Promise<void>
  /** Of a session, or those without one; oldest first. */
  requests(sessionId: string | undefined): Promise<AssistantRequest[]>

  /** Forgets everything. */
  clear(): Promise<void>
}

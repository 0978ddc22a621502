import type { SessionDependencies } from '../../../../../extension/captions/session.ts'
import type {
  LiveOperation,
  TranscriptSegment,
  TranscriptSession,
} from '../../../../../extension/transcript/model.ts'

/** What captions need of the transcript store, in memory: fake time has no place in IndexedDB. */
export class MemoryStore {
  readonly sessions = new Map<string, TranscriptSession>()
  readonly segments: TranscriptSegment[] = []
  readonly operations = new Map<string, LiveOperation>()
  /** How many of the next writes of a segment fail. */
  failingAppends = 0

  readonly #part: SessionDependencies['store'] = {
    createSession: async session => void this.sessions.set(session.sessionId, session),
    endSession: async (sessionId, endedAtMs, endReason) => {
      const session = this.sessions.get(sessionId)
      if (session) this.sessions.set(sessionId, { ...session, endedAtMs, endReason })
    },
    appendSegment: async segment => {
      if (this.failingAppends-- > 0) throw new Error('The disk is full.')
      const index = this.segments.filter(({ sessionId }) => sessionId === segment.sessionId).length
      const stored = { ...segment, index }
      this.segments.push(stored)
      return stored
    },
    putOperation: async operation => void this.operations.set(operation.operationId, operation),
    openOperations: async () =>
      [...this.operations.values()].filter(({ closedAtMs }) => closedAtMs === undefined),
  }

  createSession = this.#part.createSession
  endSession = this.#part.endSession
  appendSegment = this.#part.appendSegment
  putOperation = this.#part.putOperation
  openOperations = this.#part.openOperations

  /** The transcript as it reads; a gap is `[reason]`. */
  get text(): string {
    return this.segments.map(({ kind, text, reason }) => (kind === 'gap' ? `[${reason}]` : text)).join(' ')
  }
}

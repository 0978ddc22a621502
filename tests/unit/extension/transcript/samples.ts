import type {
  AssistantRequest,
  LiveOperation,
  TranscriptSegment,
  TranscriptSession,
} from '../../../../extension/transcript/model.ts'

export const startedAtMs = Date.UTC(2026, 9, 8, 12)

/** Who is signed in, where no other is named. */
export const account = 'listener@example.com https://api.example'

export const sessionOf = (
  sessionId: string,
  changes: Partial<TranscriptSession> = {},
): TranscriptSession => ({
  sessionId,
  page: { title: 'A talk', url: 'https://example.com/talk' },
  startedAtMs,
  ...changes,
})

export const segmentOf = (
  sessionId: string,
  text: string,
  startMs = 0,
  endMs = startMs + 1_000,
): Omit<TranscriptSegment, 'index'> => ({ sessionId, startMs, endMs, kind: 'speech', text })

export const operationOf = (
  operationId: string,
  sessionId: string,
  changes: Partial<LiveOperation> = {},
): LiveOperation => ({
  operationId,
  account,
  sessionId,
  startedAtMs,
  lastAudioAtMs: startedAtMs + 5_000,
  ...changes,
})

export const questionOf = (
  operationId: string,
  sessionId: string | undefined,
  askedAtMs = startedAtMs,
): AssistantRequest => ({
  operationId,
  account,
  ...(sessionId === undefined ? {} : { sessionId }),
  askedAtMs,
  body: { kind: 'ask', question: 'Why?', fromMs: 0, toMs: 1_000 },
})

import type { AssistantRequest } from '../../../../../extension/transcript/model.ts'

type Changes = Partial<Omit<AssistantRequest, 'body' | 'operationId'>>

/** Who asked. */
export const account = 'listener@example.com https://api.example'
const stretch = { fromMs: 0, toMs: 60_000 }
const about = (operationId: string, changes: Changes) => ({
  operationId,
  account,
  sessionId: 'a',
  askedAtMs: 1_000_000,
  ...changes,
})

export const question = (operationId: string, changes: Changes = {}): AssistantRequest => ({
  ...about(operationId, changes),
  body: { kind: 'ask', question: 'Who was he?', ...stretch },
})

export const catchup = (operationId: string, changes: Changes = {}): AssistantRequest => ({
  ...about(operationId, changes),
  body: { kind: 'catchup_transcript', ...stretch },
})

/** Of a channel that was not captioned. */
export const channelCatchup = (operationId: string): AssistantRequest => ({
  operationId,
  account,
  askedAtMs: 1_000_000,
  body: { kind: 'catchup_channel', channel: 'speaks', minutes: 30 },
})

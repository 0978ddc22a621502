import * as z from 'zod'
import { segmentSchema } from '../contracts/transcription.ts'
import { windowSchema } from '../domain/recording-window.ts'

const attempt = { userId: z.string(), operationId: z.string(), holdExpiresAtMs: z.int() }

/** What the function that fetches a channel's sound is invoked with. */
export const channelJobSchema = z.object({
  kind: z.literal('channel'),
  ...attempt,
  channel: z.string(),
  minutes: z.int(),
})

/** What the function that summarises is invoked with. */
export const summaryJobSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('segments'), ...attempt, segments: z.array(segmentSchema) }),
  z.object({
    kind: z.literal('transcript'),
    ...attempt,
    requestHash: z.string(),
    window: windowSchema,
    transcriptId: z.string(),
  }),
])

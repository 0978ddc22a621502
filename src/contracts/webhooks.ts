import * as z from 'zod'

/** What AssemblyAI posts when a transcript has ended. */
export const transcriptCallbackSchema = z
  .object({ transcript_id: z.string().min(1).max(100), status: z.string() })
  .meta({ id: 'TranscriptCallback' })

/** What we put into the address that AssemblyAI calls back, whatever the job was. */
export const transcriptCallbackQuerySchema = z.object({
  kind: z.enum(['clip', 'catchup']).meta({ description: 'What else stands in the address depends on it' }),
  user_id: z.string().min(1),
  operation_id: z.uuidv7(),
  /** Which attempt of the operation the job was for. */
  hold_expires_at_ms: z.coerce.number().int(),
  request_hash: z.string().min(1).max(50),
})

const milliseconds = z.string().regex(/^\d+$/).transform(Number)

/** The same, with what it says of a clip, or of the stretch of a channel's recording. */
export const jobCallbackQuerySchema = z.discriminatedUnion('kind', [
  transcriptCallbackQuerySchema.extend({ kind: z.literal('clip'), audio_ms: milliseconds }),
  transcriptCallbackQuerySchema.extend({
    kind: z.literal('catchup'),
    channel: z.string().min(1),
    video_id: z.string().min(1),
    recorded_at: z.string().min(1),
    is_live: z.enum(['true', 'false']),
    from_ms: milliseconds,
    to_ms: milliseconds,
    muted_ms: milliseconds,
  }),
])

/** What a webhook is answered once it has done what it came for. */
export const webhookResponseSchema = z.object({ received: z.literal(true) }).meta({ id: 'Received' })

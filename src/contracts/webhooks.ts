import * as z from 'zod'

/** What AssemblyAI posts when a transcript has ended. */
export const transcriptCallbackSchema = z
  .object({ transcript_id: z.string().min(1).max(100), status: z.string() })
  .meta({ id: 'TranscriptCallback' })

/** What we put into the address that AssemblyAI calls back. */
export const transcriptCallbackQuerySchema = z.object({
  user_id: z.string().min(1),
  operation_id: z.uuidv7(),
  /** Which attempt of the operation the job was for. */
  hold_expires_at_ms: z.coerce.number().int(),
  request_hash: z.string().min(1).max(50),
  audio_ms: z.coerce.number().int().nonnegative(),
})

/** What a webhook is answered once it has done what it came for. */
export const webhookResponseSchema = z.object({ received: z.literal(true) }).meta({ id: 'Received' })

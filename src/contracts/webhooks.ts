import * as z from 'zod'
import { recordingSchema } from './transcription.ts'

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

/** A clip of 4.5 MB is hours long at most. */
const milliseconds = z
  .string()
  .regex(/^\d+$/)
  .transform(Number)
  .pipe(z.int().max(49 * 3_600_000))

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue('Must be JSON.')
    return z.NEVER
  }
})

/** The same, with what it says of a clip, or of the stretch of a channel's recording. */
export const jobCallbackQuerySchema = z.discriminatedUnion('kind', [
  transcriptCallbackQuerySchema.extend({ kind: z.literal('clip'), audio_ms: milliseconds }),
  transcriptCallbackQuerySchema.extend({ kind: z.literal('catchup'), recording: json.pipe(recordingSchema) }),
])

/** What a webhook is answered once it has done what it came for. */
export const webhookResponseSchema = z.object({ received: z.literal(true) }).meta({ id: 'Received' })

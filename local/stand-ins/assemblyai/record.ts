import * as z from 'zod'
import { TranscriptRequest } from './request.ts'

const Word = z.object({
  text: z.string(),
  start: z.int(),
  end: z.int(),
  confidence: z.number(),
  speaker: z.null(),
})

/** What was recognised. `audio_duration` is the whole file's, in seconds, rounded up. */
const Result = z.object({
  text: z.string(),
  words: z.array(Word),
  confidence: z.number(),
  audio_duration: z.int(),
})
export type Result = z.infer<typeof Result>

/** One try to deliver a webhook: the status that was answered, or why there was none. */
const WebhookTry = z.object({
  at: z.iso.datetime(),
  status_code: z.int().nullable(),
  error: z.string().nullable(),
})

/**
 * The delivery of a transcript's webhook: `none` was asked for, it is `waiting` for the transcript's end, `pending`
 * until it is `delivered`, or `given_up`.
 */
const Webhook = z.object({
  state: z.enum(['none', 'waiting', 'pending', 'delivered', 'given_up']),
  tries: z.array(WebhookTry),
  next_try_at: z.iso.datetime().nullable(),
})

/** A transcript as the stand-in keeps it. */
export const TranscriptRecord = z.object({
  id: z.uuid(),
  created_at: z.iso.datetime(),
  completed_at: z.iso.datetime().nullable(),
  request: TranscriptRequest,
  status: z.enum(['queued', 'processing', 'completed', 'error']),
  error: z.string().nullable(),
  result: Result.nullable(),
  /** It is not finished before this. */
  not_before: z.iso.datetime(),
  /** It was told to fail by the control. */
  is_to_fail: z.boolean(),
  webhook: Webhook,
})
export type TranscriptRecord = z.infer<typeof TranscriptRecord>

/** All that the stand-in keeps, oldest transcript first. */
export const Transcripts = z.object({ transcripts: z.array(TranscriptRecord) })
export type Transcripts = z.infer<typeof Transcripts>

/** Whether its end is still to come. */
export function isUnfinished(record: TranscriptRecord): boolean {
  return record.status === 'queued' || record.status === 'processing'
}

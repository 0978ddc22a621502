import * as z from 'zod'
import { jobErrorCodes } from './job-errors.ts'

/** API Gateway hands Lambda at most 6 MB, a third of which base64 takes up. */
export const maxClipBytes = 4_500_000
/** An asynchronous Lambda invocation carries at most 1 MB; this leaves room for JSON around the text. */
export const maxTranscriptCharacters = 300_000
const maxSegments = 10_000

const milliseconds = z
  .int()
  .min(0)
  .max(48 * 3_600_000)

export const segmentSchema = z
  .object({
    start_ms: milliseconds,
    end_ms: milliseconds,
    text: z.string().trim().min(1).max(5_000),
    speaker: z.string().trim().min(1).max(100).optional(),
  })
  .refine(segment => segment.end_ms >= segment.start_ms, 'A segment must not end before it starts.')
  .meta({ id: 'Segment', description: 'What was said, and when; it must not end before it starts' })

const segmentsSchema = z
  .array(segmentSchema)
  .min(1, 'Give at least one segment of the transcript.')
  .max(maxSegments)
  .refine(
    segments =>
      segments.reduce((total, { text, speaker = '' }) => total + text.length + speaker.length, 0) <=
      maxTranscriptCharacters,
    `The transcript and its speakers may have at most ${maxTranscriptCharacters} characters: send a part of it.`,
  )
  .meta({ description: `At most ${maxTranscriptCharacters} characters of text in all` })

export const askRequestSchema = z
  .object({ question: z.string().trim().min(1).max(1_000), segments: segmentsSchema })
  .meta({ id: 'AskRequest' })

export const answerSchema = z.object({
  answer: z.string(),
  cited: z.array(z.int()).meta({ description: 'start_ms of the segments that the answer rests on' }),
})

export const askResponseSchema = answerSchema
  .extend({
    operation_id: z.string(),
    credits_used: z.int(),
    credits_available: z.int(),
  })
  .meta({ id: 'Answer' })

export const wordSchema = z
  .object({ text: z.string(), start_ms: z.int(), end_ms: z.int(), confidence: z.number().min(0).max(1) })
  .meta({ id: 'Word' })

/** A failure of a job that was answered with 202. Nothing was charged for it. */
export const jobErrorSchema = z
  .object({ code: z.enum(jobErrorCodes), detail: z.string() })
  .meta({ id: 'JobError' })

const processingSchema = z
  .object({ operation_id: z.string(), status: z.literal('processing'), credits_held: z.int() })
  .meta({ id: 'Processing' })

const clipCompletedSchema = z
  .object({
    operation_id: z.string(),
    status: z.literal('completed'),
    text: z.string(),
    words: z.array(wordSchema),
    audio_seconds: z.number(),
    credits_used: z.int(),
    credits_available: z.int(),
  })
  .meta({ id: 'ClipTranscript' })

const clipFailedSchema = z
  .object({ operation_id: z.string(), status: z.literal('failed'), error: jobErrorSchema })
  .meta({ id: 'ClipFailed' })

export const clipResponseSchema = z.discriminatedUnion('status', [
  clipCompletedSchema,
  processingSchema,
  clipFailedSchema,
])

export const transcriptCatchupRequestSchema = z
  .object({ segments: segmentsSchema })
  .meta({ id: 'TranscriptCatchupRequest' })

export const channelCatchupRequestSchema = z
  .object({
    channel: z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^[a-z0-9_]{2,25}$/, "Give the channel's name as it stands in its address on Twitch.")
      .meta({ description: "A Twitch channel's login" }),
    minutes: z
      .int()
      .min(5)
      .max(120)
      .meta({ description: 'How far back to go from now; less where the stream is younger' }),
  })
  .meta({ id: 'ChannelCatchupRequest' })

export const catchupRequestSchema = z
  .union([transcriptCatchupRequestSchema, channelCatchupRequestSchema])
  .meta({ id: 'CatchupRequest' })

export const catchupAcceptedSchema = z
  .object({
    operation_id: z.string(),
    status: z.enum(['processing', 'completed']),
    credits_held: z.int(),
  })
  .meta({ id: 'CatchupAccepted' })

export const summarySchema = z
  .object({ headline: z.string(), points: z.array(z.object({ at_ms: z.int(), text: z.string() })) })
  .meta({ id: 'Summary' })

/** Twitch's recordings end after 48 hours. */
const recordingMs = z
  .int()
  .min(0)
  .max(49 * 3_600_000)

/** Which stretch of which recording a channel's catch-up is about: as answered, called back with, handed on and kept. */
export const recordingSchema = z
  .object({
    channel: z.string().min(1),
    video_id: z.string().min(1).meta({ description: "The recording's id on Twitch" }),
    recorded_at: z.iso.datetime().meta({ description: 'When the recording began' }),
    is_live: z.boolean().meta({ description: 'Whether it records what was on air at the time' }),
    from_ms: recordingMs.meta({ description: "Like every `at_ms`, from the recording's start" }),
    to_ms: recordingMs,
    muted_ms: recordingMs.meta({ description: 'What Twitch has muted of it: not charged' }),
  })
  .meta({ id: 'Recording' })

export const catchupResponseSchema = z
  .object({
    operation_id: z.string(),
    status: z.enum(['processing', 'completed', 'failed']),
    stage: z.enum(['finding', 'fetching', 'transcribing', 'summarising', 'completed', 'failed']),
    progress: z
      .object({ minutes_done: z.int(), minutes_total: z.int() })
      .optional()
      .meta({ description: 'While `stage` is `fetching`' }),
    recording: recordingSchema.optional(),
    summary: summarySchema.optional(),
    credits_used: z.int().optional(),
    error: jobErrorSchema.optional(),
  })
  .meta({ id: 'Catchup' })

export type Segment = z.infer<typeof segmentSchema>
export type Word = z.infer<typeof wordSchema>
export type Summary = z.infer<typeof summarySchema>
export type JobError = z.infer<typeof jobErrorSchema>
export type Answer = z.infer<typeof answerSchema>
export type AskRequest = z.infer<typeof askRequestSchema>
export type AskResponse = z.infer<typeof askResponseSchema>
export type ClipResponse = z.infer<typeof clipResponseSchema>
export type ChannelCatchupRequest = z.infer<typeof channelCatchupRequestSchema>
export type Recording = z.infer<typeof recordingSchema>
export type CatchupAccepted = z.infer<typeof catchupAcceptedSchema>
export type CatchupResponse = z.infer<typeof catchupResponseSchema>

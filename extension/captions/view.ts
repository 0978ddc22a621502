import * as z from 'zod'
import { endReasons } from '../transcript/model.ts'

/** Something that went wrong, as every screen is told of it. `code` chooses the sentence; `detail` is the API's own. */
export const problemViewSchema = z.object({
  /** An error code of the API, or one of the extension's own. */
  code: z.string(),
  detail: z.string(),
  requiredCredits: z.int().optional(),
  availableCredits: z.int().optional(),
  retryAfterSeconds: z.int().optional(),
  /** Of `live_already_open`: the captions that are open. */
  operationId: z.string().optional(),
  /** Of `wrong_lease`: the lease in force. */
  lease: z.int().optional(),
})

/** Problems that the API has no code for. */
export const extensionProblemCodes = [
  'offline',
  'unreachable',
  'unexpected_answer',
  'signed_out',
  'consent_needed',
  'permission_needed',
  'page_refused',
  'capture_refused',
  'captions_elsewhere',
  'engine_failed',
  'stopped_before',
  'storage_full',
  'storage_failed',
  'transcript_deleted',
] as const

/** Where captions stand, as every screen shows it. */
export const captionStateSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('starting') }),
  z.object({ name: z.literal('live') }),
  /** Nothing is heard: no lease is renewed, and the first sound starts them again. */
  z.object({ name: z.literal('paused') }),
  /** The line is broken. What is heard meanwhile is kept, up to a bound. */
  z.object({ name: z.literal('reconnecting'), sinceMs: z.number(), bufferedSeconds: z.number() }),
  z.object({ name: z.literal('stopping') }),
  z.object({
    name: z.literal('ended'),
    reason: z.enum(endReasons),
    problem: problemViewSchema.optional(),
    /** What the backend says they cost, once it knows. */
    creditsUsed: z.int().optional(),
  }),
])

/** One of the warnings about credits: each is given once a session. */
export const creditWarningSchema = z.enum(['half', 'three_quarters', 'nine_tenths', 'last_minute'])

export const sessionViewSchema = z.object({
  sessionId: z.string(),
  tabId: z.int(),
  page: z.object({ title: z.string(), url: z.string(), channel: z.string().exactOptional() }),
  startedAtMs: z.number(),
  state: captionStateSchema,
  /** What is said now and not final yet; empty where nothing is. */
  partialText: z.string(),
  /** From the session's start. */
  partialStartMs: z.number(),
  /** What is wrong while captions run: what is said is shown, and can't be stored. */
  problem: problemViewSchema.optional(),
  /** The last warning that was given. */
  warning: creditWarningSchema.optional(),
  /** Seconds of captions that the credits still pay for, this lease's included; absent until it is known. */
  secondsLeft: z.number().optional(),
})

export type ProblemView = z.infer<typeof problemViewSchema>
export type CaptionState = z.infer<typeof captionStateSchema>
export type CreditWarning = z.infer<typeof creditWarningSchema>
export type SessionView = z.infer<typeof sessionViewSchema>

import * as z from 'zod'
import { AssemblyAiError } from './errors.ts'

/** Parts of the API that the stand-in does not have. Asking for them is refused, so that nothing is left out unseen. */
const MISSING_FEATURES = [
  'auto_chapters',
  'auto_highlights',
  'content_safety',
  'entity_detection',
  'filter_profanity',
  'iab_categories',
  'multichannel',
  'redact_pii',
  'sentiment_analysis',
  'summarization',
] as const

const Milliseconds = z.int().min(0)
/** RFC 9110's token. */
const HeaderName = z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/)
const HttpUrl = z.url({ protocol: /^https?$/ })

/** Model names change every few months, so the family is checked and not the version. */
const SpeechModel = z.string().regex(/^(universal|slam)(-[a-z0-9]+)*$/)

/** The body of `POST /v2/transcript`, as far as the stand-in uses it; the SDK's `TranscriptParams`. */
export const TranscriptRequest = z.object({
  audio_url: HttpUrl,
  speech_models: z.array(SpeechModel).min(1).default(['universal-3-pro', 'universal-2']),
  language_code: z.string().nullish(),
  language_detection: z.boolean().default(false),
  speaker_labels: z.boolean().default(false),
  speakers_expected: z.int().min(1).max(10).nullish(),
  audio_start_from: Milliseconds.nullish(),
  audio_end_at: Milliseconds.nullish(),
  keyterms_prompt: z.array(z.string()).optional(),
  webhook_url: HttpUrl.nullish(),
  webhook_auth_header_name: HeaderName.nullish(),
  webhook_auth_header_value: z.string().min(1).nullish(),
})
export type TranscriptRequest = z.infer<typeof TranscriptRequest>

/** The query of `GET /v2/transcript`; the SDK's `ListTranscriptParams`. */
const ListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(10),
  status: z.enum(['queued', 'processing', 'completed', 'error']).optional(),
  created_on: z.iso.date().optional(),
  before_id: z.string().optional(),
  after_id: z.string().optional(),
})
export type ListQuery = z.infer<typeof ListQuery>

/** @throws AssemblyAiError 400 that says what is wrong */
export function parseTranscriptRequest(body: unknown): TranscriptRequest {
  const parsed = TranscriptRequest.safeParse(body)
  if (!parsed.success) throw badRequest(parsed.error)
  refuseMissingFeatures(body)
  refuseContradictions(parsed.data)
  return parsed.data
}

/** @throws AssemblyAiError 400 that says what is wrong */
export function parseListQuery(query: unknown): ListQuery {
  const parsed = ListQuery.safeParse(query)
  if (!parsed.success) throw badRequest(parsed.error)
  return parsed.data
}

function refuseMissingFeatures(body: unknown): void {
  const asked =
    z.partialRecord(z.enum(MISSING_FEATURES), z.unknown()).safeParse(pickFeatures(body)).data ?? {}
  const missing = MISSING_FEATURES.find(feature => asked[feature] === true)
  if (missing) throw new AssemblyAiError(400, `${missing} is not available in the stand-in`)
}

function pickFeatures(body: unknown): Record<string, unknown> {
  const entries = z.record(z.string(), z.unknown()).parse(body)
  return Object.fromEntries(MISSING_FEATURES.map(feature => [feature, entries[feature]]))
}

function refuseContradictions(request: TranscriptRequest): void {
  const { audio_start_from: start, audio_end_at: end, language_code: language } = request
  if (start != null && end != null && end <= start) {
    throw new AssemblyAiError(400, 'audio_end_at must be greater than audio_start_from')
  }
  if (Boolean(request.webhook_auth_header_name) !== Boolean(request.webhook_auth_header_value)) {
    throw new AssemblyAiError(
      400,
      'webhook_auth_header_name and webhook_auth_header_value must be set together',
    )
  }
  if (language != null && !/^en(_|$)/.test(language)) {
    throw new AssemblyAiError(400, `The stand-in understands English only, not language_code ${language}`)
  }
}

function badRequest(error: z.ZodError): AssemblyAiError {
  const [issue] = error.issues
  if (issue?.path[0] === 'speech_models') {
    return new AssemblyAiError(
      400,
      '"speech_models" must be a non-empty list containing one or more of: "universal-3-pro", "universal-2", "universal-3-5-pro"',
    )
  }
  const field = issue?.path.join('.') || 'The request'
  return new AssemblyAiError(400, `${field}: ${issue?.message ?? 'not valid'}`)
}

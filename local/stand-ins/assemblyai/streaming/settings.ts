import * as z from 'zod'
import { badQuery, invalidMessage } from './failure.ts'

/** The models of the SDK's types. */
const SpeechModel = z.enum([
  'universal-streaming-english',
  'universal-streaming-multilingual',
  'u3-rt-pro',
  'u3-rt-pro-beta-1',
  'whisper-rt',
  'universal-3-5-pro',
  'universal-3-6',
  'universal-3-6-pro',
  'u3-pro',
])

const Flag = z.enum(['true', 'false', 'True', 'False']).transform(text => text.toLowerCase() === 'true')
const Silence = z.coerce.number().min(0).max(60_000)
const Fraction = z.coerce.number().min(0).max(1)

/** The query of the WebSocket's address, as far as the stand-in uses it or can say that it does not. */
const Query = z.object({
  speech_model: SpeechModel,
  sample_rate: z.coerce.number().int().min(8_000).max(48_000),
  encoding: z.enum(['pcm_s16le', 'pcm_mulaw']).default('pcm_s16le'),
  format_turns: Flag.default(false),
  inactivity_timeout: z.coerce.number().int().min(5).max(3_600).optional(),
  min_turn_silence: Silence.optional(),
  min_end_of_turn_silence_when_confident: Silence.optional(),
  max_turn_silence: Silence.default(1_280),
  end_of_turn_confidence_threshold: Fraction.default(0.4),
  language_code: z.string().optional(),
  language_codes: z.string().optional(),
  speaker_labels: Flag.optional(),
  redact_pii: Flag.optional(),
  llm_gateway: z.string().optional(),
})

/** How a session listens and speaks. The silences and the format may change while it lasts. */
export type SessionSettings = {
  speechModel: z.infer<typeof SpeechModel>
  sampleRate: number
  encoding: 'pcm_s16le' | 'pcm_mulaw'
  formatTurns: boolean
  inactivityTimeoutSeconds: number | undefined
  minTurnSilenceMs: number
  maxTurnSilenceMs: number
  endOfTurnConfidenceThreshold: number
}

/** AssemblyAI's default for Universal-Streaming. */
const MIN_TURN_SILENCE_MS = 400

/** Shorter pauses are in the middle of words. */
const SHORTEST_PAUSE_MS = 100

/** @throws SessionFailure that says what is wrong */
export function parseSettings(query: unknown): SessionSettings {
  const parsed = Query.safeParse(query)
  if (!parsed.success) throw badQuery(describe(parsed.error))
  const { data } = parsed
  refuseWhatIsMissing(data)
  return {
    speechModel: data.speech_model,
    sampleRate: data.sample_rate,
    encoding: data.encoding,
    formatTurns: data.format_turns,
    inactivityTimeoutSeconds: data.inactivity_timeout,
    minTurnSilenceMs:
      data.min_turn_silence ?? data.min_end_of_turn_silence_when_confident ?? MIN_TURN_SILENCE_MS,
    maxTurnSilenceMs: data.max_turn_silence,
    endOfTurnConfidenceThreshold: data.end_of_turn_confidence_threshold,
  }
}

/** Asking for what the stand-in does not have is refused, so that nothing is left out unseen. */
function refuseWhatIsMissing(query: z.infer<typeof Query>): void {
  for (const feature of ['speaker_labels', 'redact_pii', 'llm_gateway'] as const) {
    if (query[feature]) throw badQuery(`${feature} is not available in the stand-in`)
  }
  const languages = [query.language_code, ...languagesOf(query.language_codes)]
  const foreign = languages.find(
    language => language !== undefined && !/^en\b/.test(language.replace('_', '-')),
  )
  if (foreign !== undefined) throw badQuery(`The stand-in understands English only, not ${foreign}`)
}

function languagesOf(json: string | undefined): string[] {
  if (json === undefined) return []
  const parsed = LanguageCodes.safeParse(json)
  if (!parsed.success) throw badQuery('language_codes must be a JSON array of strings')
  return parsed.data
}

const LanguageCodes = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      context.addIssue('not JSON')
      return z.NEVER
    }
  })
  .pipe(z.array(z.string()))

/** What `UpdateConfiguration` may change. The rest of the SDK's `StreamingUpdateConfiguration` changes nothing here. */
const Update = z.object({
  format_turns: z.boolean().optional(),
  min_turn_silence: Silence.optional(),
  min_end_of_turn_silence_when_confident: Silence.optional(),
  max_turn_silence: Silence.optional(),
  end_of_turn_confidence_threshold: Fraction.optional(),
})

/** @throws SessionFailure that says what is wrong */
export function updateSettings(settings: SessionSettings, message: unknown): void {
  const parsed = Update.safeParse(message)
  if (!parsed.success) throw invalidMessage(describe(parsed.error))
  const { data } = parsed
  settings.formatTurns = data.format_turns ?? settings.formatTurns
  settings.minTurnSilenceMs =
    data.min_turn_silence ?? data.min_end_of_turn_silence_when_confident ?? settings.minTurnSilenceMs
  settings.maxTurnSilenceMs = data.max_turn_silence ?? settings.maxTurnSilenceMs
  settings.endOfTurnConfidenceThreshold =
    data.end_of_turn_confidence_threshold ?? settings.endOfTurnConfidenceThreshold
}

/**
 * How much silence ends a turn. AssemblyAI's model judges from the words how sure it is that a turn has ended, and
 * ends it after `min_turn_silence` when it is sure enough, after `max_turn_silence` in any case. The stand-in has
 * only the silence to judge by: it is as sure as the silence is long, and quite sure at `max_turn_silence`.
 */
export function turnSilenceMs(settings: SessionSettings): number {
  const { minTurnSilenceMs, maxTurnSilenceMs, endOfTurnConfidenceThreshold } = settings
  const sureAfterMs = endOfTurnConfidenceThreshold * maxTurnSilenceMs
  return Math.max(SHORTEST_PAUSE_MS, Math.min(maxTurnSilenceMs, Math.max(minTurnSilenceMs, sureAfterMs)))
}

function describe(error: z.ZodError): string {
  const [issue] = error.issues
  return `${issue?.path.join('.') || 'message'}: ${issue?.message}`
}

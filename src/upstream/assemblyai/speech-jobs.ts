import { AssemblyAI, type Transcript as VendorTranscript } from 'assemblyai'
import * as z from 'zod'
import { UpstreamError } from '../../domain/errors.ts'
import type { ClipCallback, SpeechJobs, TranscriptState } from '../../domain/ports.ts'
import { withDeadline } from '../deadline.ts'

export interface AssemblyAiOptions {
  readonly apiKey: string
  /** The vendor's own address without it. */
  readonly baseUrl: string | undefined
  /** Tried in this order for a transcript. */
  readonly speechModels: readonly string[]
  /** Where the vendor calls back, with the operation in its query. */
  readonly callbackUrl: string
  readonly callbackSecret: string
}

/** The header in which the vendor hands our own secret back. */
export const callbackSecretHeader = 'x-callback-secret'

const vendor = 'assemblyai'
const uploadTimeoutMs = 10_000
const requestTimeoutMs = 5_000

const submittedSchema = z.object({ id: z.string().min(1) })
const wordSchema = z.object({ text: z.string(), start: z.number(), end: z.number(), confidence: z.number() })
const completedSchema = z.object({
  text: z.string().nullish(),
  words: z.array(wordSchema).nullish(),
  audio_duration: z.number(),
})

/** AssemblyAI's asynchronous API, through its SDK, which has neither time-outs nor typed errors of its own. */
export class AssemblyAiSpeechJobs implements SpeechJobs {
  readonly #client: AssemblyAI
  readonly #options: AssemblyAiOptions

  constructor(options: AssemblyAiOptions) {
    this.#options = options
    this.#client = new AssemblyAI({
      apiKey: options.apiKey,
      ...(options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl }),
    })
  }

  async submit(bytes: Uint8Array, callback: ClipCallback): Promise<string> {
    const { speechModels, callbackSecret } = this.#options
    const audioUrl = await withDeadline(vendor, uploadTimeoutMs, () =>
      this.#client.files.upload(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    )
    const transcript = await withDeadline(vendor, requestTimeoutMs, () =>
      this.#client.transcripts.submit({
        audio_url: audioUrl,
        speech_models: [...speechModels],
        language_detection: true,
        webhook_url: this.#callbackUrl(callback),
        webhook_auth_header_name: callbackSecretHeader,
        webhook_auth_header_value: callbackSecret,
      }),
    )
    return parse(submittedSchema, transcript).id
  }

  #callbackUrl(callback: ClipCallback): string {
    const url = new URL(this.#options.callbackUrl)
    url.searchParams.set('user_id', callback.userId)
    url.searchParams.set('operation_id', callback.operationId)
    url.searchParams.set('hold_expires_at_ms', String(callback.holdExpiresAtMs))
    url.searchParams.set('request_hash', callback.requestHash)
    url.searchParams.set('audio_ms', String(callback.audioMs))
    return url.toString()
  }

  async read(transcriptId: string): Promise<TranscriptState> {
    const transcript = await withDeadline(vendor, requestTimeoutMs, () =>
      this.#client.transcripts.get(transcriptId),
    )
    return toState(transcript)
  }
}

/** The SDK checks nothing of what it was answered. */
const parse = <Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> => {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new UpstreamError(vendor, 'failed', undefined, parsed.error)
}

/** With language detection on, silence is an error of the vendor's, told apart by its text alone. */
const isSilence = (error: string | undefined): boolean => error?.includes('no spoken audio') ?? false

const toState = (transcript: VendorTranscript): TranscriptState => {
  if (transcript.status === 'error') return { status: isSilence(transcript.error) ? 'no_speech' : 'failed' }
  if (transcript.status !== 'completed') return { status: 'processing' }
  const { text, words, audio_duration } = parse(completedSchema, transcript)
  if (!text?.trim()) return { status: 'no_speech' }
  return {
    status: 'completed',
    transcript: {
      text,
      audioSeconds: audio_duration,
      words: (words ?? []).map(word => ({
        text: word.text,
        start_ms: Math.round(word.start),
        end_ms: Math.round(word.end),
        confidence: Math.min(1, Math.max(0, word.confidence)),
      })),
    },
  }
}

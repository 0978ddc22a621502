import { Readable } from 'node:stream'
import { AssemblyAI, type Transcript as VendorTranscript } from 'assemblyai'
import * as z from 'zod'
import { UpstreamError } from '../../domain/errors.ts'
import type {
  CatchupCallback,
  ClipCallback,
  RecordingWindow,
  SpeechJobs,
  TranscriptState,
} from '../../domain/ports.ts'
import { withDeadline } from '../deadline.ts'
import { uploadStream } from './stream-upload.ts'

export interface AssemblyAiOptions {
  readonly apiKey: string
  /** The vendor's own address without it. */
  readonly baseUrl: string | undefined
  /** Tried in this order for a transcript. */
  readonly speechModels: readonly string[]
  /** Where the vendor calls back, with the operation in its query. */
  readonly callbackUrl: string
  readonly callbackSecret: string
  /** For a whole upload of sound that is read from elsewhere. */
  readonly streamTimeoutMs?: number
  /** For reading a transcript: one of two hours has megabytes. */
  readonly readTimeoutMs?: number
}

/** The header in which the vendor hands our own secret back. */
export const callbackSecretHeader = 'x-callback-secret'

const vendor = 'assemblyai'
const uploadTimeoutMs = 10_000
const requestTimeoutMs = 5_000
/** Two hours of sound alone are 150 MB. */
const defaultStreamTimeoutMs = 220_000

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
    const audioUrl = await withDeadline(vendor, uploadTimeoutMs, () =>
      this.#client.files.upload(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    )
    return this.#request(audioUrl, { kind: 'clip', ...attemptQuery(callback), audio_ms: callback.audioMs })
  }

  async submitStream(audio: AsyncIterable<Uint8Array>, callback: CatchupCallback): Promise<string> {
    const audioUrl = await this.#uploadStream(audio)
    return this.#request(audioUrl, {
      kind: 'catchup',
      ...attemptQuery(callback),
      ...windowQuery(callback.window),
    })
  }

  async #uploadStream(audio: AsyncIterable<Uint8Array>): Promise<string> {
    const source = new WatchedSource(audio)
    const body = Readable.from(source, { objectMode: false })
    // What failed is thrown by the upload; a stream without a listener would end the process over it.
    body.on('error', () => undefined)
    try {
      return await withDeadline(vendor, this.#options.streamTimeoutMs ?? defaultStreamTimeoutMs, () =>
        uploadStream(body, this.#options),
      )
    } catch (error) {
      throw source.failure ?? error
    } finally {
      // Ends the reading, and an upload that goes on beyond its deadline.
      body.destroy()
    }
  }

  async #request(audioUrl: string, query: CallbackQuery): Promise<string> {
    const { speechModels, callbackSecret } = this.#options
    const transcript = await withDeadline(vendor, requestTimeoutMs, () =>
      this.#client.transcripts.submit({
        audio_url: audioUrl,
        speech_models: [...speechModels],
        language_detection: true,
        webhook_url: this.#callbackUrl(query),
        webhook_auth_header_name: callbackSecretHeader,
        webhook_auth_header_value: callbackSecret,
      }),
    )
    return parse(submittedSchema, transcript).id
  }

  #callbackUrl(query: CallbackQuery): string {
    const url = new URL(this.#options.callbackUrl)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
    return url.toString()
  }

  async read(transcriptId: string): Promise<TranscriptState> {
    const transcript = await withDeadline(vendor, this.#options.readTimeoutMs ?? requestTimeoutMs, () =>
      this.#client.transcripts.get(transcriptId),
    )
    return toState(transcript)
  }
}

type CallbackQuery = Readonly<Record<string, string | number | boolean>>

const attemptQuery = (callback: ClipCallback | CatchupCallback): CallbackQuery => ({
  user_id: callback.userId,
  operation_id: callback.operationId,
  hold_expires_at_ms: callback.holdExpiresAtMs,
  request_hash: callback.requestHash,
})

const windowQuery = ({ channel, recordingId, ...window }: RecordingWindow): CallbackQuery => ({
  channel,
  video_id: recordingId,
  recorded_at: window.recordedAt,
  is_live: window.isLive,
  from_ms: window.fromMs,
  to_ms: window.toMs,
  muted_ms: window.mutedMs,
})

/** Hands on what is read, and keeps what failed in reading it: the upload fails with an error of its own. */
class WatchedSource implements AsyncIterable<Uint8Array> {
  readonly #audio: AsyncIterable<Uint8Array>
  failure: unknown

  constructor(audio: AsyncIterable<Uint8Array>) {
    this.#audio = audio
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const iterator = this.#audio[Symbol.asyncIterator]()
    return {
      next: async () => {
        try {
          return await iterator.next()
        } catch (error) {
          this.failure = error
          throw error
        }
      },
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    }
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

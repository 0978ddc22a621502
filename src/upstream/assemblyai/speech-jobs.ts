import { Readable } from 'node:stream'
import { FileService, type Transcript as VendorTranscript } from 'assemblyai'
import * as z from 'zod'
import { SourceError, UpstreamError } from '../../domain/errors.ts'
import type { CatchupCallback, ClipCallback, SpeechJobs, TranscriptState } from '../../domain/ports.ts'
import { toRecording } from '../../domain/recording-window.ts'
import { withDeadline } from '../deadline.ts'
import { uploadStream } from './stream-upload.ts'
import { StatusTellingTranscripts } from './transcript-service.ts'

export interface AssemblyAiOptions {
  readonly apiKey: string
  /** The vendor's own address without it. */
  readonly baseUrl: string | undefined
  /** Tried in this order for a transcript. */
  readonly speechModels: readonly string[]
  /** Where the vendor calls back, with the operation in its query. */
  readonly callbackUrl: string
  /** Who only reads needs none, and can submit nothing. */
  readonly callbackSecret?: string
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
/** For asking whether a transcript has ended: the vendor tells it with all of its words. */
const endTimeoutMs = 20_000
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
  readonly #files: FileService
  readonly #transcripts: StatusTellingTranscripts
  readonly #options: AssemblyAiOptions

  constructor(options: AssemblyAiOptions) {
    const { apiKey, baseUrl = 'https://api.assemblyai.com' } = options
    this.#options = options
    this.#files = new FileService({ apiKey, baseUrl })
    this.#transcripts = new StatusTellingTranscripts({ apiKey, baseUrl }, this.#files)
  }

  async submit(bytes: Uint8Array, callback: ClipCallback): Promise<string> {
    const audioUrl = await withDeadline(vendor, uploadTimeoutMs, () =>
      this.#files.upload(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    )
    return this.#request(audioUrl, { kind: 'clip', ...attemptQuery(callback), audio_ms: callback.audioMs })
  }

  async submitStream(audio: AsyncIterable<Uint8Array>, callback: CatchupCallback): Promise<string> {
    const audioUrl = await this.#uploadStream(audio)
    return this.#request(audioUrl, {
      kind: 'catchup',
      ...attemptQuery(callback),
      recording: JSON.stringify(toRecording(callback.window)),
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
      throw source.blame(error)
    } finally {
      // Ends the reading, and an upload that goes on beyond its deadline.
      body.destroy()
    }
  }

  async #request(audioUrl: string, query: CallbackQuery): Promise<string> {
    const { speechModels, callbackSecret } = this.#options
    if (callbackSecret === undefined) throw new Error('Without its secret, no call-back can be asked for.')
    const transcript = await withDeadline(vendor, requestTimeoutMs, () =>
      this.#transcripts.submit({
        audio_url: audioUrl,
        speech_models: [...speechModels],
        language_detection: true,
        webhook_url: this.#callbackUrl(query),
        webhook_auth_header_name: callbackSecretHeader,
        webhook_auth_header_value: callbackSecret,
      }),
    )
    return parse(submittedSchema, transcript, 'failed').id
  }

  #callbackUrl(query: CallbackQuery): string {
    const url = new URL(this.#options.callbackUrl)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
    return url.toString()
  }

  async read(transcriptId: string): Promise<TranscriptState> {
    return toState(await this.#get(transcriptId, this.#options.readTimeoutMs ?? requestTimeoutMs))
  }

  async hasEnded(transcriptId: string): Promise<boolean> {
    try {
      return isOver(await this.#get(transcriptId, endTimeoutMs))
    } catch (error) {
      if (error instanceof UpstreamError && error.kind === 'unreadable') return true
      throw error
    }
  }

  async #get(transcriptId: string, timeoutMs: number): Promise<VendorTranscript> {
    try {
      return await withDeadline(vendor, timeoutMs, () => this.#transcripts.get(transcriptId))
    } catch (error) {
      if (error instanceof UpstreamError && isFinal(error.status)) {
        throw new UpstreamError(vendor, 'unreadable', error.status, error)
      }
      throw error
    }
  }
}

/** Statuses for which our key or the moment may be to blame, and not what was asked for. */
const passing: ReadonlySet<number> = new Set([401, 403, 408, 429])

const isFinal = (status = 500): boolean => status >= 400 && status < 500 && !passing.has(status)

const isOver = ({ status }: VendorTranscript): boolean => status === 'completed' || status === 'error'

type CallbackQuery = Readonly<Record<string, string | number>>

const attemptQuery = (callback: ClipCallback | CatchupCallback): CallbackQuery => ({
  user_id: callback.userId,
  operation_id: callback.operationId,
  hold_expires_at_ms: callback.holdExpiresAtMs,
  request_hash: callback.requestHash,
})

/** Hands on what is read, and knows whether reading is what failed: the upload fails with an error of its own. */
class WatchedSource implements AsyncIterable<Uint8Array> {
  readonly #audio: AsyncIterable<Uint8Array>
  #failure: unknown
  #isAwaited = false

  constructor(audio: AsyncIterable<Uint8Array>) {
    this.#audio = audio
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const iterator = this.#audio[Symbol.asyncIterator]()
    return {
      next: async () => {
        this.#isAwaited = true
        try {
          return await iterator.next()
        } catch (error) {
          this.#failure = error
          throw error
        } finally {
          this.#isAwaited = false
        }
      },
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    }
  }

  /** What an upload failed of: what reading threw, the source that it waited for at its deadline, or itself. */
  blame(error: unknown): unknown {
    if (this.#failure instanceof UpstreamError) return new SourceError(this.#failure, this.#failure)
    if (this.#failure !== undefined) return this.#failure
    const isDeadline = error instanceof UpstreamError && error.kind === 'timeout'
    return isDeadline && this.#isAwaited ? new SourceError(error) : error
  }
}

/** The SDK checks nothing of what it was answered. */
const parse = <Schema extends z.ZodType>(
  schema: Schema,
  answer: unknown,
  kind: 'failed' | 'unreadable',
): z.output<Schema> => {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new UpstreamError(vendor, kind, undefined, parsed.error)
}

/** With language detection on, silence is an error of the vendor's, told apart by its text alone. */
const isSilence = (error: string | undefined): boolean => error?.includes('no spoken audio') ?? false

const toState = (transcript: VendorTranscript): TranscriptState => {
  if (transcript.status === 'error') return { status: isSilence(transcript.error) ? 'no_speech' : 'failed' }
  if (transcript.status !== 'completed') return { status: 'processing' }
  const { text, words, audio_duration } = parse(completedSchema, transcript, 'unreadable')
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

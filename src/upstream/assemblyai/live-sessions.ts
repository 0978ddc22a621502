import { AssemblyAI } from 'assemblyai'
import * as z from 'zod'
import { UpstreamError } from '../../domain/errors.ts'
import type { LiveSessions } from '../../domain/ports.ts'
import { withDeadline } from '../deadline.ts'

export interface LiveSessionsOptions {
  readonly apiKey: string
  /** The vendor's own address without it. */
  readonly streamingUrl: string | undefined
  /** Each language's model, the default language first; `multi` is any language, told by the vendor. */
  readonly models: readonly { readonly language: string; readonly model: string }[]
  /** After this long without sound the vendor ends a session. */
  readonly inactivitySeconds: number
}

const vendor = 'assemblyai'
const vendorStreamingUrl = 'https://streaming.assemblyai.com'
/** A renewal has 30 s, and its answer must come well before them. */
const tokenTimeoutMs = 5_000
/** What the extension sends: 16 kHz PCM. */
const sampleRateHz = 16_000

const tokenSchema = z.string().min(1)

/** AssemblyAI's streaming API, version 3: tokens by its SDK, and where the listener's browser opens the socket. */
export class AssemblyAiLiveSessions implements LiveSessions {
  readonly languages: readonly [string, ...string[]]
  readonly #client: AssemblyAI
  readonly #options: LiveSessionsOptions

  constructor(options: LiveSessionsOptions) {
    const [first, ...others] = options.models.map(({ language }) => language)
    if (first === undefined) throw new Error('There is no language for live captions.')
    this.languages = [first, ...others]
    this.#options = options
    this.#client = new AssemblyAI({
      apiKey: options.apiKey,
      streamingBaseUrl: options.streamingUrl ?? vendorStreamingUrl,
    })
  }

  address(language: string): string {
    const { streamingUrl = vendorStreamingUrl, inactivitySeconds } = this.#options
    const url = new URL(`${streamingUrl}/v3/ws`)
    url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:'
    url.search = new URLSearchParams({
      ...this.#modelOf(language),
      encoding: 'pcm_s16le',
      sample_rate: String(sampleRateHz),
      format_turns: 'true',
      inactivity_timeout: String(inactivitySeconds),
    }).toString()
    return url.toString()
  }

  /** Captions that began in a language which is no longer offered go on in the default one. */
  #modelOf(asked: string): Record<string, string> {
    const { models } = this.#options
    const found = models.find(({ language }) => language === asked) ?? models[0]
    if (!found) throw new Error('There is no language for live captions.')
    return { speech_model: found.model, ...languageParameters(found.language) }
  }

  async mintToken({
    redeemSeconds,
    sessionSeconds,
  }: {
    redeemSeconds: number
    sessionSeconds: number
  }): Promise<string> {
    const token = await withDeadline(vendor, tokenTimeoutMs, () =>
      this.#client.streaming.createTemporaryToken({
        expires_in_seconds: redeemSeconds,
        max_session_duration_seconds: sessionSeconds,
      }),
    )
    const checked = tokenSchema.safeParse(token)
    if (checked.success) return checked.data
    throw new UpstreamError(vendor, 'failed', undefined, checked.error)
  }
}

const languageParameters = (language: string): Record<string, string> =>
  language === 'multi' ? { language_detection: 'true' } : { language_code: language }

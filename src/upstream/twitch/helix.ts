import * as z from 'zod'
import type { Clock } from '../../domain/ports.ts'
import { type FetchAnswer, FetchError } from '../allowed-fetch.ts'
import { jitteredPause, type Pause, type RetriedFetch } from '../retried-fetch.ts'
import { longestAnswerBytes, parseAnswer } from './api.ts'
import type { AppTokens } from './app-tokens.ts'

export interface HelixOptions {
  readonly apiUrl: string
  readonly clientId: string
  readonly requestTimeoutMs: number
  readonly now: Clock
}

/** Archives that Helix is asked for. */
const archivesAsked = 20
/** A rate limit that is lifted later than this is not waited for. */
const longestLimitMs = 5_000

const usersSchema = z.object({ data: z.array(z.object({ id: z.string().min(1) })) })
const streamsSchema = z.object({ data: z.array(z.object({ id: z.string().min(1) })) })
const archiveSchema = z.object({
  id: z.string().min(1),
  stream_id: z.string().nullish(),
  /** Made UTC, as ours are. */
  created_at: z.iso.datetime({ offset: true }).transform(text => new Date(text).toISOString()),
  /** Seconds from the recording's start. */
  muted_segments: z.array(z.object({ offset: z.number(), duration: z.number() })).nullish(),
})
const videosSchema = z.object({ data: z.array(archiveSchema) })

/** The recording of one stream, as Helix describes it. */
export type Archive = z.infer<typeof archiveSchema>

/** What is wanted of Twitch's API. @see https://dev.twitch.tv/docs/api/reference */
export class Helix {
  readonly #fetch: RetriedFetch
  readonly #tokens: AppTokens
  readonly #options: HelixOptions

  constructor(fetch: RetriedFetch, tokens: AppTokens, options: HelixOptions) {
    this.#fetch = fetch
    this.#tokens = tokens
    this.#options = options
  }

  /** The id of the user with this login. */
  async userId(login: string, signal: AbortSignal): Promise<string | undefined> {
    const { data } = await this.#get('/users', { login }, usersSchema, signal)
    return data[0]?.id
  }

  /** The id of the stream that is on air. */
  async liveStreamId(login: string, signal: AbortSignal): Promise<string | undefined> {
    const { data } = await this.#get('/streams', { user_login: login }, streamsSchema, signal)
    return data[0]?.id
  }

  /** Newest first. */
  async archives(userId: string, signal: AbortSignal): Promise<readonly Archive[]> {
    const query = { user_id: userId, type: 'archive', sort: 'time', first: String(archivesAsked) }
    const { data } = await this.#get('/videos', query, videosSchema, signal)
    return data.toSorted((one, other) => Date.parse(other.created_at) - Date.parse(one.created_at))
  }

  async #get<Schema extends z.ZodType>(
    path: string,
    query: Record<string, string>,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    const address = `${this.#options.apiUrl}${path}?${new URLSearchParams(query)}`
    const token = await this.#tokens.current(signal)
    const answer = await this.#send(address, token, signal)
    if (answer.status !== 401) return parseAnswer(schema, answer)
    return parseAnswer(schema, await this.#send(address, await this.#tokens.after(token, signal), signal))
  }

  #send(address: string, token: string, signal: AbortSignal): Promise<FetchAnswer> {
    const { clientId, requestTimeoutMs } = this.#options
    const headers = { authorization: `Bearer ${token}`, 'client-id': clientId }
    return this.#fetch.send(
      address,
      { headers, timeoutMs: requestTimeoutMs, maxBytes: longestAnswerBytes, signal },
      this.#pause,
    )
  }

  /** Helix says, in seconds since the epoch, when its rate limit is lifted. */
  readonly #pause: Pause = (error, attempt) => {
    const pauseMs = jitteredPause(error, attempt)
    const reset = error instanceof FetchError && error.status === 429 && error.headers?.get('ratelimit-reset')
    if (!reset) return pauseMs
    const limitMs = Math.max(0, Number(reset) * 1_000 - this.#options.now())
    return limitMs <= longestLimitMs ? limitMs : undefined
  }
}

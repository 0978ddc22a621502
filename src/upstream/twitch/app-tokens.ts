import * as z from 'zod'
import type { Clock } from '../../domain/ports.ts'
import type { RetriedFetch } from '../retried-fetch.ts'
import { longestAnswerBytes, parseAnswer } from './api.ts'

export interface AppTokenOptions {
  readonly authUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly requestTimeoutMs: number
  readonly now: Clock
}

/** A token is renewed once this much of its life is over. */
const usedShare = 0.9

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() })

/** The application's own token (client credentials), kept until shortly before it ends. */
export class AppTokens {
  readonly #fetch: RetriedFetch
  readonly #options: AppTokenOptions
  #kept: { readonly token: string; readonly renewAtMs: number } | undefined
  /** A token that is being fetched, by the deadline that it is fetched within. */
  readonly #pending = new WeakMap<AbortSignal, Promise<string>>()

  constructor(fetch: RetriedFetch, options: AppTokenOptions) {
    this.#fetch = fetch
    this.#options = options
  }

  /** The token that is kept, or a new one. Whoever asks within the same deadline while one is fetched gets that one. */
  async current(signal: AbortSignal): Promise<string> {
    if (this.#kept !== undefined && this.#options.now() < this.#kept.renewAtMs) return this.#kept.token
    const pending = this.#pending.get(signal)
    if (pending !== undefined) return pending
    const requested = this.#request(signal).finally(() => this.#pending.delete(signal))
    this.#pending.set(signal, requested)
    return requested
  }

  /** A token other than this one, which was refused. */
  async after(refused: string, signal: AbortSignal): Promise<string> {
    if (this.#kept?.token === refused) this.#kept = undefined
    return this.current(signal)
  }

  async #request(signal: AbortSignal): Promise<string> {
    const { authUrl, clientId, clientSecret, requestTimeoutMs, now } = this.#options
    const answer = await this.#fetch.send(`${authUrl}/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        client_id: clientId,
        client_secret: clientSecret,
        grant_type: 'client_credentials',
      }).toString(),
      timeoutMs: requestTimeoutMs,
      maxBytes: longestAnswerBytes,
      signal,
    })
    const { access_token, expires_in } = parseAnswer(tokenSchema, answer)
    this.#kept = { token: access_token, renewAtMs: now() + expires_in * 1_000 * usedShare }
    return access_token
  }
}

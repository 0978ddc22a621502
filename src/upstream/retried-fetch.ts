import pRetry from 'p-retry'
import { type AllowedFetch, type FetchAnswer, FetchError, type FetchRequest } from './allowed-fetch.ts'

/** Milliseconds to wait before the next try, from 0 on; undefined where there is to be none. */
export type Pause = (error: unknown, attempt: number) => number | undefined

export interface RetryOptions {
  /** Tries after the first. */
  readonly retries: number
  readonly sleep: (milliseconds: number) => Promise<void>
}

const firstPauseMs = 250
const longestPauseMs = 2_000

/** Statuses after which the same request may well be answered the next time. */
const isTransient = (status: number): boolean => status >= 500 || status === 429

/** Full jitter after what is transient: anything up to a limit that doubles. */
export const jitteredPause: Pause = (error, attempt) => {
  if (!(error instanceof FetchError)) return undefined
  const { reason, status = 0 } = error
  if (reason === 'refused' || reason === 'too_large') return undefined
  if (reason === 'status' && !isTransient(status)) return undefined
  return Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1))
}

/** Asks again a few times where the network, a stall or the server's own trouble was in the way. */
export class RetriedFetch {
  readonly #fetch: AllowedFetch
  readonly #options: RetryOptions

  constructor(fetch: AllowedFetch, options: RetryOptions) {
    this.#fetch = fetch
    this.#options = options
  }

  get vendor(): string {
    return this.#fetch.vendor
  }

  /** The answer, unless its status is transient to the last: that is a `FetchError`. */
  send(address: string | URL, request: FetchRequest, pause: Pause = jitteredPause): Promise<FetchAnswer> {
    const { retries, sleep } = this.#options
    return pRetry(() => this.#sendOnce(address, request), {
      retries,
      minTimeout: 0,
      shouldRetry: async ({ error, attemptNumber }) => {
        const pauseMs = pause(error, attemptNumber)
        if (pauseMs === undefined || request.signal?.aborted) return false
        await sleep(pauseMs)
        return true
      },
    })
  }

  async #sendOnce(address: string | URL, request: FetchRequest): Promise<FetchAnswer> {
    const answer = await this.#fetch.send(address, request)
    const { status, headers } = answer
    if (isTransient(status)) throw new FetchError(this.vendor, 'status', { status, headers })
    return answer
  }
}

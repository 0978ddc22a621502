import { UpstreamError } from '../domain/errors.ts'
import { BodyBlocks } from './body-blocks.ts'

/** `refused`: an address that is not on the list, or a redirect too many. `status`: an answer that says no. */
type FetchFailure = 'refused' | 'network' | 'timeout' | 'too_large' | 'status'

/** A request that came to nothing. It names no address: those can carry tokens. */
export class FetchError extends UpstreamError {
  readonly reason: FetchFailure
  /** Those of the answer that says no. */
  readonly headers: Headers | undefined

  constructor(
    vendor: string,
    reason: FetchFailure,
    { status, headers, cause }: { status?: number; headers?: Headers; cause?: unknown } = {},
  ) {
    super(vendor, reason === 'timeout' ? 'timeout' : 'failed', status, cause)
    this.name = 'FetchError'
    this.reason = reason
    this.headers = headers
  }
}

export interface FetchRequest {
  readonly method?: 'GET' | 'POST'
  /** They are left out once a redirect leads to another origin. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** For all of it, redirects and the answer's body included. */
  readonly timeoutMs: number
  /** The longest body that is taken, decompressed. */
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
}

export interface FetchAnswer {
  readonly status: number
  readonly headers: Headers
  /** In pieces, which were never put together: a long one would be held twice. */
  readonly body: readonly Uint8Array[]
  /** Where the answer came from, after redirects. */
  readonly url: URL
}

/** A body that is short. */
export const textOf = ({ body }: FetchAnswer): string => Buffer.concat(body).toString('utf8')

const mostRedirects = 3
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

const originPattern = /^https?:\/\/[^*]+$/
const hostPattern = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/
/** Two names or more: a top-level domain's hosts are everybody's. The last is no number, which would be an address's. */
const suffixPattern = /^\*(?:\.[a-z0-9-]+)+\.[a-z][a-z0-9-]*$/

const allowsEntry = (entry: string): ((url: URL) => boolean) => {
  const name = entry.toLowerCase()
  const listed = originPattern.test(name) ? URL.parse(name) : null
  if (listed !== null && listed.href === `${listed.origin}/`) return url => url.origin === listed.origin
  const isSafe = (url: URL): boolean => url.protocol === 'https:' && url.port === ''
  if (suffixPattern.test(name)) return url => isSafe(url) && url.hostname.endsWith(name.slice(1))
  if (hostPattern.test(name)) return url => isSafe(url) && url.hostname === name
  throw new Error(`No host, no *.suffix of two names or more, and no http(s) origin: "${entry}"`)
}

/**
 * Fetches from the hosts on a list and from no other, wherever a playlist or a redirect points.
 * An entry is a host (`usher.ttvnw.net`) or every host below one (`*.cloudfront.net`), both by https on its own
 * port; or an origin (`http://127.0.0.1:4000`).
 */
export class AllowedFetch {
  readonly vendor: string
  readonly #entries: readonly ((url: URL) => boolean)[]

  /** @throws {Error} for an entry that is none of these */
  constructor(vendor: string, hosts: readonly string[]) {
    this.vendor = vendor
    this.#entries = hosts.map(allowsEntry)
  }

  /** Any status is an answer; what gives none is a `FetchError`. */
  async send(address: string | URL, request: FetchRequest): Promise<FetchAnswer> {
    const deadline = AbortSignal.timeout(request.timeoutMs)
    const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal])
    try {
      const { response, url } = await this.#follow(this.#check(address), request, signal)
      const body = await this.#readBody(response, request.maxBytes)
      return { status: response.status, headers: response.headers, body, url }
    } catch (error) {
      if (error instanceof FetchError) throw error
      throw new FetchError(this.vendor, signal.aborted ? 'timeout' : 'network', { cause: error })
    }
  }

  #check(address: string | URL, base?: URL): URL {
    const url = URL.parse(String(address), base?.href)
    const isPlain = url !== null && url.username === '' && url.password === ''
    if (isPlain && this.#entries.some(allows => allows(url))) return url
    throw new FetchError(this.vendor, 'refused')
  }

  async #follow(
    start: URL,
    request: FetchRequest,
    signal: AbortSignal,
  ): Promise<{ response: Response; url: URL }> {
    const { method = 'GET', body = null } = request
    let { headers = {} } = request
    let url = start
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const response = await fetch(url, { method, headers, body, redirect: 'manual', signal })
      const location = response.headers.get('location')
      if (method !== 'GET' || location === null || !redirectStatuses.has(response.status)) {
        return { response, url }
      }
      await response.body?.cancel()
      url = this.#check(location, url)
      if (url.origin !== start.origin) headers = {}
    }
    throw new FetchError(this.vendor, 'refused')
  }

  async #readBody(response: Response, maxBytes: number): Promise<readonly Uint8Array[]> {
    const blocks = new BodyBlocks()
    let size = 0
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength
      // Leaving the loop cancels the body: the rest is not read.
      if (size > maxBytes) throw new FetchError(this.vendor, 'too_large', { status: response.status })
      blocks.add(chunk)
    }
    return blocks.filled()
  }
}

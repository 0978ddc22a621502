import { createHash } from 'node:crypto'
import type { Account } from './account.ts'
import type { SavedResponse } from './data.ts'
import { invalidRequest, StripeApiError } from './errors.ts'

/** Stripe forgets keys after a day: https://docs.stripe.com/api/idempotent_requests */
const KEEP_MS = 24 * 60 * 60 * 1_000
const KEY_MAX_CHARS = 255

export interface Answer {
  statusCode: number
  /** JSON text. */
  body: string
}

export interface KeyedRequest {
  key: string
  path: string
  /** The parameters as they came, form-encoded. */
  encodedParams: string
  requestId: string
}

/** Answers requests that carry an idempotency key. */
export interface Idempotency {
  /**
   * The answer to the first request with this key: `carryOut`'s, which is saved together with what it
   * changed, or the saved one, with the id of the request that it was for.
   *
   * @throws StripeApiError 400 when the key was used for another request, 409 while the first is under way
   */
  answer(request: KeyedRequest, carryOut: () => Answer): Promise<Answer & { originalRequestId?: string }>
}

/** @param save writes `account.data` to disk */
export function createIdempotency(account: Account, save: () => Promise<void>): Idempotency {
  const underWay = new Set<string>()

  return {
    async answer(request, carryOut) {
      const { key, path, encodedParams, requestId } = request
      if (key.length > KEY_MAX_CHARS) {
        throw invalidRequest(`Idempotency keys can be at most ${KEY_MAX_CHARS} characters.`)
      }
      if (underWay.has(key)) throw keyInUse(key)
      forgetOldKeys(account)
      const saved = account.data.savedResponses.find(response => response.key === key)
      if (saved !== undefined) return replay(saved, path, fingerprintOf(encodedParams))

      underWay.add(key)
      try {
        const answer = carryOut()
        account.data.savedResponses.push({
          key,
          createdMs: account.nowMs(),
          path,
          fingerprint: fingerprintOf(encodedParams),
          requestId,
          ...answer,
        })
        await save()
        return answer
      } finally {
        underWay.delete(key)
      }
    },
  }
}

function replay(saved: SavedResponse, path: string, fingerprint: string) {
  const hint = `Try using a key other than '${saved.key}' if you meant to execute a different request.`
  if (saved.path !== path) {
    throw misused(
      `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${saved.path}' vs '${path}'). ${hint}`,
    )
  }
  if (saved.fingerprint !== fingerprint) {
    throw misused(
      `Keys for idempotent requests can only be used with the same parameters they were first used with. ${hint}`,
    )
  }
  return { statusCode: saved.statusCode, body: saved.body, originalRequestId: saved.requestId }
}

function forgetOldKeys({ data, nowMs }: Account): void {
  data.savedResponses = data.savedResponses.filter(saved => saved.createdMs > nowMs() - KEEP_MS)
}

/** The same for the same parameters in any order. */
function fingerprintOf(encodedParams: string): string {
  const params = new URLSearchParams(encodedParams)
  params.sort()
  return createHash('sha256').update(params.toString()).digest('hex')
}

function misused(message: string): StripeApiError {
  return new StripeApiError(400, { type: 'idempotency_error', message })
}

function keyInUse(key: string): StripeApiError {
  return new StripeApiError(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Stripe account with the Idempotent Key '${key}'.`,
  })
}

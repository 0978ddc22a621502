import * as z from 'zod'
import { usageResponseSchema } from '../../src/contracts/analytics.ts'
import {
  type LoginRequest,
  type RegisterRequest,
  sessionResponseSchema,
  tokensSchema,
} from '../../src/contracts/auth.ts'
import {
  balanceResponseSchema,
  priceListSchema,
  purchaseResponseSchema,
  transactionsResponseSchema,
} from '../../src/contracts/credits.ts'
import { problemSchema } from '../../src/contracts/errors.ts'
import { healthResponseSchema } from '../../src/contracts/health.ts'
import { leaseResponseSchema, stopResponseSchema } from '../../src/contracts/live-captions.ts'
import {
  type AskRequest,
  askResponseSchema,
  type ChannelCatchupRequest,
  catchupAcceptedSchema,
  catchupResponseSchema,
  type Segment,
} from '../../src/contracts/transcription.ts'
import { Problem } from '../messages/problem.ts'

/** The slowest route, a question, is answered within the gateway's 30 s. */
const timeoutMs = 35_000

export interface ApiOptions {
  /** Without a slash at its end. */
  readonly apiUrl: string
  /**
   * A token for routes that need one; `stale` is one that was refused just now.
   *
   * @throws {Problem} `signed_out`
   */
  accessToken(stale?: string): Promise<string>
}

interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  readonly idempotencyKey?: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** A file is wanted, and not JSON. */
  readonly file?: 'text/csv'
  readonly signal?: AbortSignal
}

export type Api = ReturnType<typeof createApi>

/**
 * The backend's routes. Every answer is held to the contract that the backend is built from.
 *
 * Each method throws a {@link Problem}: the API's own, `offline` or `unreachable` where it can't be asked (then
 * nothing is known of what it did: ask again under the same key), or `unexpected_answer`.
 */
export function createApi(options: ApiOptions) {
  const open = <Schema extends z.ZodType>(schema: Schema, call: Call) => request(options.apiUrl, schema, call)

  const authorised = async <Schema extends z.ZodType>(
    schema: Schema,
    call: Call,
  ): Promise<z.output<Schema>> => {
    const token = await options.accessToken()
    try {
      return await request(options.apiUrl, schema, call, token)
    } catch (error) {
      if (!(error instanceof Problem) || error.view.code !== 'unauthenticated') throw error
      return request(options.apiUrl, schema, call, await options.accessToken(token))
    }
  }

  return {
    register: (body: RegisterRequest) =>
      open(sessionResponseSchema, { method: 'POST', path: '/auth/register', body }),
    login: (body: LoginRequest) => open(sessionResponseSchema, { method: 'POST', path: '/auth/login', body }),
    refresh: (refreshToken: string) =>
      open(tokensSchema, { method: 'POST', path: '/auth/refresh', body: { refresh_token: refreshToken } }),
    logout: (refreshToken: string) =>
      open(z.undefined(), { method: 'POST', path: '/auth/logout', body: { refresh_token: refreshToken } }),

    prices: () => open(priceListSchema, { method: 'GET', path: '/credits/packages' }),
    balance: () => authorised(balanceResponseSchema, { method: 'GET', path: '/credits/balance' }),
    purchase: (idempotencyKey: string, packageId: string) =>
      authorised(purchaseResponseSchema, {
        method: 'POST',
        path: '/credits/purchase',
        body: { package_id: packageId },
        idempotencyKey,
      }),
    transactions: (query: { limit?: number; cursor?: string } = {}) =>
      authorised(transactionsResponseSchema, { method: 'GET', path: '/credits/transactions', query }),
    usage: (query: { from?: string; to?: string; limit?: number; cursor?: string } = {}) =>
      authorised(usageResponseSchema, { method: 'GET', path: '/analytics/usage', query }),
    /** All usage of a time span as a CSV file. */
    usageFile: (query: { from?: string; to?: string } = {}) =>
      authorised(z.string(), { method: 'GET', path: '/analytics/usage', query, file: 'text/csv' }),
    health: () => open(healthResponseSchema, { method: 'GET', path: '/health' }),

    /** @param language two letters, `multi`, or empty for the backend's first */
    startLive: (idempotencyKey: string, language: string) =>
      authorised(leaseResponseSchema, {
        method: 'POST',
        path: '/transcription/stream',
        body: language === '' ? {} : { language },
        idempotencyKey,
      }),
    renewLive: (operationId: string, lease: number) =>
      authorised(leaseResponseSchema, {
        method: 'POST',
        path: `/transcription/stream/${operationId}/renew`,
        body: { lease },
      }),
    /** @param endedAtMs when the last sound was, for captions that were broken off; now where absent */
    stopLive: (operationId: string, endedAtMs?: number) =>
      authorised(stopResponseSchema, {
        method: 'POST',
        path: `/transcription/stream/${operationId}/stop`,
        body: endedAtMs === undefined ? {} : { ended_at: new Date(endedAtMs).toISOString() },
      }),

    ask: (idempotencyKey: string, body: AskRequest) =>
      authorised(askResponseSchema, { method: 'POST', path: '/transcription/ask', body, idempotencyKey }),
    catchup: (idempotencyKey: string, body: { segments: Segment[] } | ChannelCatchupRequest) =>
      authorised(catchupAcceptedSchema, {
        method: 'POST',
        path: '/transcription/catchup',
        body,
        idempotencyKey,
      }),
    catchupState: (operationId: string, signal?: AbortSignal) =>
      authorised(catchupResponseSchema, {
        method: 'GET',
        path: `/transcription/catchup/${operationId}`,
        ...(signal ? { signal } : {}),
      }),
  }
}

async function request<Schema extends z.ZodType>(
  apiUrl: string,
  schema: Schema,
  call: Call,
  accessToken?: string,
): Promise<z.output<Schema>> {
  const response = await answerOf(apiUrl, call, accessToken)
  const isFile = response.ok && call.file !== undefined
  const body: unknown = await (isFile ? response.text() : response.json()).catch(() => undefined)
  if (!response.ok) throw refusal(body, response)
  const parsed = schema.safeParse(body)
  if (!parsed.success) throw unexpected(response.status, parsed.error)
  return parsed.data
}

async function answerOf(apiUrl: string, call: Call, accessToken: string | undefined): Promise<Response> {
  const url = new URL(apiUrl + call.path)
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  try {
    return await fetch(url, {
      method: call.method,
      headers: headersOf(call, accessToken),
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(call.signal ? [call.signal] : [])]),
    })
  } catch (cause) {
    throw new Problem(
      navigator.onLine
        ? { code: 'unreachable', detail: 'The service does not answer. Try again in a moment.' }
        : { code: 'offline', detail: 'There is no network. Try again once you are online.' },
      { cause },
    )
  }
}

const headersOf = (call: Call, accessToken: string | undefined): Record<string, string> => ({
  ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
  ...(call.file === undefined ? {} : { accept: call.file }),
  ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
  ...(call.idempotencyKey === undefined ? {} : { 'idempotency-key': call.idempotencyKey }),
})

function refusal(body: unknown, response: Response): Problem {
  const parsed = problemSchema.safeParse(body)
  if (!parsed.success) return unexpected(response.status)
  const { code, detail, required, available, retry_after_seconds, operation_id, lease } = parsed.data
  return new Problem({
    code,
    detail,
    ...(required === undefined ? {} : { requiredCredits: required }),
    ...(available === undefined ? {} : { availableCredits: available }),
    ...(retry_after_seconds === undefined ? {} : { retryAfterSeconds: retry_after_seconds }),
    ...(operation_id === undefined ? {} : { operationId: operation_id }),
    ...(lease === undefined ? {} : { lease }),
  })
}

const unexpected = (status: number, cause?: unknown): Problem =>
  new Problem(
    {
      code: 'unexpected_answer',
      detail: `The service gave an answer that is none (${status}). Try again in a moment.`,
    },
    { cause },
  )

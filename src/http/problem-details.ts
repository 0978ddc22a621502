import type { MiddlewareObj } from '@middy/core'
import type { ErrorCode } from '../contracts/errors.ts'
import type { ApiEvent, ApiResponse } from './event.ts'

/** The one table from error codes to HTTP. */
const problems: Record<ErrorCode, { status: number; title: string }> = {
  validation_failed: { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Not signed in' },
  insufficient_credits: { status: 402, title: 'Not enough credits' },
  account_in_debt: { status: 402, title: 'The account is in debt' },
  not_found: { status: 404, title: 'Not found' },
  email_taken: { status: 409, title: 'The e-mail has an account' },
  too_many_open_operations: { status: 409, title: 'Too many open operations' },
  operation_in_progress: { status: 409, title: 'The operation is under way' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media: { status: 415, title: 'Not audio that can be read' },
  idempotency_mismatch: { status: 422, title: 'The key belongs to another request' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong here' },
  upstream_failed: { status: 502, title: 'A vendor failed' },
  upstream_timeout: { status: 504, title: 'A vendor took too long' },
}

/** An error that carries a code of the contract, and what goes with it. */
interface CodedError extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>> & { readonly retry_after_seconds?: number }
}

const isCoded = (error: unknown): error is CodedError =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  Object.hasOwn(problems, error.code) &&
  'details' in error

/** Where unexpected errors go: under an id that the caller is told. */
export interface ErrorLog {
  error(code: string, fields: Readonly<Record<string, string>>, cause: unknown): void
}

export interface ProblemOptions {
  readonly log: ErrorLog
  readonly newErrorId: () => string
}

/** An error as RFC 9457 problem details. What is not one of ours is logged and answered with an id alone. */
export const toProblem = (error: unknown, { log, newErrorId }: ProblemOptions): ApiResponse => {
  if (isCoded(error)) return problem(error.code, error.message, error.details)
  const errorId = newErrorId()
  log.error('internal_error', { error_id: errorId }, error)
  return problem('internal', 'Something went wrong here. Try again; if it stays, tell us the error_id.', {
    error_id: errorId,
  })
}

const problem = (
  code: ErrorCode,
  detail: string,
  details: Readonly<Record<string, unknown>> & { readonly retry_after_seconds?: number },
): ApiResponse => {
  const { status, title } = problems[code]
  const retryAfter = details.retry_after_seconds
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    },
    body: JSON.stringify({ type: `/problems/${code}`, title, status, detail, code, ...details }),
  }
}

/** Answers every error as problem details. */
export const problemDetails = (options: ProblemOptions): MiddlewareObj<ApiEvent, ApiResponse> => ({
  onError: request => {
    request.response = toProblem(request.error, options)
  },
})

import type { MiddlewareObj } from '@middy/core'
import type { ErrorCode } from '../contracts/errors.ts'
import { problemKinds, problemType } from '../contracts/problems.ts'
import type { ApiEvent, ApiResponse } from './event.ts'

/** An error that carries a code of the contract, and what goes with it. */
interface CodedError extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>> & { readonly retry_after_seconds?: number }
}

const isCoded = (error: unknown): error is CodedError =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  Object.hasOwn(problemKinds, error.code) &&
  'details' in error

/** Where errors go that the caller can do nothing about; unexpected ones under an id that the caller is told. */
export interface ErrorLog {
  error(code: string, fields: Readonly<Record<string, string>>, cause: unknown): void
}

export interface ProblemOptions {
  readonly log: ErrorLog
  readonly newErrorId: () => string
}

/**
 * An error as RFC 9457 problem details. What is not one of ours is logged and answered with an id alone; a vendor's
 * failure is logged with its cause.
 */
export const toProblem = (error: unknown, { log, newErrorId }: ProblemOptions): ApiResponse => {
  if (isCoded(error)) {
    if (problemKinds[error.code].status >= 500) log.error(error.code, {}, error)
    return problem(error.code, error.message, error.details)
  }
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
  const { status, title } = problemKinds[code]
  const retryAfter = details.retry_after_seconds
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    },
    body: JSON.stringify({ type: problemType(code), title, status, detail, code, ...details }),
  }
}

/** Answers every error as problem details. */
export const problemDetails = (options: ProblemOptions): MiddlewareObj<ApiEvent, ApiResponse> => ({
  onError: request => {
    request.response = toProblem(request.error, options)
  },
})

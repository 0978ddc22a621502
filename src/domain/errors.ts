import type { ErrorCode } from '../contracts/errors.ts'

/** What an error tells beside its code; each field is named in the HTTP contract. */
export interface ErrorDetails {
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
  /** Credits that were needed. */
  readonly required?: number
  /** Credits that could be spent. */
  readonly available?: number
  readonly operation_id?: string
  readonly retry_after_seconds?: number
}

/**
 * A failure that the caller can act on. The message is what the caller reads: what happened, whether
 * anything was charged, what to do. Nothing secret or personal goes into it; `cause` is for the logs.
 */
export class DomainError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, { cause })
    this.name = 'DomainError'
    this.code = code
    this.details = details
  }
}

/** A vendor's call that failed. Adapters throw it; use cases turn it into a `DomainError`. */
export class UpstreamError extends Error {
  readonly vendor: string
  readonly kind: 'failed' | 'timeout'
  /** The HTTP status that the vendor answered, where it answered. */
  readonly status: number | undefined

  constructor(vendor: string, kind: 'failed' | 'timeout', status?: number, cause?: unknown) {
    super(`${vendor} ${kind}${status === undefined ? '' : ` (${status})`}`, { cause })
    this.name = 'UpstreamError'
    this.vendor = vendor
    this.kind = kind
    this.status = status
  }
}

const isTimeout = (error: unknown): boolean => error instanceof UpstreamError && error.kind === 'timeout'

/** Turns a vendor's failure into what the listener reads. Call it only once the hold is released. */
export const upstreamProblem = (error: unknown, what: string): DomainError => {
  if (error instanceof DomainError) return error
  if (isTimeout(error)) {
    return new DomainError(
      'upstream_timeout',
      `${what} took too long. Nothing was charged. Try again.`,
      {},
      error,
    )
  }
  return new DomainError('upstream_failed', `${what} failed. Nothing was charged. Try again.`, {}, error)
}

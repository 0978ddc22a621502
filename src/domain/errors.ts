import type { ErrorCode } from '../contracts/errors.ts'

/** What an error tells beside its code; each field is named in the HTTP contract. */
export interface ErrorDetails {
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
  /** Credits that were needed. */
  readonly required?: number
  /** Credits that could be spent. */
  readonly available?: number
  readonly operation_id?: string
  /** The number of the lease in force. */
  readonly lease?: number
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

/**
 * `too_long`: what was sent is more than the vendor takes. `unreadable`: the vendor has, for good, nothing that we can
 * read. Trying either again can't help.
 */
type UpstreamKind = 'failed' | 'timeout' | 'too_long' | 'unreadable'

/** A vendor's call that failed. Adapters throw it; use cases turn it into a `DomainError`. */
export class UpstreamError extends Error {
  readonly vendor: string
  readonly kind: UpstreamKind
  /** The HTTP status that the vendor answered, where it answered. */
  readonly status: number | undefined

  constructor(vendor: string, kind: UpstreamKind, status?: number, cause?: unknown) {
    super(`${vendor} ${kind}${status === undefined ? '' : ` (${status})`}`, { cause })
    this.name = 'UpstreamError'
    this.vendor = vendor
    this.kind = kind
    this.status = status
  }
}

/** What was to be handed to a vendor could not be had, or not in time: its source failed, and not the vendor. */
export class SourceError extends UpstreamError {
  constructor({ vendor, kind, status }: UpstreamError, cause?: unknown) {
    super(vendor, kind, status, cause)
    this.name = 'SourceError'
  }
}

const kindOf = (error: unknown): UpstreamKind => (error instanceof UpstreamError ? error.kind : 'failed')

/** Turns a vendor's failure into what the listener reads. Call it only once the hold is released. */
export const upstreamProblem = (error: unknown, what: string): DomainError => {
  if (error instanceof DomainError) return error
  if (kindOf(error) === 'too_long') {
    return new DomainError(
      'validation_failed',
      'The transcript is too long to be read at once. Nothing was charged. Send a part of it.',
      { errors: [{ path: 'segments', message: 'Send fewer segments.' }] },
      error,
    )
  }
  if (kindOf(error) === 'timeout') {
    return new DomainError(
      'upstream_timeout',
      `${what} took too long. Nothing was charged. Try again.`,
      {},
      error,
    )
  }
  return new DomainError('upstream_failed', `${what} failed. Nothing was charged. Try again.`, {}, error)
}

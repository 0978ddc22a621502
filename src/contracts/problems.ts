import type { ErrorCode } from './errors.ts'

export interface ProblemKind {
  readonly status: number
  readonly title: string
}

/** The one table from error codes to HTTP. */
export const problemKinds: Readonly<Record<ErrorCode, ProblemKind>> = {
  validation_failed: { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Not signed in' },
  insufficient_credits: { status: 402, title: 'Not enough credits' },
  account_in_debt: { status: 402, title: 'The account is in debt' },
  not_found: { status: 404, title: 'Not found' },
  email_taken: { status: 409, title: 'The e-mail has an account' },
  too_many_open_operations: { status: 409, title: 'Too many open operations' },
  operation_in_progress: { status: 409, title: 'The operation is under way' },
  live_already_open: { status: 409, title: 'Live captions are open already' },
  allowance_spent: { status: 409, title: 'The allowance is spent' },
  renew_too_early: { status: 409, title: 'Too early to renew' },
  lease_over: { status: 409, title: 'The captions have ended' },
  wrong_lease: { status: 409, title: 'Another lease is in force' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media: { status: 415, title: 'Not audio that can be read' },
  idempotency_mismatch: { status: 422, title: 'The key belongs to another request' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong here' },
  upstream_failed: { status: 502, title: 'A vendor failed' },
  upstream_timeout: { status: 504, title: 'A vendor took too long' },
}

/** What names a kind of problem in the `type` of problem details. */
export const problemType = (code: ErrorCode): string => `/problems/${code}`

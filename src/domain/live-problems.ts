import type { LiveLeases } from './account.ts'
import { DomainError, type UpstreamError } from './errors.ts'
import { type LiveRules, leaseEndsAtMs, renewFromMs } from './live-lease.ts'

export const noSuchCaptions = (): DomainError =>
  new DomainError('not_found', 'There are no such live captions. Nothing was charged for them.')

export const notOffered = (languages: readonly string[]): DomainError => {
  const message = `Must be one of ${languages.join(', ')}.`
  return new DomainError(
    'validation_failed',
    `These captions are not offered in that language. Nothing was charged. ${message}`,
    { errors: [{ path: 'language', message }] },
  )
}

export const liveAlreadyOpen = (operationId: string, live: LiveLeases, nowMs: number): DomainError =>
  new DomainError(
    'live_already_open',
    'Live captions are open on this account already. Nothing was charged. Stop those first, or wait until they end.',
    {
      operation_id: operationId,
      retry_after_seconds: Math.max(1, Math.ceil((leaseEndsAtMs(live) - nowMs) / 1_000)),
    },
  )

export const leaseOver = (operationId: string): DomainError =>
  new DomainError('lease_over', 'These captions have ended. Nothing more was charged. Start new ones.', {
    operation_id: operationId,
  })

export const wrongLease = (operationId: string, { lease }: LiveLeases): DomainError =>
  new DomainError(
    'wrong_lease',
    `Lease ${lease} is in force: ask for it again, or for lease ${lease + 1} when it is time. Nothing more was charged.`,
    { operation_id: operationId, lease },
  )

export const renewTooEarly = (operationId: string, waitSeconds: number): DomainError =>
  new DomainError(
    'renew_too_early',
    `The next lease can be had in ${waitSeconds} seconds. Nothing more was charged.`,
    { operation_id: operationId, retry_after_seconds: waitSeconds },
  )

export const allowanceSpent = (operationId: string, live: LiveLeases, rules: LiveRules): DomainError =>
  new DomainError(
    'allowance_spent',
    `This lease was handed out before, and no more repeats are free for now. Nothing more was charged. Renew from ${new Date(renewFromMs(live, rules)).toISOString()} on.`,
    { operation_id: operationId },
  )

/** The vendor gave no token. What was sold before stands. */
export const noToken = (error: UpstreamError): DomainError =>
  error.kind === 'timeout'
    ? new DomainError(
        'upstream_timeout',
        'Opening the captions took too long. Nothing more was charged. Send the same request again.',
        {},
        error,
      )
    : new DomainError(
        'upstream_failed',
        'Opening the captions failed. Nothing more was charged. Send the same request again.',
        {},
        error,
      )

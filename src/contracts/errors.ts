import * as z from 'zod'

/** Every stable error code of the HTTP contract. Codes may be added, never renamed. */
export const errorCodes = [
  'validation_failed',
  'unauthenticated',
  'insufficient_credits',
  'account_in_debt',
  'not_found',
  'email_taken',
  'too_many_open_operations',
  'operation_in_progress',
  'live_already_open',
  'allowance_spent',
  'renew_too_early',
  'lease_over',
  'wrong_lease',
  'body_too_large',
  'unsupported_media',
  'idempotency_mismatch',
  'too_many_requests',
  'upstream_failed',
  'upstream_timeout',
  'internal',
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** RFC 9457 problem details, as every error of the API is answered (`application/problem+json`). */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'A URI reference that names the kind of problem' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What happened, whether anything was charged, what to do' }),
    code: z.enum(errorCodes),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    required: z.int().optional().meta({ description: 'Credits needed (402)' }),
    available: z.int().optional().meta({ description: 'Credits that can be spent now (402)' }),
    operation_id: z.string().optional(),
    lease: z.int().optional().meta({ description: 'The number of the lease in force (409 wrong_lease)' }),
    retry_after_seconds: z.int().optional(),
    error_id: z.string().optional().meta({ description: 'What to look up in the logs (500)' }),
  })
  .meta({ id: 'Problem' })

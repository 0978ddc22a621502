import * as z from 'zod'

export const streamRequestSchema = z
  .object({
    language: z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^[a-z]{2}$|^multi$/, 'Give a language of two letters, or "multi".')
      .optional()
      .meta({
        description: 'Two letters, or `multi` to detect it; the first that is configured where absent',
      }),
  })
  .meta({ id: 'StreamRequest' })

export const renewRequestSchema = z
  .object({
    lease: z.int().min(1).max(100_000).meta({ description: 'The number of the lease wanted' }),
  })
  .meta({ id: 'RenewRequest' })

export const stopRequestSchema = z
  .object({
    ended_at: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'When its last sound was, for captions that were broken off; now where absent' }),
  })
  .meta({ id: 'StopRequest' })

/** A slice of live captions, and what opens its socket. */
export const leaseResponseSchema = z
  .object({
    operation_id: z.string(),
    lease: z.int(),
    websocket_url: z.url().meta({ description: 'Complete but for the token: append `&token=`' }),
    token: z.string().meta({ description: 'Opens one socket, within a minute' }),
    lease_seconds: z.int(),
    lease_expires_at: z.iso.datetime(),
    renew_from: z.iso.datetime().meta({ description: 'Before it the next lease is refused' }),
    credits_held: z.int(),
    credits_available: z.int(),
  })
  .meta({ id: 'Lease' })

export const stopResponseSchema = z
  .object({
    operation_id: z.string(),
    seconds: z.int().meta({ description: 'From start to stop by the clock of the server' }),
    credits_used: z.int(),
    credits_refunded: z.int().meta({ description: 'Given back for time that was held and not used' }),
    credits_available: z.int(),
  })
  .meta({ id: 'Stopped' })

export type LeaseResponse = z.infer<typeof leaseResponseSchema>
export type StopResponse = z.infer<typeof stopResponseSchema>

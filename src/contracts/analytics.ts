import * as z from 'zod'
import { serviceTypeSchema } from './credits.ts'

export const usageQuerySchema = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.uuidv7('Give a next_cursor that the API answered with.').optional(),
})

export const usageEntrySchema = z
  .object({
    operation_id: z.string(),
    timestamp: z.iso.datetime(),
    service_type: serviceTypeSchema,
    credits_used: z.int(),
    balance_after: z.int(),
    metadata: z.record(z.string(), z.union([z.string(), z.number()])),
  })
  .meta({ id: 'UsageEntry' })

export const usageResponseSchema = z
  .object({
    usage: z.array(usageEntrySchema),
    summary: z.object({
      credits_used: z.int(),
      by_service: z.record(z.string(), z.int()),
      by_day: z.record(z.string(), z.int()).meta({ description: 'UTC days, as 2026-11-21' }),
    }),
    next_cursor: z.string().optional(),
  })
  .meta({ id: 'Usage' })

export type UsageQuery = z.infer<typeof usageQuerySchema>
export type UsageEntry = z.infer<typeof usageEntrySchema>
export type UsageResponse = z.infer<typeof usageResponseSchema>

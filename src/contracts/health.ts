import * as z from 'zod'

export const healthResponseSchema = z
  .object({
    status: z.enum(['healthy', 'unhealthy']),
    dynamodb: z.enum(['connected', 'unreachable']),
    environment: z.enum(['configured', 'incomplete']),
    version: z.string(),
    problems: z.array(z.string()).optional().meta({ description: 'What is wrong, by name; never a value' }),
  })
  .meta({ id: 'Health' })

export type HealthResponse = z.infer<typeof healthResponseSchema>

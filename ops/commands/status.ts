import * as z from 'zod'
import { healthResponseSchema } from '../../src/contracts/health.ts'
import { defineCommand } from '../command.ts'
import { fieldsOf } from '../print.ts'

export const registerStatus = defineCommand({
  usage: 'status',
  description: 'Whether the stage is well: ends with 1 when something is wrong.',
  examples: ['status', 'status --stage prod'],
  input: z.object({}),
  run: async ({ target }) => {
    const response = await fetch(`${target.apiUrl}/health`, { signal: AbortSignal.timeout(10_000) })
    const health = healthResponseSchema.parse(await response.json())
    const data = { stage: target.stage, health: health.status, version: health.version }
    return { ok: health.status === 'healthy', text: fieldsOf(data), data }
  },
})

import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import type { State } from '../state.ts'
import { type CostData, costData } from './cost-explorer.ts'

export interface ControlOptions {
  costs: State<CostData>
  /** Runs the backend on other tables; its error's message says why it can't. */
  useTables(suffix: string): Promise<void>
}

/** The body of `POST /control`. What is left out stays as it is. */
const controlRequest = z.strictObject({
  /** What the names of the ledger's tables end in from now on: the backend starts anew. */
  tables_suffix: z
    .string()
    .regex(/^(?:-[\w.-]{1,40})?$/)
    .optional(),
  dollars_per_day: costData.shape.dollarsPerDay.optional(),
})

/** Registers `POST /control`: for a restore, which switches tables where the cloud deploys, and for made-up bills. */
export function registerControl(app: FastifyInstance, { costs, useTables }: ControlOptions): void {
  app.post('/control', async (request, reply) => {
    const parsed = controlRequest.safeParse(jsonOf(request.body))
    if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) })
    const { tables_suffix: suffix, dollars_per_day: dollarsPerDay } = parsed.data
    if (dollarsPerDay !== undefined) {
      costs.data.dollarsPerDay = dollarsPerDay
      await costs.save()
    }
    if (suffix === undefined) return reply.send({})
    try {
      await useTables(suffix)
      return reply.send({ tables_suffix: suffix })
    } catch (error) {
      return reply.code(409).send({ error: error instanceof Error ? error.message : String(error) })
    }
  })
}

function jsonOf(body: unknown): unknown {
  try {
    return JSON.parse(String(body))
  } catch {
    return undefined
  }
}

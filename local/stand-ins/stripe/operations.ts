import type * as z from 'zod'
import type { Account, Caller } from './account.ts'
import { parseParams } from './params.ts'

/** One API call's context. */
export interface Call extends Caller {
  readonly account: Account
  /** The `:id` of the path; empty where the path has none. */
  readonly id: string
}

/** An API operation: `prepare` checks the parameters, what it returns carries the operation out. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Fastify path below `/v1`. */
  readonly path: string
  /** @throws StripeApiError when a parameter is unknown, missing or wrong */
  prepare(rawParams: unknown): (call: Call) => object
}

/**
 * Declares an operation. `run` changes `call.account.data` in place, synchronously, so that an operation is
 * either saved whole or not at all.
 */
export function operation<Schema extends z.ZodType>(declared: {
  method: Operation['method']
  path: string
  params: Schema
  run: (call: Call, params: z.output<Schema>) => object
}): Operation {
  const { method, path, params: schema, run } = declared
  return {
    method,
    path,
    prepare(rawParams) {
      const params = parseParams(schema, rawParams)
      return call => run(call, params)
    },
  }
}

import * as z from 'zod'
import { isDenied } from './aws-cli.ts'
import { DeployProblem } from './problem.ts'
import type { Session } from './session.ts'
import type { Template } from './template.ts'

const limitSchema = z.object({ AccountLimit: z.object({ ConcurrentExecutions: z.int() }) })
const reservedSchema = z.object({ ReservedConcurrentExecutions: z.int() })
/** AWS keeps this many for the functions that reserve none. */
const unreservedAtLeast = 100

/** @throws {DeployProblem} when the functions reserve more than the account may run at once */
export const requireConcurrency = async (session: Session, template: Template): Promise<void> => {
  const reserved = Object.values(template.Resources)
    .map(({ Properties }) => reservedSchema.safeParse(Properties))
    .reduce((sum, result) => sum + (result.data?.ReservedConcurrentExecutions ?? 0), 0)
  if (reserved === 0) return
  const limit = await concurrencyLimit(session)
  if (limit === undefined || limit - unreservedAtLeast >= reserved) return
  throw new DeployProblem(
    `RESERVED_CONCURRENCY=on reserves ${reserved} concurrent executions, and this account may run ` +
      `${limit} (${unreservedAtLeast} of them unreserved). Set it to off, or ask AWS to raise the ` +
      'quota "Concurrent executions" of Lambda. Nothing was changed.',
  )
}

/** How many executions the account may run at once; undefined where that may not be asked. */
const concurrencyLimit = async ({ aws, say }: Session): Promise<number | undefined> => {
  try {
    const { AccountLimit: limit } = await aws.json(limitSchema, 'lambda', 'get-account-settings')
    return limit.ConcurrentExecutions
  } catch (error) {
    if (!isDenied(error)) throw error
    say('  not checked: whether the account may reserve so much concurrency.')
    return undefined
  }
}

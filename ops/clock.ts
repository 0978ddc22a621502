import type { Database } from '../src/db/dynamodb.ts'

/**
 * AWS's time, as soon as it has answered anything: a hold or a grant must not end early because an operator's clock is
 * wrong. The SDK notes by how much that is off, in order to sign all the same.
 */
export const clockOf =
  ({ client }: Pick<Database, 'client'>) =>
  (): number =>
    Date.now() + client.config.systemClockOffset

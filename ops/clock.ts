import type { Database } from '../src/db/dynamodb.ts'

/**
 * AWS's time to the second, as soon as DynamoDB has answered anything: a hold or a grant must not end early because an
 * operator's clock is wrong. The SDK notes at every answer by how much that is off, however little, in order to sign.
 */
export const clockOf =
  ({ client }: Pick<Database, 'client'>) =>
  (): number =>
    Date.now() + client.config.systemClockOffset

import { paginateScan } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { erased } from '../domain/erasure.ts'
import type { Database } from './dynamodb.ts'
import { isEmailKey } from './email-key.ts'

/** Whatever has become of the rest: accounts are listed when a restore is to mend them. */
const rowSchema = z.object({ user_id: z.string(), email: z.unknown().optional() })

/** Every account, and whether its listener was erased. Reads the whole Users table. */
export async function* listAccounts(
  db: Database,
): AsyncGenerator<{ readonly userId: string; readonly isErased: boolean }> {
  const pages = paginateScan(
    { client: db.client },
    { TableName: db.tables.users, ProjectionExpression: 'user_id, email' },
  )
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      const { user_id: userId, email } = rowSchema.parse(item)
      if (!isEmailKey(userId)) yield { userId, isErased: email === erased }
    }
  }
}

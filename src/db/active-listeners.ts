import { paginateScan } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { Database } from './dynamodb.ts'

const rowSchema = z.object({ user_id: z.string() })

/**
 * How many accounts have used something in a time span: `fromMs` is in it, `toMs` is not. Reads the whole Usage table,
 * half a read unit for each 4 KB.
 */
export const countActiveListeners = async (db: Database, fromMs: number, toMs: number): Promise<number> => {
  const pages = paginateScan(
    { client: db.client },
    {
      TableName: db.tables.usage,
      ProjectionExpression: 'user_id',
      // Sort keys begin with the time; one of `toMs` itself sorts behind the bare time.
      FilterExpression: '#timestamp BETWEEN :from AND :to',
      ExpressionAttributeNames: { '#timestamp': 'timestamp' },
      ExpressionAttributeValues: {
        ':from': new Date(fromMs).toISOString(),
        ':to': new Date(toMs).toISOString(),
      },
    },
  )
  const listeners = new Set<string>()
  for await (const { Items = [] } of pages) {
    for (const item of Items) listeners.add(rowSchema.parse(item).user_id)
  }
  return listeners.size
}

import { paginateScan } from '@aws-sdk/lib-dynamodb'
import type { Database } from './dynamodb.ts'

/** How many items a table holds, by counting them: what DynamoDB says of itself is hours old. Reads all of it. */
export const countItems = async (db: Database, tableName: string): Promise<number> => {
  let count = 0
  for await (const { Count = 0 } of paginateScan(
    { client: db.client },
    { TableName: tableName, Select: 'COUNT' },
  )) {
    count += Count
  }
  return count
}

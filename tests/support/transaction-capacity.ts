import * as z from 'zod'

/**
 * DynamoDB Local reports four units for each kilobyte that a transaction writes; AWS documents two. A check of an item
 * that is not changed costs what a write does: https://martinhicks.dev/articles/what-a-conditional-dynamodb-transaction-costs
 */
export const reportedForDocumented = 2
const leastReportedForItem = 4

/** What a transaction has consumed of one table, as reported. */
export interface TableCapacity {
  readonly TableName: string
  readonly CapacityUnits: number
}

const itemsSchema = z.array(z.record(z.string(), z.object({ TableName: z.string() })))
const reportsSchema = z.array(
  z.object({ TableName: z.string(), Table: z.object({ CapacityUnits: z.number() }) }),
)

/**
 * What DynamoDB Local leaves out: a check beside an update of the same table.
 * @param transactItems of the request @param reports of `INDEXES`
 */
export const leftOut = (transactItems: unknown, reports: unknown): TableCapacity[] => {
  const tables = itemsSchema.parse(transactItems).flatMap(item => Object.values(item))
  return reportsSchema.parse(reports).map(({ TableName, Table }) => {
    const items = tables.filter(item => item.TableName === TableName).length
    return { TableName, CapacityUnits: Math.max(0, items * leastReportedForItem - Table.CapacityUnits) }
  })
}

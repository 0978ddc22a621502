import * as z from 'zod'
import { leftOut, reportedForDocumented } from '../../tests/support/transaction-capacity.ts'
import type { Exchange } from './tap.ts'

/** What a function's calls of DynamoDB cost. Read units are counted in halves: an eventually consistent read is one. */
export interface Capacity {
  readonly writeUnits: number
  readonly readHalfUnits: number
  readonly reads: number
  readonly writes: number
  readonly transactions: number
  /** The tables that were asked. */
  readonly tables: readonly string[]
}

const reportSchema = z.looseObject({ TableName: z.string(), CapacityUnits: z.number() })
const answerSchema = z.object({ ConsumedCapacity: z.union([reportSchema, z.array(reportSchema)]).optional() })
const requestSchema = z.looseObject({ TransactItems: z.unknown().optional() })
const readers = new Set(['GetItem', 'Query', 'Scan', 'BatchGetItem'])
/** Asks DynamoDB to tell what a request consumes, whatever the request is. */
export const askForCapacity = (body: Buffer): Buffer =>
  Buffer.from(JSON.stringify({ ...JSON.parse(body.toString()), ReturnConsumedCapacity: 'INDEXES' }))

const operationOf = ({ headers }: Exchange): string =>
  String(headers['x-amz-target'] ?? '').replace(/^.*\./, '')

const shortName = (table: string): string => table.slice(table.lastIndexOf('-') + 1)

const capacityOf = (exchange: Exchange): Capacity => {
  const { ConsumedCapacity = [] } = answerSchema.parse(JSON.parse(exchange.answer.toString()))
  const operation = operationOf(exchange)
  const isRead = readers.has(operation)
  const isTransaction = operation === 'TransactWriteItems'
  const reports = [ConsumedCapacity].flat()
  const { TransactItems } = requestSchema.parse(JSON.parse(exchange.request.toString()))
  const unreported = isTransaction ? leftOut(TransactItems, reports) : []
  const units = [...reports, ...unreported].reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0)
  return {
    writeUnits: isRead ? 0 : units / (isTransaction ? reportedForDocumented : 1),
    readHalfUnits: isRead ? units * 2 : 0,
    reads: isRead ? 1 : 0,
    writes: isRead || isTransaction ? 0 : 1,
    transactions: isTransaction ? 1 : 0,
    tables: reports.map(({ TableName }) => shortName(TableName)),
  }
}

/** What all these calls cost together, by AWS's documented rules. */
export const totalCapacity = (exchanges: readonly Exchange[]): Capacity => {
  const all = exchanges.map(capacityOf)
  const sum = (field: Exclude<keyof Capacity, 'tables'>): number =>
    all.reduce((total, one) => total + one[field], 0)
  return {
    writeUnits: sum('writeUnits'),
    readHalfUnits: sum('readHalfUnits'),
    reads: sum('reads'),
    writes: sum('writes'),
    transactions: sum('transactions'),
    tables: [...new Set(all.flatMap(({ tables }) => tables))].sort(),
  }
}

import type { Database } from '../../src/db/dynamodb.ts'
import { leftOut, reportedForDocumented } from './transaction-capacity.ts'

/** Write units of one call. */
export interface MeteredWrite {
  readonly command: string
  readonly table: string
  readonly units: number
}

interface CapacityReport {
  readonly TableName?: string
  readonly CapacityUnits?: number
}

const single = new Set([
  'UpdateItemCommand',
  'PutItemCommand',
  'DeleteItemCommand',
  'UpdateCommand',
  'PutCommand',
  'DeleteCommand',
])
const transactions = new Set(['TransactWriteItemsCommand', 'TransactWriteCommand'])

const reportsIn = (output: object): CapacityReport[] => {
  const { ConsumedCapacity } = output as { ConsumedCapacity?: CapacityReport | CapacityReport[] }
  return ConsumedCapacity === undefined ? [] : [ConsumedCapacity].flat()
}

const toWrites = (command: string, reports: readonly CapacityReport[], divisor: number): MeteredWrite[] =>
  reports.map(({ TableName = '', CapacityUnits = 0 }) => ({
    command,
    table: TableName.slice(TableName.lastIndexOf('-') + 1),
    units: CapacityUnits / divisor,
  }))

/**
 * Counts the write units of everything that goes through a client: as reported for single writes, and by AWS's
 * documented rule (two units for each kilobyte of each item) for transactions. Indexes are included.
 */
export const meterWrites = ({ client }: Database): { take(): MeteredWrite[] } => {
  let writes: MeteredWrite[] = []
  client.middlewareStack.add(
    (next, context) => async args => {
      const command = context.commandName ?? ''
      const isTransaction = transactions.has(command)
      if (!isTransaction && !single.has(command)) return next(args)
      Object.assign(args.input, { ReturnConsumedCapacity: 'INDEXES' })
      const result = await next(args)
      const reported = reportsIn(result.output)
      const { TransactItems } = args.input as { TransactItems?: unknown }
      const reports = isTransaction ? [...reported, ...leftOut(TransactItems, reported)] : reported
      writes.push(...toWrites(command, reports, isTransaction ? reportedForDocumented : 1))
      return result
    },
    { step: 'initialize', name: 'meterWrites' },
  )
  return {
    take: () => {
      const taken = writes
      writes = []
      return taken
    },
  }
}

export const totalUnits = (writes: readonly MeteredWrite[]): number =>
  writes.reduce((sum, { units }) => sum + units, 0)

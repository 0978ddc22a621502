import type { Database } from '../../src/db/dynamodb.ts'

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

/** DynamoDB Local reports four units for each kilobyte that a transaction writes; AWS documents two. */
const reportedForDocumented = 2

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
      const { ConsumedCapacity } = result.output as { ConsumedCapacity?: CapacityReport | CapacityReport[] }
      const reports = ConsumedCapacity === undefined ? [] : [ConsumedCapacity].flat()
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

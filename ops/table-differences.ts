import type { Database } from '../src/db/dynamodb.ts'
import { DynamoLedgerAudit } from '../src/db/ledger-audit.ts'
import { countItems } from '../src/db/table-counts.ts'
import { backoff } from '../src/wiring/clock.ts'

/** How restored tables differ from those that serve. */
export interface TableDifferences {
  readonly accounts: Counts
  readonly usageRows: Counts
  readonly transactionRows: Counts
  /** Accounts that serve now and were not there yet. */
  readonly openedSince: readonly string[]
  /** Accounts that are not there any more now. */
  readonly goneSince: readonly string[]
}

export interface Counts {
  readonly restored: number
  readonly serving: number
}

/** Reads all of both. */
export const compareTables = async (restored: Database, serving: Database): Promise<TableDifferences> => {
  const [restoredIds, servingIds] = await Promise.all([accountIds(restored), accountIds(serving)])
  return {
    accounts: { restored: restoredIds.size, serving: servingIds.size },
    usageRows: await countBoth(restored, serving, 'usage'),
    transactionRows: await countBoth(restored, serving, 'transactions'),
    openedSince: [...servingIds].filter(id => !restoredIds.has(id)),
    goneSince: [...restoredIds].filter(id => !servingIds.has(id)),
  }
}

const accountIds = async (database: Database): Promise<Set<string>> => {
  const ids = new Set<string>()
  for await (const page of new DynamoLedgerAudit(database, backoff).accountIds(undefined)) {
    for (const id of page) ids.add(id)
  }
  return ids
}

const countBoth = async (
  restored: Database,
  serving: Database,
  table: 'usage' | 'transactions',
): Promise<Counts> => ({
  restored: await countItems(restored, restored.tables[table]),
  serving: await countItems(serving, serving.tables[table]),
})

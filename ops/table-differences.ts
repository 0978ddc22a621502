import { listAccounts } from '../src/db/account-list.ts'
import type { Database } from '../src/db/dynamodb.ts'
import { countItems } from '../src/db/table-counts.ts'

/** How restored tables differ from those that serve. */
export interface TableDifferences {
  readonly accounts: Counts
  readonly usageRows: Counts
  readonly transactionRows: Counts
  readonly since: AccountsSince
}

export interface Counts {
  readonly restored: number
  readonly serving: number
}

/** User ids. */
export interface AccountsSince {
  /** Serve now, and were not there yet. */
  readonly opened: readonly string[]
  /** Are not there any more now, though nobody erased them. */
  readonly lost: readonly string[]
  /** Were erased since. */
  readonly erased: readonly string[]
}

/** By user id, whether the account was erased. */
type Accounts = ReadonlyMap<string, boolean>

/** Reads all of both. */
export const compareTables = async (restored: Database, serving: Database): Promise<TableDifferences> => {
  const [then, now] = await Promise.all([readAccounts(restored), readAccounts(serving)])
  return {
    accounts: { restored: then.size, serving: now.size },
    usageRows: await countBoth(restored, serving, 'usage'),
    transactionRows: await countBoth(restored, serving, 'transactions'),
    since: accountsSince(then, now),
  }
}

/** User ids of those who were erased in one set of tables since it was as the other. Reads the accounts of both. */
export const erasedSince = async (restored: Database, serving: Database): Promise<readonly string[]> => {
  const [then, now] = await Promise.all([readAccounts(restored), readAccounts(serving)])
  return accountsSince(then, now).erased
}

/** What has become of accounts between two moments. */
export const accountsSince = (then: Accounts, now: Accounts): AccountsSince => ({
  opened: [...now.keys()].filter(id => !then.has(id)),
  lost: [...then.keys()].filter(id => !now.has(id)),
  erased: [...then].filter(([id, wasErased]) => !wasErased && now.get(id) === true).map(([id]) => id),
})

const readAccounts = async (database: Database): Promise<Accounts> => {
  const accounts = new Map<string, boolean>()
  for await (const { userId, isErased } of listAccounts(database)) accounts.set(userId, isErased)
  return accounts
}

const countBoth = async (
  restored: Database,
  serving: Database,
  table: 'usage' | 'transactions',
): Promise<Counts> => ({
  restored: await countItems(restored, restored.tables[table]),
  serving: await countItems(serving, serving.tables[table]),
})

import { paginateScan } from '@aws-sdk/lib-dynamodb'
import { listAccounts } from '../src/db/account-list.ts'
import type { Database } from '../src/db/dynamodb.ts'
import { countItems } from '../src/db/table-counts.ts'

/** How restored tables differ from those that serve. */
export interface TableDifferences {
  readonly accounts: Counts
  readonly usageRows: Counts
  readonly transactionRows: Counts
  readonly since: AccountsSince
  /** User ids that restored rows are about, and that have no account there, not even a closed one. */
  readonly ownerless: readonly string[]
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
  // Rows before accounts: one that is opened meanwhile is there once its rows are.
  const usage = await readRows(restored, 'usage')
  const transactions = await readRows(restored, 'transactions')
  const [then, now] = await Promise.all([readAccounts(restored), readAccounts(serving)])
  const owners = new Set([...usage.owners, ...transactions.owners])
  return {
    accounts: { restored: then.size, serving: now.size },
    usageRows: { restored: usage.count, serving: await countItems(serving, serving.tables.usage) },
    transactionRows: {
      restored: transactions.count,
      serving: await countItems(serving, serving.tables.transactions),
    },
    since: accountsSince(then, now),
    ownerless: [...owners].filter(id => !then.has(id)),
  }
}

/** What has become of accounts since one set of tables was as the other. Reads the accounts of both. */
export const compareAccounts = async (restored: Database, serving: Database): Promise<AccountsSince> => {
  const [then, now] = await Promise.all([readAccounts(restored), readAccounts(serving)])
  return accountsSince(then, now)
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

interface Rows {
  readonly count: number
  readonly owners: ReadonlySet<string>
}

const readRows = async ({ client, tables }: Database, table: 'usage' | 'transactions'): Promise<Rows> => {
  const owners = new Set<string>()
  let count = 0
  const pages = paginateScan({ client }, { TableName: tables[table], ProjectionExpression: 'user_id' })
  for await (const { Items = [], Count = 0 } of pages) {
    count += Count
    for (const { user_id: owner } of Items) owners.add(String(owner))
  }
  return { count, owners }
}

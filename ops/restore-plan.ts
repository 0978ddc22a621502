/** The tables that hold the ledger. Ephemera is never restored: what is in it lapses by itself. */
export const ledgerTables = ['users', 'usage', 'transactions'] as const
export type LedgerTable = (typeof ledgerTables)[number]
export type LedgerTableNames = Readonly<Record<LedgerTable, string>>

/** What is to be restored from which tables, and into which. */
export interface RestorePlan {
  readonly atMs: number
  readonly suffix: string
  readonly from: LedgerTableNames
  readonly to: LedgerTableNames
}

/** Between which moments a table can be restored. Milliseconds since the epoch; both are included. */
export interface RecoveryWindow {
  readonly earliestMs: number
  readonly latestMs: number
}

const secondMs = 1_000

/** DynamoDB restores to whole seconds. */
export const wholeSecond = (atMs: number): number => Math.floor(atMs / secondMs) * secondMs

/** What the names of tables end in that are restored to a moment: -r20261129120000, in UTC. */
export const suffixOf = (atMs: number): string =>
  `-r${new Date(atMs).toISOString().slice(0, 19).replace(/[-T:]/g, '')}`

/**
 * The same tables under another suffix.
 * @param tables those that end in `suffix`
 */
export const underSuffix = (tables: LedgerTableNames, suffix: string, other: string): LedgerTableNames => {
  const rename = (name: string): string => `${name.slice(0, name.length - suffix.length)}${other}`
  return {
    users: rename(tables.users),
    usage: rename(tables.usage),
    transactions: rename(tables.transactions),
  }
}

/** Why tables can't be restored to a moment; undefined where they can. */
export const problemOfTime = (
  atMs: number,
  windows: readonly RecoveryWindow[],
  nowMs: number,
): string | undefined => {
  if (atMs > nowMs) return 'lies in the future'
  const earliestMs = Math.max(...windows.map(window => window.earliestMs))
  const latestMs = Math.min(...windows.map(window => window.latestMs))
  if (atMs < earliestMs)
    return `is too early: the tables can be restored from ${seconds(earliestMs, Math.ceil)} on`
  if (atMs > latestMs)
    return `is too late: the tables can be restored to ${seconds(latestMs, Math.floor)} at most`
  return undefined
}

const seconds = (atMs: number, round: (value: number) => number): string =>
  new Date(round(atMs / secondMs) * secondMs).toISOString().replace('.000', '')

import { listeners, storage, usage } from './assumptions.ts'
import type { Measured } from './measured.ts'
import { scaled } from './money.ts'
import { nothing, type Quantities } from './quantities.ts'

const rowBytes = ({ rows }: Measured, kind: string, count: bigint): bigint => {
  const row = rows[kind]
  if (!row) throw new Error(`No row of ${kind} was measured.`)
  return scaled(row.bytes, row.items, count)
}

/** Bytes of the Usage rows that a month adds, as DynamoDB counts them for a read. */
export const usageBytesAMonth = (measured: Measured): bigint =>
  rowBytes(measured, 'usage_live_transcription', usage.sessions * listeners) +
  rowBytes(measured, 'usage_catchup', usage.catchups * listeners)

/** Bytes that a month's use adds to the ledger's tables, and what the accounts themselves take. */
const storedBytes = (measured: Measured) => {
  const { bytesAnItem, bytesAnIndexEntry } = storage
  const added = (items: bigint, indexEntries = 0n): bigint =>
    (items * bytesAnItem + indexEntries * bytesAnIndexEntry) * listeners
  const purchases = usage.purchases * listeners
  return {
    accounts: rowBytes(measured, 'user', listeners) + rowBytes(measured, 'email', listeners) + added(2n, 1n),
    aMonth:
      usageBytesAMonth(measured) +
      rowBytes(measured, 'transaction', purchases) +
      added(usage.sessions + usage.catchups + usage.purchases, usage.purchases),
  }
}

/** What is stored on average over the month that ends after so many of them, and its daily copies. */
export const storageOf = (measured: Measured, months: bigint): Quantities => {
  const { accounts, aMonth } = storedBytes(measured)
  const average = accounts + aMonth * months - aMonth / 2n
  const { backupsKept, artifactBytes } = storage
  // A month's first copies are there for the rest of it: of 35, about half in the first month.
  const copies = months === 1n ? backupsKept / 2n : backupsKept
  return {
    ...nothing,
    stored: average,
    recovery: average,
    backups: average * copies,
    artifacts: artifactBytes,
  }
}

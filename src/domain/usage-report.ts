import type { UsageEntry, UsageQuery, UsageResponse } from '../contracts/analytics.ts'
import { DomainError } from './errors.ts'
import type { UsageRow } from './journal.ts'
import { operationTimeMs, usageSortKey } from './operation-id.ts'
import type { Clock, UsageHistory } from './ports.ts'

const dayMs = 24 * 3_600_000
const defaultSpanMs = 30 * dayMs
const longestSpanMs = 366 * dayMs
/** A file of this many stays under the 6 MB that Lambda may answer. */
const mostFileRows = 20_000

/** The vendor's id of a transcript is for us alone. */
const shownMetadata = ({ transcript_id: _ours, ...shown }: UsageRow['metadata']): UsageEntry['metadata'] =>
  shown

const toEntry = (row: UsageRow): UsageEntry => ({
  operation_id: row.operationId,
  timestamp: new Date(operationTimeMs(row.operationId)).toISOString(),
  service_type: row.service,
  credits_used: row.creditsUsed,
  balance_after: row.balanceAfter,
  metadata: { ...shownMetadata(row.metadata), price_list_version: row.priceListVersion },
})

const addTo = (totals: Record<string, number>, key: string, credits: number): void => {
  totals[key] = (totals[key] ?? 0) + credits
}

const summarise = (entries: readonly UsageEntry[]): UsageResponse['summary'] => {
  const summary: UsageResponse['summary'] = { credits_used: 0, by_service: {}, by_day: {} }
  for (const entry of entries) {
    summary.credits_used += entry.credits_used
    addTo(summary.by_service, entry.service_type, entry.credits_used)
    addTo(summary.by_day, entry.timestamp.slice(0, 10), entry.credits_used)
  }
  return summary
}

const invalid = (path: string, message: string): DomainError =>
  new DomainError('validation_failed', message, { errors: [{ path, message }] })

/** A time span of at most a year; the last 30 days where none is given. Clocks of clients run ahead, so it ends tomorrow. */
const spanOf = (query: UsageQuery, nowMs: number): { fromMs: number; toMs: number } => {
  const toMs = query.to === undefined ? nowMs + dayMs : Date.parse(query.to)
  const fromMs = query.from === undefined ? Math.min(nowMs, toMs) - defaultSpanMs : Date.parse(query.from)
  if (fromMs > toMs) throw invalid('from', 'from must not be after to.')
  if (toMs - fromMs > longestSpanMs) throw invalid('from', 'Ask for at most 366 days at once.')
  return { fromMs, toMs }
}

/** Every entry of the time span, newest first. */
const usageEntries = async (
  history: UsageHistory,
  now: Clock,
  userId: string,
  query: UsageQuery,
): Promise<UsageEntry[]> => {
  const { fromMs, toMs } = spanOf(query, now())
  return (await history.between(userId, fromMs, toMs)).map(toEntry)
}

/** Every entry of the time span, for a file. @throws {DomainError} `validation_failed` where they are too many for one */
export const usageFile = async (
  history: UsageHistory,
  now: Clock,
  userId: string,
  query: UsageQuery,
): Promise<UsageEntry[]> => {
  const entries = await usageEntries(history, now, userId, query)
  if (entries.length <= mostFileRows) return entries
  throw invalid('from', `A file holds at most ${mostFileRows} rows: ask for a shorter time.`)
}

/** A page of the time span's entries with the totals of all of it. The cursor is the last page's last operation. */
export const usageReport = async (
  history: UsageHistory,
  now: Clock,
  userId: string,
  query: UsageQuery,
): Promise<UsageResponse> => {
  const entries = await usageEntries(history, now, userId, query)
  const after = query.cursor
  const rest =
    after === undefined
      ? entries
      : entries.filter(entry => usageSortKey(entry.operation_id) < usageSortKey(after))
  const page = rest.slice(0, query.limit)
  return {
    usage: page,
    summary: summarise(entries),
    next_cursor: rest.length > page.length ? page.at(-1)?.operation_id : undefined,
  }
}

import type { UsageEntry } from '../../../src/contracts/analytics.ts'
import type { Api } from '../../api/client.ts'
import { spanStartMs } from './usage-days.ts'

/** The most that the API gives at once. */
const pageSize = 1_000

/** Everything that was used in a span of days. */
export interface UsageOfSpan {
  readonly days: number
  readonly nowMs: number
  /** Newest first. */
  readonly entries: readonly UsageEntry[]
}

/** Reads all usage of the last days, today included, page by page. @throws {Problem} */
export async function readUsage(api: Pick<Api, 'usage'>, days: number, nowMs: number): Promise<UsageOfSpan> {
  const from = new Date(spanStartMs(days, nowMs)).toISOString()
  const entries: UsageEntry[] = []
  let cursor: string | undefined
  do {
    const page = await api.usage({ from, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) })
    entries.push(...page.usage)
    cursor = page.next_cursor
  } while (cursor !== undefined)
  return { days, nowMs, entries }
}

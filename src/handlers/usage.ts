import { type UsageEntry, usageQuerySchema } from '../contracts/analytics.ts'
import type { Clock, UsageHistory } from '../domain/ports.ts'
import { usageFile, usageReport } from '../domain/usage-report.ts'
import { csvFile } from '../http/csv.ts'
import { endpoint } from '../http/endpoint.ts'
import type { ApiEvent, ApiResponse } from '../http/event.ts'
import { authenticate, header, query } from '../http/request.ts'
import { json } from '../http/response.ts'
import type { SignedInDependencies } from './caller.ts'

export interface UsageDependencies extends SignedInDependencies {
  readonly history: UsageHistory
  readonly now: Clock
}

const wantsCsv = (event: ApiEvent): boolean => header(event, 'accept')?.includes('text/csv') ?? false

const columns = ['timestamp', 'operation_id', 'service_type', 'credits_used', 'balance_after', 'metadata']

const toCsv = (entries: readonly UsageEntry[]): ApiResponse =>
  csvFile(
    'usage.csv',
    columns,
    entries.map(entry => ({ ...entry, metadata: JSON.stringify(entry.metadata) })),
  )

/** `GET /analytics/usage`: a page as JSON, or the whole time span as a CSV file. */
export const createHandler = ({ http, verifyToken, history, now }: UsageDependencies) =>
  endpoint(http, async event => {
    const userId = await authenticate(event, verifyToken)
    const usageQuery = query(event, usageQuerySchema)
    if (wantsCsv(event)) return toCsv(await usageFile(history, now, userId, usageQuery))
    return json(200, await usageReport(history, now, userId, usageQuery))
  })

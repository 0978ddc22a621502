import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import * as z from 'zod'
import { serviceTypes, type UsageRow } from '../domain/journal.ts'
import { usageSortKey } from '../domain/operation-id.ts'

const usageItemSchema = z.object({
  user_id: z.string(),
  timestamp: z.string(),
  service_type: z.enum(serviceTypes),
  credits_used: z.int(),
  balance_after: z.int(),
  metadata: z.record(z.string(), z.union([z.string(), z.number()])),
  request_hash: z.string(),
  price_list_version: z.string(),
  result: z.instanceof(Uint8Array).optional(),
})

const operationIdOf = (sortKey: string): string => sortKey.slice(sortKey.indexOf('#') + 1)

/** A Usage row as the table keeps it. The result is packed: a short answer then fits into the row's first kilobyte. */
export const toUsageItem = (row: UsageRow): z.infer<typeof usageItemSchema> => ({
  user_id: row.userId,
  timestamp: usageSortKey(row.operationId),
  service_type: row.service,
  credits_used: row.creditsUsed,
  balance_after: row.balanceAfter,
  metadata: { ...row.metadata },
  request_hash: row.requestHash,
  price_list_version: row.priceListVersion,
  result: row.result === undefined ? undefined : brotliCompressSync(JSON.stringify(row.result)),
})

/** Reads a Usage item. @throws {z.ZodError} where the table holds something that we did not write */
export const toUsageRow = (item: unknown): UsageRow => {
  const row = usageItemSchema.parse(item)
  return {
    userId: row.user_id,
    operationId: operationIdOf(row.timestamp),
    service: row.service_type,
    creditsUsed: row.credits_used,
    balanceAfter: row.balance_after,
    metadata: row.metadata,
    requestHash: row.request_hash,
    priceListVersion: row.price_list_version,
    result: row.result && JSON.parse(brotliDecompressSync(row.result).toString('utf8')),
  }
}

import { ScanCommand } from '@aws-sdk/lib-dynamodb'
import type { Database } from '../../src/db/dynamodb.ts'
import type { Measured } from './measured.ts'

/** A value's size by DynamoDB's published rules, in bytes. */
const valueBytes = (value: unknown): number => {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (typeof value === 'number') return Math.ceil(String(value).length / 2) + 1
  if (value instanceof Uint8Array) return value.byteLength
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + 1 + valueBytes(one), 3)
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).length + 3 + attributesBytes(value)
}

const attributesBytes = (item: object): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0)

/** What the ledger's tables hold, by kind of item; without e-mail markers, of which each account has one. */
export const measureRows = async ({ client, tables }: Database): Promise<Measured['rows']> => {
  const rows: Record<string, { items: number; bytes: number }> = {}
  const add = (kind: string, item: object): void => {
    const row = rows[kind] ?? { items: 0, bytes: 0 }
    rows[kind] = { items: row.items + 1, bytes: row.bytes + attributesBytes(item) }
  }
  const scan = async (TableName: string) => (await client.send(new ScanCommand({ TableName }))).Items ?? []
  for (const item of await scan(tables.users)) {
    add(String(item.user_id).startsWith('email#') ? 'email' : 'user', item)
  }
  for (const item of await scan(tables.usage)) add(`usage_${item.service_type}`, item)
  for (const item of await scan(tables.transactions)) add('transaction', item)
  return rows
}

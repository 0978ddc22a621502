import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { Engine } from './engine.ts'
import { type Item, itemSchema, keyOf } from './items.ts'
import type { Journal } from './journal.ts'
import { createTableLike, type Table } from './tables.ts'

const pageSchema = z.object({ Items: z.array(itemSchema), LastEvaluatedKey: itemSchema.optional() })
const batchSchema = z.object({ UnprocessedItems: z.record(z.string(), z.array(z.unknown())).default({}) })
/** As many as DynamoDB takes at once. */
const batchItems = 25
const retryPauseMs = 50

/**
 * Makes a table as another one was: all that is in it now, but for what was written after `atMs`, in whose place
 * comes what that replaced.
 *
 * @returns how many items it has
 */
export async function restoreTable(
  engine: Engine,
  source: Table,
  journal: Journal,
  { target, atMs }: { target: string; atMs: number },
): Promise<number> {
  await createTableLike(engine, source, target)
  try {
    const items = await itemsAt(engine, source, journal, atMs)
    await writeAll(engine, target, items)
    return items.length
  } catch (error) {
    await engine.call(z.unknown(), 'DeleteTable', { TableName: target }).catch(() => undefined)
    throw error
  }
}

async function itemsAt(engine: Engine, source: Table, journal: Journal, atMs: number): Promise<Item[]> {
  const keyNames = source.KeySchema.map(({ AttributeName }) => AttributeName)
  const items = new Map<string, Item>()
  for (const item of await scan(engine, source.TableName)) items.set(keyOf(item, keyNames), item)
  // What was written while the table was read is after the time, too.
  await journal.catchUp()

  const undone = new Set<string>()
  for (const { keys, old } of journal.entriesAfter(atMs)) {
    const key = keyOf(keys, keyNames)
    if (undone.has(key)) continue
    undone.add(key)
    if (old === undefined) items.delete(key)
    else items.set(key, old)
  }
  return [...items.values()]
}

async function scan(engine: Engine, tableName: string): Promise<Item[]> {
  const items: Item[] = []
  let last: Item | undefined
  do {
    const page = await engine.call(pageSchema, 'Scan', {
      TableName: tableName,
      ConsistentRead: true,
      ...(last === undefined ? {} : { ExclusiveStartKey: last }),
    })
    items.push(...page.Items)
    last = page.LastEvaluatedKey
  } while (last !== undefined)
  return items
}

async function writeAll(engine: Engine, tableName: string, items: readonly Item[]): Promise<void> {
  for (let start = 0; start < items.length; start += batchItems) {
    let requests: unknown[] = items
      .slice(start, start + batchItems)
      .map(item => ({ PutRequest: { Item: item } }))
    while (requests.length > 0) {
      const { UnprocessedItems } = await engine.call(batchSchema, 'BatchWriteItem', {
        RequestItems: { [tableName]: requests },
      })
      requests = UnprocessedItems[tableName] ?? []
      if (requests.length > 0) await sleep(retryPauseMs)
    }
  }
}

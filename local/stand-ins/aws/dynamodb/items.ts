import * as z from 'zod'

/** An item, or its keys, as DynamoDB sends it: each attribute with its type. */
export const itemSchema = z.record(z.string(), z.unknown())
export type Item = z.infer<typeof itemSchema>

/** What an item goes by in its table. */
export function keyOf(item: Item, keyNames: readonly string[]): string {
  return JSON.stringify(keyNames.map(name => item[name]))
}

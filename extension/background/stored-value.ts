import type * as z from 'zod'

/** A value in the extension's storage, held to its schema: what can't be read counts as absent. */
export interface StoredValue<Value> {
  readonly area: 'local' | 'session'
  readonly key: string
  read(): Promise<Value | undefined>
  write(value: Value): Promise<void>
  clear(): Promise<void>
  /** The value in what was got from the area, which may be several values at once. */
  in(stored: Readonly<Record<string, unknown>>): Value | undefined
}

/** Names a value in storage and what it must be. `session` is memory, `local` stays on the disk. */
export function storedValue<Schema extends z.ZodType>(
  area: 'local' | 'session',
  key: string,
  schema: Schema,
): StoredValue<z.output<Schema>> {
  const valueIn = (stored: Readonly<Record<string, unknown>>) => {
    const parsed = schema.safeParse(stored[key])
    return parsed.success ? parsed.data : undefined
  }
  return {
    area,
    key,
    in: valueIn,
    read: async () => valueIn(await chrome.storage[area].get(key)),
    write: value => chrome.storage[area].set({ [key]: value }),
    clear: () => chrome.storage[area].remove(key),
  }
}

import { useEffect, useState } from 'preact/hooks'
import type * as z from 'zod'

/**
 * What is in the extension's storage under a key, as it changes: undefined while it is read, where it isn't there, and
 * where it isn't what it should be.
 *
 * @param schema one that stays the same from render to render
 */
export function useStored<Schema extends z.ZodType>(
  area: 'local' | 'session',
  key: string,
  schema: Schema,
): z.output<Schema> | undefined {
  const [value, setValue] = useState<z.output<Schema>>()
  useEffect(() => {
    const take = (stored: unknown): void => setValue(schema.safeParse(stored).data)
    const listener = (changes: Record<string, chrome.storage.StorageChange>): void => {
      const change = changes[key]
      if (change) take(change.newValue)
    }
    const storage = chrome.storage[area]
    storage.onChanged.addListener(listener)
    void storage.get(key).then(stored => take(stored[key]))
    return () => storage.onChanged.removeListener(listener)
  }, [area, key, schema])
  return value
}

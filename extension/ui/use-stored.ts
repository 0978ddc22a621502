import { useEffect, useState } from 'preact/hooks'
import type { StoredValue } from '../background/stored-value.ts'

/**
 * A value of the extension's storage, as it changes: undefined while it is read, and where there is none.
 *
 * @param stored one that stays the same from render to render
 */
export function useStored<Value>(stored: StoredValue<Value>): Value | undefined {
  const [value, setValue] = useState<Value>()
  useEffect(() => {
    let told = false
    const listener = (changes: Record<string, chrome.storage.StorageChange>): void => {
      const change = changes[stored.key]
      if (!change) return
      told = true
      setValue(stored.in({ [stored.key]: change.newValue }))
    }
    const area = chrome.storage[stored.area]
    area.onChanged.addListener(listener)
    void stored.read().then(first => {
      if (!told) setValue(first)
    })
    return () => area.onChanged.removeListener(listener)
  }, [stored])
  return value
}

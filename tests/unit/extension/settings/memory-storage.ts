import { vi } from 'vitest'

type Values = Record<string, unknown>
type Listener = (changes: Record<string, chrome.storage.StorageChange>, area: string) => void

/** A storage area as Chrome has it: values are copied, a set tells of what has changed, a moment later. */
function createArea(name: string, heard: Set<Listener>) {
  const own = new Set<Listener>()
  let values: Values = {}
  const tell = (before: Values): void => {
    const changed = [...new Set([...Object.keys(before), ...Object.keys(values)])].filter(
      key => JSON.stringify(before[key]) !== JSON.stringify(values[key]),
    )
    if (changed.length === 0) return
    const changes = Object.fromEntries(
      changed.map(key => [key, { oldValue: before[key], newValue: values[key] }]),
    )
    queueMicrotask(() => {
      for (const listener of [...own, ...heard]) listener(changes, name)
    })
  }
  const replace = (next: Values): Promise<void> => {
    const before = values
    values = structuredClone(next)
    tell(before)
    return Promise.resolve()
  }
  return {
    get: (key?: string) =>
      Promise.resolve(
        structuredClone(key === undefined ? values : key in values ? { [key]: values[key] } : {}),
      ),
    set: (more: Values) => replace({ ...values, ...more }),
    remove: (key: string) =>
      replace(Object.fromEntries(Object.entries(values).filter(([own]) => own !== key))),
    onChanged: {
      addListener: (listener: Listener) => own.add(listener),
      removeListener: (listener: Listener) => own.delete(listener),
    },
  }
}

/** `chrome.storage`, empty, and whatever else of `chrome` is given. */
export function useStorage(others: object = {}): void {
  const heard = new Set<Listener>()
  vi.stubGlobal('chrome', {
    storage: {
      local: createArea('local', heard),
      session: createArea('session', heard),
      onChanged: {
        addListener: (listener: Listener) => heard.add(listener),
        removeListener: (listener: Listener) => heard.delete(listener),
      },
    },
    ...others,
  })
}

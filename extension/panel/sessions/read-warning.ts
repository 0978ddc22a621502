import * as z from 'zod'
import { storedValue } from '../../background/stored-value.ts'
import { useWatched } from '../../ui/use-watched.ts'

/** The last warning about credits that the listener has read, by its session: no panel gives it again. */
const storedReadWarning = storedValue('session', 'panel-read-warning', z.string())

const read = async (): Promise<string> => (await storedReadWarning.read()) ?? ''

function watch(onChange: (read: string) => void): () => void {
  const listener = (changes: Record<string, chrome.storage.StorageChange>): void => {
    if (storedReadWarning.key in changes) void read().then(onChange)
  }
  chrome.storage.session.onChanged.addListener(listener)
  return () => chrome.storage.session.onChanged.removeListener(listener)
}

export const useReadWarning = (): string | undefined => useWatched(read, watch)
export const rememberWarning = (warning: string): Promise<void> => storedReadWarning.write(warning)

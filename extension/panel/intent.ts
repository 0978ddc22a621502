import { useEffect, useState } from 'preact/hooks'
import { storedPanelIntent } from '../background/stored.ts'

/** What the listener was sent here for from somewhere else. */
export type PanelIntent = NonNullable<Awaited<ReturnType<typeof storedPanelIntent.read>>>

/** What the popup wants to be shown: read once and cleared, when the panel opens and while it is open. */
export function useIntent(onIntent: (intent: PanelIntent) => void): PanelIntent | undefined {
  const [intent, setIntent] = useState<PanelIntent>()
  useEffect(() => {
    const take = async (): Promise<void> => {
      const found = await storedPanelIntent.read()
      if (!found) return
      await storedPanelIntent.clear()
      setIntent(found)
      onIntent(found)
    }
    const listener = (changes: Record<string, chrome.storage.StorageChange>): void => {
      if (changes[storedPanelIntent.key]?.newValue !== undefined) void take()
    }
    void take()
    chrome.storage.session.onChanged.addListener(listener)
    return () => chrome.storage.session.onChanged.removeListener(listener)
  }, [])
  return intent
}

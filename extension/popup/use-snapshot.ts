import { useEffect, useState } from 'preact/hooks'
import { readSnapshot, type Snapshot } from './snapshot.ts'

/** What the popup shows, as it changes; undefined for the moment in which it is read. */
export function useSnapshot(): Snapshot | undefined {
  const [snapshot, setSnapshot] = useState<Snapshot>()
  useEffect(() => {
    let looks = 0
    const look = async (): Promise<void> => {
      looks += 1
      const mine = looks
      const read = await readSnapshot()
      if (mine === looks) setSnapshot(read)
    }
    const listener = (): void => void look()
    void look()
    chrome.storage.onChanged.addListener(listener)
    return () => chrome.storage.onChanged.removeListener(listener)
  }, [])
  return snapshot
}

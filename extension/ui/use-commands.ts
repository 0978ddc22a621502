import { useEffect, useState } from 'preact/hooks'

/** The extension's keyboard shortcuts as they are set now; empty while they are read. */
export function useCommands(): readonly chrome.commands.Command[] {
  const [commands, setCommands] = useState<readonly chrome.commands.Command[]>([])
  useEffect(() => {
    const read = (): void => void chrome.commands.getAll().then(setCommands)
    read()
    addEventListener('focus', read)
    return () => removeEventListener('focus', read)
  }, [])
  return commands
}

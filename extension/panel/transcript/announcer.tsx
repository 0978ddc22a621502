import { useEffect, useRef, useState } from 'preact/hooks'
import type { Transcript } from './transcript.ts'

/** So many stay: a screen reader that is behind still has them. */
const keptLines = 5

/**
 * Reads each segment out as it becomes final, if the listener wants that: what was there before is not read, and nothing
 * while another page is in front, for captions are read out there.
 */
export function Announcer({ transcript }: { readonly transcript: Transcript }) {
  const [lines, setLines] = useState<readonly { readonly index: number; readonly text: string }[]>([])
  const readUpTo = useRef<number | undefined>(undefined)
  const segments = transcript.segments.value
  const isLoaded = transcript.loaded.value
  useEffect(() => {
    if (!isLoaded) return
    const last = segments.at(-1)?.index ?? -1
    const before = readUpTo.current ?? last
    readUpTo.current = last
    const added = segments.filter(({ index, kind }) => index > before && kind === 'speech')
    if (added.length > 0 && document.hasFocus()) setLines(shown => [...shown, ...added].slice(-keptLines))
  }, [segments, isLoaded])
  return (
    <div class="visually-hidden" aria-live="polite">
      {lines.map(line => (
        <p key={line.index}>{line.text}</p>
      ))}
    </div>
  )
}

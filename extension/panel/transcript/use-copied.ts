import { useEffect, useState } from 'preact/hooks'

const saidForMs = 3_000

/** Whether something was copied just now, and what says so. */
export function useCopied(): readonly [isCopied: boolean, setCopied: () => void] {
  const [times, setTimes] = useState(0)
  const [isCopied, setIsCopied] = useState(false)
  useEffect(() => {
    if (times === 0) return
    setIsCopied(true)
    const timer = setTimeout(() => setIsCopied(false), saidForMs)
    return () => clearTimeout(timer)
  }, [times])
  return [isCopied, () => setTimes(before => before + 1)]
}

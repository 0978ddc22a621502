import { useEffect, useState } from 'preact/hooks'

const shownMs = 4_000

/** A word that is shown for a moment, and read out each time, also when it is the same again. */
export function useNote(): { readonly shown: string; readonly show: (words: string) => void } {
  const [note, setNote] = useState({ words: '', count: 0 })
  const [shown, setShown] = useState('')
  useEffect(() => {
    if (note.words === '') return
    const appears = setTimeout(() => setShown(note.words), 50)
    const goes = setTimeout(() => setShown(''), shownMs)
    return () => {
      setShown('')
      clearTimeout(appears)
      clearTimeout(goes)
    }
  }, [note])
  return { shown, show: words => setNote(({ count }) => ({ words, count: count + 1 })) }
}

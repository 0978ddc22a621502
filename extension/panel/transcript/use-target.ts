import { useEffect } from 'preact/hooks'
import { segmentId } from './segment-chunk.tsx'
import type { FollowingList } from './use-follow.ts'

/** A segment that a link leads to; another object each time that one is followed. */
export interface Target {
  readonly index: number
}

const flashMs = 2_000

/** Leads to a segment: it is put into sight, gets the focus, and shows for a moment that it is meant. */
export function useTarget(target: Target | undefined, list: Pick<FollowingList, 'toElement'>): void {
  const { toElement } = list
  useEffect(() => {
    const element = target && document.getElementById(segmentId(target.index))
    if (!element) return
    toElement(element)
    element.focus({ preventScroll: true })
    element.classList.add('meant')
    const end = (): void => element.classList.remove('meant')
    const timer = setTimeout(end, flashMs)
    return () => {
      clearTimeout(timer)
      end()
    }
  }, [target, toElement])
}

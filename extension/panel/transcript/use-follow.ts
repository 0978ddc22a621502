import type { RefObject } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { afterJump, afterScroll, atStart, type Follow, type ScrollPlace } from './follow.ts'

export interface FollowingList {
  /** Whether the end stays in sight as the list grows. */
  readonly following: boolean
  toEnd(): void
  /** Puts a place of the list into the middle; from then on the list is followed only if that is its end. */
  toElement(element: HTMLElement): void
}

const placeOf = ({ scrollTop, clientHeight, scrollHeight }: HTMLElement): ScrollPlace => ({
  topPx: scrollTop,
  viewPx: clientHeight,
  contentPx: scrollHeight,
})

/** Keeps a list at its end as it grows, unless the listener has scrolled up. @param content what grows, in the scroller */
export function useFollow(
  scroller: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
): FollowingList {
  const follow = useRef<Follow>(atStart)
  const [following, setFollowing] = useState(true)
  const set = useCallback((next: Follow) => {
    follow.current = next
    setFollowing(next.following)
  }, [])

  const toEnd = useCallback(() => {
    const element = scroller.current
    if (!element) return
    element.scrollTop = element.scrollHeight
    set({ following: true, topPx: element.scrollTop })
  }, [scroller, set])

  useEffect(() => {
    const element = scroller.current
    if (!element || !content.current) return
    const onScroll = (): void => {
      // In a tab that is hidden nothing has a height.
      if (element.clientHeight > 0) set(afterScroll(follow.current, placeOf(element)))
    }
    const observer = new ResizeObserver(() => {
      if (element.clientHeight > 0 && follow.current.following) toEnd()
    })
    observer.observe(element)
    observer.observe(content.current)
    element.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', onScroll)
    }
  }, [scroller, content, set, toEnd])

  const toElement = useCallback(
    (target: HTMLElement) => {
      follow.current = { ...follow.current, following: false }
      target.scrollIntoView({ block: 'center', behavior: 'instant' })
      if (scroller.current) set(afterJump(placeOf(scroller.current)))
    },
    [scroller, set],
  )
  return { following, toEnd, toElement }
}

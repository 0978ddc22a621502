import { useEffect, useState } from 'preact/hooks'
import { systemClock } from '../captions/clock.ts'
import { feedPortName } from '../captions/feed.ts'
import type { SessionView } from '../captions/view.ts'
import { followFeed } from '../overlay/follow-feed.ts'

/**
 * The sessions as the offscreen document tells of them from moment to moment; what is stored is as old as the last
 * change that the icon depends on. @param areRunning whether there is anything to hear of
 */
export function useLiveViews(areRunning: boolean): readonly SessionView[] {
  const [views, setViews] = useState<readonly SessionView[]>([])
  useEffect(() => {
    if (!areRunning) return
    const feed = followFeed(
      {
        connect: () => {
          const port = chrome.runtime.connect({ name: feedPortName })
          // Reading it keeps the browser from reporting that nobody listens.
          port.onDisconnect.addListener(() => void chrome.runtime.lastError)
          return port
        },
        onMessage: message => {
          if (message.type === 'sessions') setViews(message.sessions)
        },
        onState: state => {
          if (state !== 'open') setViews([])
        },
      },
      systemClock,
    )
    return () => {
      feed.stop()
      setViews([])
    }
  }, [areRunning])
  return views
}

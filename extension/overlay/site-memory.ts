import type { Clock } from '../captions/clock.ts'
import type { Request } from '../messages/contract.ts'
import type { OverlayLayout } from './placement.ts'

type Changes = Request<'overlay/save'>

/** Changes that follow one another so soon are saved as one. */
const saveDelayMs = 400

/** Remembers for the page's site how the listener wants captions. */
export interface SiteMemory {
  remember(changes: Changes): void
  /** Whether something is not saved yet. */
  isBehind(): boolean
  /** Saves it now. */
  flush(): void
}

/** @param save is told to the service worker; it deals with its own failure */
export function siteMemory(save: (changes: Changes) => Promise<void>, clock: Clock): SiteMemory {
  let waiting: Changes | undefined
  let saving = 0
  let cancel = (): void => undefined

  function flush(): void {
    cancel()
    if (!waiting) return
    const changes = waiting
    waiting = undefined
    saving += 1
    void save(changes).finally(() => {
      saving -= 1
    })
  }

  return {
    remember: changes => {
      const style = { ...waiting?.style, ...changes.style }
      waiting = { ...waiting, ...changes, ...(Object.keys(style).length > 0 ? { style } : {}) }
      cancel()
      cancel = clock.after(saveDelayMs, flush)
    },
    isBehind: () => waiting !== undefined || saving > 0,
    flush,
  }
}

/** What has changed between two layouts, and is remembered. */
export function layoutChanges(before: OverlayLayout, after: OverlayLayout): Changes {
  const { fontSizePx, lines } = after.style
  const style = {
    ...(fontSizePx === before.style.fontSizePx ? {} : { fontSizePx }),
    ...(lines === before.style.lines ? {} : { lines }),
  }
  return {
    ...(Object.keys(style).length > 0 ? { style } : {}),
    ...(after.placement === before.placement ? {} : { placement: after.placement }),
  }
}

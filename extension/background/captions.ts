import type { ProblemView, SessionView } from '../captions/view.ts'
import { problemOf } from '../messages/problem.ts'
import type { EndReason } from '../transcript/model.ts'
import { type Badge, badgeOf, noBadge, problemBadge } from './badge.ts'
import { captionedTabsAfter, isBalanceMoved, isRunning, viewOf } from './captioned-tabs.ts'
import { type Engine, type StartPorts, type StartRequest, startCaptions } from './start-captions.ts'
import type { CaptionedTab } from './stored.ts'
import type { StoredValue } from './stored-value.ts'

/** How long a listener who signs out, deletes everything or agrees no more waits for captions to end. */
const endingMs = 5_000

/** Operations that the backend could not be told the end of: only who is signed in can have theirs ended. */
export interface LeftOpenCount {
  readonly own: number
  readonly others: number
}

export interface CaptionsPorts {
  readonly start: StartPorts
  readonly engine: Engine & {
    /** Closes the offscreen document, if there is one. */
    close(): Promise<void>
  }
  readonly tabs: Pick<StoredValue<CaptionedTab[]>, 'read' | 'write'>
  readonly lastProblem: Pick<StoredValue<{ tabId: number; problem: ProblemView }>, 'read' | 'write' | 'clear'>
  /** Set as long as the browser, and this version of the extension in it, runs. */
  readonly isKnownBrowser: Pick<StoredValue<true>, 'read' | 'write'>
  showBadge(tabId: number, badge: Badge): Promise<void>
  /** Says whether the page lets it. */
  putOverlay(tabId: number): Promise<boolean>
  nudgeOverlay(tabId: number): Promise<void>
  /** Runs work while no other work of that name runs, in this worker or another. */
  alone<Result>(name: 'start-captions' | 'captioned-tabs', work: () => Promise<Result>): Promise<Result>
  readonly watch: {
    /** Calls `lookAfter` every minute, the first time in a minute. */
    begin(): Promise<void>
    end(): Promise<void>
  }
  /** Ends what a crash left open, and gives how many operations still are: of who is signed in, and of others. */
  closeBrokenOff(isRunning: (sessionId: string) => Promise<boolean>): Promise<LeftOpenCount>
  balanceMoved(): void
  wait(ms: number): Promise<void>
}

/**
 * The captions of all tabs, as the service worker sees to them. The offscreen document runs them and is asked how they
 * stand whenever that matters; what was last seen is stored, for the popup, the icon, and to notice that it died.
 */
export function createCaptions(ports: CaptionsPorts) {
  const { engine } = ports

  const change = (changed: (before: readonly CaptionedTab[]) => Promise<CaptionedTab[]>) =>
    ports.alone('captioned-tabs', async () => {
      const before = (await ports.tabs.read()) ?? []
      const after = await changed(before)
      await ports.tabs.write(after)
      await showBadges(ports, after)
      return { before, after }
    })

  const stored = async (): Promise<CaptionedTab[]> => (await ports.tabs.read()) ?? []

  const recover = (): Promise<LeftOpenCount> =>
    ports.closeBrokenOff(async sessionId =>
      (await engine.sessions()).some(view => view.sessionId === sessionId && isRunning(view)),
    )

  /** Asks how captions stand now. What was told before may be late: it is asked for anew in turn. */
  const reconcile = async (): Promise<CaptionedTab[]> => {
    const { before, after } = await change(async tabs => captionedTabsAfter(tabs, await engine.sessions()))
    if (isBalanceMoved(before, after)) ports.balanceMoved()
    if (hasRunning(before) && !hasRunning(after)) await ports.watch.begin()
    if (hasBrokenOff(after, before)) await recover()
    return after
  }

  const showOverlay = async (tabId: number): Promise<void> => {
    const overlayRefused = !(await ports.putOverlay(tabId))
    await change(async tabs => tabs.map(tab => (isOf(tab, tabId) ? { ...tab, overlayRefused } : tab)))
    await ports.nudgeOverlay(tabId)
  }

  const forgetProblem = async (tabId: number): Promise<void> => {
    const last = await ports.lastProblem.read()
    if (last?.tabId !== tabId) return
    await ports.lastProblem.clear()
    await ports.showBadge(tabId, noBadge)
  }

  /** Starts a tab's captions and puts the overlay on its page. What goes wrong is kept for the popup as well. */
  const start = async (request: StartRequest): Promise<{ sessionId: string }> => {
    await forgetProblem(request.tabId)
    await ports.watch.begin()
    try {
      const sessionId = await ports.alone('start-captions', () => startCaptions(ports.start, request))
      await reconcile()
      await change(async tabs =>
        tabs.map(tab => (tab.view.sessionId === sessionId ? { ...tab, begun: true } : tab)),
      )
      if (request.takeOver) await markEndsSeen(() => true)
      await showOverlay(request.tabId)
      return { sessionId }
    } catch (error) {
      await ports.lastProblem.write({ tabId: request.tabId, problem: problemOf(error).view })
      await ports.showBadge(request.tabId, problemBadge)
      throw error
    }
  }

  /** The listener has seen how captions in these tabs ended. */
  const markEndsSeen = (isSeen: (view: SessionView) => boolean) =>
    change(async tabs =>
      tabs.map(tab => (isSeen(tab.view) ? { ...tab, endSeen: !isRunning(tab.view) } : tab)),
    )

  const stop = async (tabId: number): Promise<void> => {
    await engine.end(tabId, 'stopped')
    await reconcile()
  }

  const endRunning = async (reason: EndReason): Promise<boolean> => {
    for (const view of (await engine.sessions()).filter(isRunning)) await engine.end(view.tabId, reason)
    await reconcile()
    return true
  }

  /** Whether it was done without a failure before a listener had waited for long. */
  const inTime = (work: Promise<boolean>): Promise<boolean> =>
    Promise.race([work.catch(() => false), ports.wait(endingMs).then(() => false)])

  /** Each minute while anything is open: notices a crash, and closes what is not needed any more. */
  const lookAfter = async (): Promise<void> => {
    await reconcile()
    const isIdle = await ports.alone('start-captions', async () => {
      if ((await engine.sessions()).some(isRunning)) return false
      await engine.close()
      return true
    })
    const isDone = isIdle && (await recover()).own === 0
    await (isDone ? ports.watch.end() : ports.watch.begin())
  }

  return {
    start,
    stop,
    reconcile,
    recover,
    showOverlay,
    /** Starts captions, or stops them where they run. */
    toggle: async (tabId: number): Promise<void> => {
      const view = (await engine.sessions()).find(other => other.tabId === tabId && isRunning(other))
      await (view ? stop(tabId) : start({ tabId, takeOver: false }))
    },
    /** Ends all captions, those that are about to start too, and goes on without waiting for the backend for long. */
    endAll: async (reason: EndReason): Promise<void> => {
      await inTime(ports.alone('start-captions', () => inTime(endRunning(reason))))
    },
    /** The listener does not agree any more: nothing is captured from now on, whatever can't be told of it. */
    consentWithdrawn: (): Promise<void> =>
      ports.alone('start-captions', async () => {
        if (await inTime(endRunning('stopped'))) return
        await engine.close()
        await reconcile()
      }),
    /** Ends the captions of a tab that is gone, and forgets it. */
    tabClosed: async (tabId: number): Promise<void> => {
      await forgetProblem(tabId)
      if (!viewOf(await stored(), tabId)) return
      await engine.end(tabId, 'tab_closed')
      await change(async tabs => tabs.filter(tab => !isOf(tab, tabId)))
    },
    /** A page has loaded in a tab: the overlay is put on it again where captions go on. */
    pageLoaded: async (tabId: number): Promise<void> => {
      await forgetProblem(tabId)
      const view = viewOf(await stored(), tabId)
      if (view && isRunning(view)) await showOverlay(tabId)
    },
    /** The popup is open in a tab: the listener sees what the icon says, and the click lets the overlay on the page. */
    popupOpened: async (tabId: number): Promise<void> => {
      await forgetProblem(tabId)
      await reconcile()
      const { after } = await markEndsSeen(view => view.tabId === tabId)
      const here = after.find(tab => isOf(tab, tabId))
      if (!here) await ports.showBadge(tabId, noBadge)
      if (here?.overlayRefused && isRunning(here.view)) await showOverlay(tabId)
    },
    /** Tells the overlays that how they look has changed. */
    nudgeOverlays: async (): Promise<void> => {
      for (const { view } of await stored()) if (isRunning(view)) await ports.nudgeOverlay(view.tabId)
    },
    /**
     * The worker has begun to run: the offscreen document may have died while nobody looked, and a browser that is new
     * may have crashed before. The browser's own event of its start does not come to every installation.
     */
    begun: async (): Promise<void> => {
      if (await ports.isKnownBrowser.read()) {
        if (hasRunning(await stored())) await reconcile()
        return
      }
      // Should it fail, it is done again in a minute.
      await ports.watch.begin()
      await ports.isKnownBrowser.write(true)
      await lookAfter()
    },
    lookAfter,
  }
}

const isOf = ({ view }: CaptionedTab, tabId: number): boolean => view.tabId === tabId

const hasRunning = (tabs: readonly CaptionedTab[]): boolean => tabs.some(({ view }) => isRunning(view))

const hasBrokenOff = (after: readonly CaptionedTab[], before: readonly CaptionedTab[]): boolean =>
  after.some(
    ({ view }) =>
      view.state.name === 'ended' &&
      view.state.reason === 'broken_off' &&
      before.some(tab => tab.view.sessionId === view.sessionId && isRunning(tab.view)),
  )

/** Why captions did not start is said before how earlier ones ended. */
async function showBadges(ports: CaptionsPorts, tabs: readonly CaptionedTab[]): Promise<void> {
  const last = await ports.lastProblem.read()
  for (const tab of tabs) {
    const isProblem = last?.tabId === tab.view.tabId && !isRunning(tab.view)
    await ports.showBadge(tab.view.tabId, isProblem ? problemBadge : badgeOf(tab))
  }
}

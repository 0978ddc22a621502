import { useEffect } from 'preact/hooks'
import type { Api } from '../../api/client.ts'
import { useStored } from '../../ui/use-stored.ts'
import { lookAtPurchase, noteClosedTab } from './checkout.ts'
import { nextLookInMs, type Purchase } from './purchase.ts'
import { storedPurchase } from './stored-purchase.ts'

/**
 * The purchase that an account has under way, kept up to date: it is looked at now and then while this page is in front,
 * and at once when its Checkout is closed, the listener comes back, or the balance moves.
 *
 * @param balance anything that changes when the balance does
 */
export function usePurchase(
  api: Api | undefined,
  email: string | undefined,
  balance: unknown,
): Purchase | undefined {
  const stored = useStored(storedPurchase)
  const purchase = stored?.email === email ? stored : undefined
  const openedAtMs = purchase?.end ? undefined : purchase?.checkout?.openedAtMs
  useClosedTabs()
  useEffect(() => {
    if (!api || openedAtMs === undefined) return
    return lookNowAndThen(() => lookAtPurchase(api), openedAtMs)
  }, [api, openedAtMs, purchase?.checkout?.tabId, balance])
  return purchase
}

function useClosedTabs(): void {
  useEffect(() => {
    const listener = (tabId: number): void => void noteClosedTab(tabId)
    chrome.tabs.onRemoved.addListener(listener)
    void noteTabThatIsGone()
    return () => chrome.tabs.onRemoved.removeListener(listener)
  }, [])
}

/** It was closed while this page was not there to hear of it. */
async function noteTabThatIsGone(): Promise<void> {
  const tabId = (await storedPurchase.read())?.checkout?.tabId
  if (tabId === undefined) return
  await chrome.tabs.get(tabId).catch(() => noteClosedTab(tabId))
}

function lookNowAndThen(look: () => Promise<void>, openedAtMs: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const lookAndPlan = (): void => {
    clearTimeout(timer)
    if (document.visibilityState === 'visible') void look()
    const waitMs = nextLookInMs(Date.now() - openedAtMs)
    if (waitMs !== undefined) timer = setTimeout(lookAndPlan, waitMs)
  }
  lookAndPlan()
  document.addEventListener('visibilitychange', lookAndPlan)
  return () => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', lookAndPlan)
  }
}

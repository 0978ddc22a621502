import type { BalanceResponse } from '../../src/contracts/credits.ts'

/** Two minutes in all. None is longer than a service worker lives without an event. */
const pausesMs = [1, 1, 2, 3, 5, 8, 12, 18, 23, 23, 24].map(seconds => seconds * 1_000)

export interface CheckoutWatchPorts {
  refreshBalance(): Promise<BalanceResponse>
  wait(ms: number): Promise<void>
}

/**
 * Looks at the balance again and again until what was bought has arrived, with growing pauses, for two minutes. The
 * payment reaches the backend by itself; this only hastens that it is seen.
 *
 * @param purchasedBefore credits bought in all, before this purchase; taken from the first look where absent
 */
export async function awaitPurchase(
  { refreshBalance, wait }: CheckoutWatchPorts,
  purchasedBefore?: number,
): Promise<void> {
  let before = purchasedBefore
  for (const pauseMs of pausesMs) {
    const balance = await refreshBalance().catch(() => undefined)
    before ??= balance?.total_credits_purchased
    if (balance && balance.total_credits_purchased !== before) return
    await wait(pauseMs)
  }
  await refreshBalance().catch(() => undefined)
}

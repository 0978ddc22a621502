import type { BalanceResponse } from '../../src/contracts/credits.ts'
import type { StoredValue } from './stored-value.ts'

/** Two minutes in all. None is longer than a service worker lives without an event. */
const pausesMs = [1, 1, 2, 3, 5, 8, 12, 18, 23, 23, 24].map(seconds => seconds * 1_000)
const watchMs = 120_000

/** A watch that is under way, for a worker that has to go on with it. */
export interface CheckoutWatch {
  /** Credits bought in all, before this purchase; taken from the first look where absent. */
  readonly purchasedBefore?: number | undefined
  readonly endsAtMs: number
}

export interface CheckoutWatchPorts {
  refreshBalance(): Promise<BalanceResponse>
  nowMs(): number
  wait(ms: number): Promise<void>
  readonly record: Pick<StoredValue<CheckoutWatch>, 'read' | 'write' | 'clear'>
  /** Wakes the worker, again and again, to carry on. */
  readonly alarm: { begin(): Promise<void>; end(): Promise<void> }
}

/**
 * Looks at the balance again and again until what was bought has arrived, with growing pauses, for two minutes. The
 * payment reaches the backend by itself; this only hastens that it is seen.
 */
export function createCheckoutWatch(ports: CheckoutWatchPorts) {
  let watching: Promise<void> | undefined

  const end = async (): Promise<void> => {
    await ports.record.clear()
    await ports.alarm.end()
  }

  const begin = async (watch: CheckoutWatch): Promise<void> => {
    await ports.record.write(watch)
    await ports.alarm.begin()
    await awaitPurchase(ports, watch)
    await end()
  }

  const watchOnce = (watch: CheckoutWatch): Promise<void> => {
    watching ??= begin(watch).finally(() => {
      watching = undefined
    })
    return watching
  }

  return {
    /** Begins to look, where nobody does. @param purchasedBefore credits bought in all, if that is known */
    begin: (purchasedBefore: number | undefined): Promise<void> =>
      watchOnce({ purchasedBefore, endsAtMs: ports.nowMs() + watchMs }),
    /** Goes on with what a worker that died has left. */
    carryOn: async (): Promise<void> => {
      const watch = await ports.record.read()
      await (watch ? watchOnce(watch) : ports.alarm.end())
    },
  }
}

async function awaitPurchase(
  { refreshBalance, nowMs, wait }: CheckoutWatchPorts,
  { purchasedBefore, endsAtMs }: CheckoutWatch,
): Promise<void> {
  let before = purchasedBefore
  for (const pauseMs of [...pausesMs, 0]) {
    const balance = await refreshBalance().catch(() => undefined)
    before ??= balance?.total_credits_purchased
    if (balance && balance.total_credits_purchased !== before) return
    if (nowMs() >= endsAtMs) return
    await wait(pauseMs)
  }
}

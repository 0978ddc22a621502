import { storedBalance } from '../account/stored.ts'
import { apiUrlOf, readSettings } from '../settings/store.ts'
import { balance, wait } from './account.ts'
import { isCheckoutHint } from './checkout-hint.ts'
import { createCheckoutWatch } from './checkout-watch.ts'
import { storedCheckoutTabs, storedCheckoutWatch } from './stored.ts'

/** The alarm that wakes the worker while a payment is awaited. */
export const checkoutAlarm = 'await-payment'

const watch = createCheckoutWatch({
  refreshBalance: balance.refresh,
  nowMs: Date.now,
  wait,
  record: storedCheckoutWatch,
  alarm: {
    begin: () => chrome.alarms.create(checkoutAlarm, { delayInMinutes: 0.5, periodInMinutes: 0.5 }),
    end: async () => {
      await chrome.alarms.clear(checkoutAlarm)
    },
  },
})

/** Goes on looking for a payment where a worker that died has left off. */
export const carryOnWatching = (): Promise<void> => watch.carryOn()

const purchasedSoFar = async (): Promise<number | undefined> =>
  (await storedBalance.read())?.value.total_credits_purchased

/** Checkout has been opened in a tab. */
export async function checkoutOpened(tabId: number): Promise<void> {
  const purchasedBefore = await purchasedSoFar()
  const others = ((await storedCheckoutTabs.read()) ?? []).filter(tab => tab.tabId !== tabId)
  const opened = purchasedBefore === undefined ? { tabId } : { tabId, purchasedBefore }
  await storedCheckoutTabs.write([...others, opened])
}

/** A tab is gone: if Checkout was in it, the balance is watched for a while. */
export async function checkoutTabClosed(tabId: number): Promise<void> {
  const tabs = (await storedCheckoutTabs.read()) ?? []
  const closed = tabs.find(tab => tab.tabId === tabId)
  if (!closed) return
  await storedCheckoutTabs.write(tabs.filter(tab => tab !== closed))
  await watch.begin(closed.purchasedBefore)
}

/** A web page has sent a message: the backend's own may hasten a look at the balance. */
export async function outsideMessage(message: unknown, sender: chrome.runtime.MessageSender): Promise<void> {
  if (!isCheckoutHint(message, sender.origin, apiUrlOf(await readSettings()))) return
  await watch.begin(await purchasedSoFar())
}

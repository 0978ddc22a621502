import { v7 as uuidv7 } from 'uuid'
import type { Api } from '../../api/client.ts'
import { problemOf } from '../../messages/problem.ts'
import { send } from '../../messages/send.ts'
import { type Choice, endOf, mayBeRepeated, type Purchase, purchaseOf } from './purchase.ts'
import { storedPurchase } from './stored-purchase.ts'

/** Asks for a purchase and opens its Checkout, or the one that is open already. @throws {Problem} */
export async function buyPack(api: Api, choice: Choice): Promise<void> {
  await lookAtPurchase(api)
  const purchase = purchaseOf(choice, await storedPurchase.read(), Date.now(), uuidv7)
  if (await showTab(purchase.checkout?.tabId)) return
  await storedPurchase.write(purchase)
  const { checkout_url } = await api
    .purchase(purchase.idempotencyKey, purchase.packageId)
    .catch(async (error: unknown) => {
      if (!mayBeRepeated(problemOf(error).view.code)) await storedPurchase.clear()
      throw error
    })
  await openCheckout(purchase, checkout_url)
}

/** Brings the Checkout of a purchase to the front, in a tab of its own again where that was closed. */
export async function showCheckout(purchase: Purchase): Promise<void> {
  if (!purchase.checkout) return
  if (await showTab(purchase.checkout.tabId)) return
  await openCheckout(purchase, purchase.checkout.url)
}

/** Asks the backend how the purchase that is under way ended, if it has. Where it can't be asked nothing changes. */
export async function lookAtPurchase(api: Pick<Api, 'transactions'>): Promise<void> {
  const purchase = await storedPurchase.read()
  if (!purchase?.checkout || purchase.end) return
  const { transactions } = await api.transactions({ limit: 20 }).catch(() => ({ transactions: [] }))
  const end = endOf(purchase, transactions)
  if (!end) return
  // First, so that what is said of the end fits the balance that is shown.
  await send('account/balance-moved', {}).catch(() => undefined)
  await storedPurchase.write({ ...purchase, end })
}

/** Notes that the tab of a purchase's Checkout is gone. @param tabId the tab that was closed */
export async function noteClosedTab(tabId: number): Promise<void> {
  const purchase = await storedPurchase.read()
  if (!purchase?.checkout || purchase.checkout.tabId !== tabId) return
  const { tabId: _closed, ...checkout } = purchase.checkout
  await storedPurchase.write({ ...purchase, checkout })
}

async function openCheckout(purchase: Purchase, url: string): Promise<void> {
  const { id: tabId } = await chrome.tabs.create({ url })
  await storedPurchase.write({
    ...purchase,
    checkout: { url, openedAtMs: Date.now(), ...(tabId === undefined ? {} : { tabId }) },
  })
  if (tabId !== undefined) await send('checkout/opened', { tabId })
}

/** Whether the tab was there to be shown. */
async function showTab(tabId: number | undefined): Promise<boolean> {
  if (tabId === undefined) return false
  const tab = await chrome.tabs.update(tabId, { active: true }).catch(() => undefined)
  if (tab) await chrome.windows.update(tab.windowId, { focused: true })
  return tab !== undefined
}

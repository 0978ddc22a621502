import { capturePermissions } from '../background/capture-permissions.ts'
import { storedStartIntent } from '../background/stored.ts'
import { Problem } from '../messages/problem.ts'

/** A listener who clicks the icon again within this time still means what was to be started. */
const intentLifeMs = 5 * 60_000

/**
 * Asks the browser for what captions need. It must be called within a click. The browser's question closes the popup,
 * and only the next click on the icon gives the tab's sound: what was to be started is noted for it.
 *
 * @throws {Problem} `permission_needed` where the listener says no
 */
export async function allowCapture(tabId: number, takeOver: boolean): Promise<void> {
  const noting = storedStartIntent.write({ tabId, takeOver, atMs: Date.now() })
  const isAllowed = await chrome.permissions.request(capturePermissions)
  await noting
  if (isAllowed) return
  await storedStartIntent.clear()
  throw new Problem({ code: 'permission_needed', detail: 'Captions were not allowed.' })
}

/** What was to be started in a tab when the browser asked, if anything was; it is taken once. */
export async function takeStartIntent(tabId: number): Promise<{ takeOver: boolean } | undefined> {
  const intent = await storedStartIntent.read()
  if (intent?.tabId !== tabId) return undefined
  await storedStartIntent.clear()
  return Date.now() - intent.atMs < intentLifeMs ? intent : undefined
}

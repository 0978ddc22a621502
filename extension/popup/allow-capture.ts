import { storedStartIntent } from '../background/stored.ts'
import { Problem } from '../messages/problem.ts'

/**
 * Asks the browser for what captions need. It must be called within a click. The browser's question may close the popup:
 * the worker then starts the captions by what is noted here.
 *
 * @throws {Problem} `permission_needed` where the listener says no
 */
export async function allowCapture(tabId: number, takeOver: boolean): Promise<void> {
  const noting = storedStartIntent.write({ tabId, takeOver, atMs: Date.now() })
  const isAllowed = await chrome.permissions.request({ permissions: ['tabCapture'] })
  await noting
  if (isAllowed) return
  await storedStartIntent.clear()
  throw new Problem({ code: 'permission_needed', detail: 'Captions were not allowed.' })
}

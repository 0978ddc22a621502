import { readyBadge } from './badge.ts'
import { showBadge } from './show-badge.ts'
import { storedStartIntent } from './stored.ts'

/**
 * The listener has let captions be made. The click that asked for it came before that, so the browser does not hand over
 * the tab's sound for it: the next click on the icon does, and the popup then starts captions by itself.
 */
export async function permissionAdded({ permissions = [] }: chrome.permissions.Permissions): Promise<void> {
  if (!permissions.includes('tabCapture')) return
  const intent = await storedStartIntent.read()
  if (intent) await showBadge(intent.tabId, readyBadge)
}

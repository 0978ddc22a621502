import { captions } from './chrome-captions.ts'
import { storedStartIntent } from './stored.ts'

/** A listener who has answered the browser's question by then still means the tab in which it came up. */
const intentLifeMs = 5 * 60_000

/** The listener has let captions be made: they start in the tab in which that was asked. */
export async function permissionAdded({ permissions = [] }: chrome.permissions.Permissions): Promise<void> {
  if (!permissions.includes('tabCapture')) return
  const intent = await storedStartIntent.read()
  await storedStartIntent.clear()
  if (!intent || Date.now() - intent.atMs > intentLifeMs) return
  await captions.start(intent)
}

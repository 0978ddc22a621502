import type { SessionView } from '../captions/view.ts'
import { send } from '../messages/send.ts'
import type { SilenceSettings } from '../settings/model.ts'
import { wait } from './account.ts'
import type { Engine } from './start-captions.ts'

const path = 'offscreen.html'

/** A message can be lost where the document is only just opening, or busy. */
const askAgainAfterMs = 300

let opening: Promise<void> | undefined

/** Whether there is an offscreen document: a browser has one for the extension at most. */
async function isOpen(): Promise<boolean> {
  const contexts = await chrome.runtime.getContexts({
    contextTypes: ['OFFSCREEN_DOCUMENT'],
    documentUrls: [chrome.runtime.getURL(path)],
  })
  return contexts.length > 0
}

async function open(): Promise<void> {
  if (await isOpen()) return
  await chrome.offscreen.createDocument({
    url: path,
    reasons: ['USER_MEDIA'],
    justification: 'Captures the sound of a tab in which captions were started.',
  })
}

/** Makes the offscreen document if there is none: one at a time, for a second is refused. */
async function ensureOpen(): Promise<void> {
  opening ??= open().finally(() => {
    opening = undefined
  })
  await opening
}

/** One that does not answer twice has failed: it is closed, and the next captions make another. */
async function sessions(): Promise<readonly SessionView[]> {
  await opening
  if (!(await isOpen())) return []
  const views = (await told()) ?? (await toldLater())
  if (!views) await close()
  return views ?? []
}

/** What the document says, if it answers. */
const told = (): Promise<readonly SessionView[] | undefined> =>
  send('engine/sessions', {}).then(
    answer => answer.sessions,
    () => undefined,
  )

const toldLater = async (): Promise<readonly SessionView[] | undefined> => {
  await wait(askAgainAfterMs)
  return told()
}

async function close(): Promise<void> {
  if (await isOpen()) await chrome.offscreen.closeDocument()
}

interface OffscreenEngine extends Engine {
  /** Takes over how silence is dealt with. Does nothing where there is no offscreen document. */
  configure(silence: SilenceSettings): Promise<void>
  close(): Promise<void>
}

/** The offscreen document, as the service worker reaches it. */
export const offscreenEngine: OffscreenEngine = {
  sessions,
  close,
  begin: async request => {
    await ensureOpen()
    await send('engine/begin', request)
  },
  end: async (tabId, reason) => {
    if (await isOpen()) await send('engine/end', { tabId, reason })
  },
  configure: async silence => {
    if (await isOpen()) await send('engine/configure', { silence })
  },
}

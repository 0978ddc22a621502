import { send } from '../messages/send.ts'
import type { Engine } from './start-captions.ts'

const path = 'offscreen.html'

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

/** The offscreen document, as the service worker reaches it. */
export const offscreenEngine: Engine & {
  configure(silence: Parameters<typeof send<'engine/configure'>>[1]['silence']): Promise<void>
  close(): Promise<void>
} = {
  sessions: async () => ((await isOpen()) ? (await send('engine/sessions', {})).sessions : []),
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
  close: async () => {
    if (await isOpen()) await chrome.offscreen.closeDocument()
  },
}

import type { Account } from '../messages/contract.ts'
import { openTranscriptStore } from '../transcript/indexed-db.ts'
import { signIn } from './account.ts'
import { captions } from './chrome-captions.ts'
import { deleteEverything } from './delete-everything.ts'
import { offscreenEngine } from './offscreen-engine.ts'

/** Ends captions while there is still a token to end them with, and signs out. Transcripts are kept. */
export async function signOut(): Promise<Account> {
  await captions.endAll('signed_out')
  return signIn.logout()
}

/** Opens the page that asks a newcomer for consent. */
export const openWelcome = (): Promise<chrome.tabs.Tab> =>
  chrome.tabs.create({ url: chrome.runtime.getURL('/welcome.html') })

/** Ends captions, signs out and forgets all that is stored on this machine. */
export const forgetEverything = (): Promise<void> =>
  deleteEverything({
    endCaptions: () => captions.endAll('stopped'),
    signOut: signIn.logout,
    closeEngine: offscreenEngine.close,
    clearTranscripts: async () => (await openTranscriptStore()).clear(),
    clearStorage: async () => {
      await chrome.storage.local.clear()
      await chrome.storage.session.clear()
    },
    openWelcome,
  })

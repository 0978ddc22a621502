import type { Account } from '../messages/contract.ts'
import { openTranscriptStore } from '../transcript/indexed-db.ts'
import { signIn, wait } from './account.ts'
import { captions } from './chrome-captions.ts'
import { deleteEverything } from './delete-everything.ts'
import { offscreenEngine } from './offscreen-engine.ts'

/**
 * Ends captions while there is still a token to end them with, and signs out. Transcripts are kept, and so is what could
 * not be ended, until the same account signs in again.
 */
export async function signOut(): Promise<Account> {
  await captions.endAll('signed_out')
  return signIn.logout()
}

/** Opens the page that asks a newcomer for consent. @param isLeftOpen whether it says that captions may cost more */
export const openWelcome = (isLeftOpen = false): Promise<chrome.tabs.Tab> =>
  chrome.tabs.create({ url: chrome.runtime.getURL(`/welcome.html${isLeftOpen ? '?left-open' : ''}`) })

/** Ends captions, signs out and forgets all that is stored on this machine. */
export const forgetEverything = (): Promise<void> =>
  deleteEverything({
    endCaptions: () => captions.endAll('stopped'),
    closeEngine: offscreenEngine.close,
    closeLeftOpen: captions.recover,
    signOut: signIn.logout,
    clearTranscripts: async () => (await openTranscriptStore()).clear(),
    clearStorage: async () => {
      await chrome.storage.local.clear()
      await chrome.storage.session.clear()
    },
    openWelcome,
    wait,
  })

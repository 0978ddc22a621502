import { storedAccount } from '../../account/stored.ts'
import { readConsent } from '../../settings/consent.ts'
import { apiUrlOf, readSettings } from '../../settings/store.ts'
import { useWatched } from '../../ui/use-watched.ts'

/** What captions and questions need of the listener. */
export interface AccountState {
  readonly isSignedIn: boolean
  readonly hasConsented: boolean
}

async function readAccount(): Promise<AccountState> {
  const [account, consent, settings] = await Promise.all([
    storedAccount.read(),
    readConsent(),
    readSettings(),
  ])
  return { isSignedIn: account?.apiUrl === apiUrlOf(settings), hasConsented: consent !== undefined }
}

function watchAccount(onChange: (state: AccountState) => void): () => void {
  const listener = (): void => void readAccount().then(onChange)
  chrome.storage.local.onChanged.addListener(listener)
  return () => chrome.storage.local.onChanged.removeListener(listener)
}

/** Whether somebody is signed in and has agreed, as it changes; undefined until it is known. */
export const useAccount = (): AccountState | undefined => useWatched(readAccount, watchAccount)

import type { Vault } from './sign-in.ts'
import {
  storedAccessToken,
  storedAccount,
  storedBalance,
  storedHadAccount,
  storedRefreshToken,
  storedSignInEnded,
} from './stored.ts'

/** The login in the extension's storage: what opens doors for long on the disk, the rest in memory. */
export const chromeVault: Vault = {
  readSignedIn: async () => {
    const stored = await chrome.storage.local.get([storedAccount.key, storedRefreshToken.key])
    const account = storedAccount.in(stored)
    const refreshToken = storedRefreshToken.in(stored)
    return account && refreshToken !== undefined ? { ...account, refreshToken } : undefined
  },
  writeSignedIn: ({ refreshToken, ...account }) =>
    chrome.storage.local.set({
      [storedAccount.key]: account,
      [storedRefreshToken.key]: refreshToken,
      [storedHadAccount.key]: true,
    }),
  readAccessToken: storedAccessToken.read,
  writeAccessToken: storedAccessToken.write,
  forget: async why => {
    await chrome.storage.local.remove([storedAccount.key, storedRefreshToken.key])
    await chrome.storage.session.remove([storedAccessToken.key, storedBalance.key])
    await (why === 'refused' ? storedSignInEnded.write(true) : storedSignInEnded.clear())
  },
}

/** Keeps what is stored from content scripts. */
export async function closeStorageToPages(): Promise<void> {
  await chrome.storage.local.setAccessLevel({ accessLevel: 'TRUSTED_CONTEXTS' })
  await chrome.storage.session.setAccessLevel({ accessLevel: 'TRUSTED_CONTEXTS' })
}

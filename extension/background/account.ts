import { createBalance } from '../account/balance.ts'
import { chromeVault } from '../account/chrome-vault.ts'
import { currentPrices } from '../account/prices.ts'
import { createSignIn } from '../account/sign-in.ts'
import { storedBalance, storedPrices } from '../account/stored.ts'
import { createApi } from '../api/client.ts'
import { apiUrlOf, readSettings } from '../settings/store.ts'

export const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

const nowMs = (): number => Date.now()

/** The backend that is spoken to now. @param account (`accountKey`) for which alone it is spoken to, if for one */
export async function backend(account?: string) {
  const apiUrl = apiUrlOf(await readSettings())
  return { apiUrl, api: createApi({ apiUrl, accessToken: stale => signIn.accessToken(stale, account) }) }
}

/** The listener's login, kept in the extension's storage. */
export const signIn = createSignIn({
  vault: chromeVault,
  backend: () => backend(),
  nowMs,
  alone: work => navigator.locks.request('sign-in', work),
})

/** The listener's balance. */
export const balance = createBalance({
  ask: async () => (await backend()).api.balance(),
  read: storedBalance.read,
  write: async seen => {
    // What comes in after a sign-out is nobody's any more.
    if ((await signIn.account()).user) await storedBalance.write(seen)
  },
  nowMs,
  wait,
})

export const prices = () =>
  currentPrices({ backend: () => backend(), read: storedPrices.read, write: storedPrices.write, nowMs })

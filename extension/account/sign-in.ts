import type { LoginRequest, RegisterRequest, SessionResponse } from '../../src/contracts/auth.ts'
import type { Api } from '../api/client.ts'
import type { Account } from '../messages/contract.ts'
import { Problem } from '../messages/problem.ts'
import { accountKey } from './account-key.ts'

/** A token is replaced when it lapses within this time, so that one that is handed out is good for as long. */
const marginMs = 60_000

/** A login at a backend. */
export interface SignedIn {
  readonly email: string
  readonly name: string | null
  readonly apiUrl: string
  readonly refreshToken: string
}

export interface AccessToken {
  readonly token: string
  readonly expiresAtMs: number
}

/** Where a login is kept. */
export interface Vault {
  readSignedIn(): Promise<SignedIn | undefined>
  /** Writes all of it or nothing. */
  writeSignedIn(signedIn: SignedIn): Promise<void>
  readAccessToken(): Promise<AccessToken | undefined>
  writeAccessToken(token: AccessToken): Promise<void>
  /** Forgets the login and all that is known of its account. @param why for the sign-in form, which tells */
  forget(why: 'asked' | 'refused'): Promise<void>
}

export interface SignInPorts {
  readonly vault: Vault
  /** The backend that is spoken to now. */
  backend(): Promise<{ apiUrl: string; api: Pick<Api, 'register' | 'login' | 'refresh' | 'logout'> }>
  nowMs(): number
  /** Runs work while no other work of this kind runs, in this worker or another; one that died holds nobody up. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>
}

export type SignIn = ReturnType<typeof createSignIn>

/**
 * The listener's login. Refresh tokens are good for one use: one is sent by nobody else meanwhile, and never again once
 * it was answered; its successor is stored before anything else is done with the answer. Where no answer comes it is
 * kept, for nobody knows whether it was used.
 */
export function createSignIn(ports: SignInPorts) {
  const { vault } = ports
  let refreshing: (Wanted & { readonly token: Promise<string> }) | undefined

  /** Calls that come meanwhile share the answer, also where it is that there is none. */
  const refreshed = (wanted: Wanted): Promise<string> => {
    if (refreshing && isSame(refreshing, wanted)) return refreshing.token
    const token = ports.alone(async () => (await usableToken(ports, wanted)) ?? refresh(ports))
    const own = { ...wanted, token }
    refreshing = own
    const forget = (): void => {
      if (refreshing === own) refreshing = undefined
    }
    token.then(forget, forget)
    return token
  }

  const accessToken = async (stale?: string, account?: string): Promise<string> =>
    (await usableToken(ports, { stale, account })) ?? refreshed({ stale, account })

  const begin = (ask: (api: Pick<Api, 'register' | 'login'>) => Promise<SessionResponse>) =>
    ports.alone(async (): Promise<Account> => {
      const { apiUrl, api } = await ports.backend()
      const askedAtMs = ports.nowMs()
      const { user, refresh_token, ...access } = await ask(api)
      await vault.forget('asked')
      await vault.writeSignedIn({ email: user.email, name: user.name, apiUrl, refreshToken: refresh_token })
      await vault.writeAccessToken(tokenOf(access, askedAtMs))
      return { user: { email: user.email, name: user.name } }
    })

  return {
    /** Whose account it is, if anybody is signed in. */
    accountKey: async (): Promise<string | undefined> => {
      const signedIn = await signedInHere(ports)
      return signedIn && accountKey(signedIn)
    },
    /** Who is signed in. */
    account: async (): Promise<Account> => {
      const signedIn = await signedInHere(ports)
      return { user: signedIn ? { email: signedIn.email, name: signedIn.name } : null }
    },
    register: (request: RegisterRequest): Promise<Account> => begin(api => api.register(request)),
    login: (request: LoginRequest): Promise<Account> => begin(api => api.login(request)),
    /**
     * A token that is good for a minute.
     *
     * @param stale one that the API has refused
     * @param account (`accountKey`) whose it is to be, where no other's will do
     * @throws {Problem} `signed_out`, also where another account is signed in, or why the backend can't be asked: then the login is kept
     */
    accessToken,
    /** Forgets the login at once and tells the backend, which need not be reachable. */
    logout: (): Promise<Account> =>
      ports.alone(async () => {
        const signedIn = await signedInHere(ports)
        await vault.forget('asked')
        if (signedIn) void tellOfLogout(ports, signedIn.refreshToken)
        return { user: null }
      }),
  }
}

/** The login, if it is one at the backend that is spoken to now. */
async function signedInHere(ports: SignInPorts): Promise<SignedIn | undefined> {
  const signedIn = await ports.vault.readSignedIn()
  const { apiUrl } = await ports.backend()
  return signedIn?.apiUrl === apiUrl ? signedIn : undefined
}

/** A token that is asked for: other than `stale`, and of no other account. */
interface Wanted {
  readonly stale: string | undefined
  readonly account: string | undefined
}

const isSame = (one: Wanted, other: Wanted): boolean =>
  one.stale === other.stale && one.account === other.account

/** The token is read first: another login is written before its token, so one that is read is of this login or older. */
async function usableToken(ports: SignInPorts, { stale, account }: Wanted): Promise<string | undefined> {
  const kept = await ports.vault.readAccessToken()
  const signedIn = await signedInHere(ports)
  if (!signedIn || !isOf(signedIn, account)) throw signedOut()
  if (!kept || kept.token === stale) return undefined
  return kept.expiresAtMs - ports.nowMs() >= marginMs ? kept.token : undefined
}

const isOf = (signedIn: SignedIn, account: string | undefined): boolean =>
  account === undefined || accountKey(signedIn) === account

async function refresh(ports: SignInPorts): Promise<string> {
  const { vault } = ports
  const signedIn = await signedInHere(ports)
  if (!signedIn) throw signedOut()
  const { api } = await ports.backend()
  const askedAtMs = ports.nowMs()
  const tokens = await api.refresh(signedIn.refreshToken).catch(async (error: unknown) => {
    if (!isRefusal(error)) throw error
    await vault.forget('refused')
    throw signedOut(error)
  })
  await vault.writeSignedIn({ ...signedIn, refreshToken: tokens.refresh_token })
  await vault.writeAccessToken(tokenOf(tokens, askedAtMs))
  return tokens.access_token
}

const tokenOf = (
  { access_token, expires_in }: { access_token: string; expires_in: number },
  askedAtMs: number,
): AccessToken => ({ token: access_token, expiresAtMs: askedAtMs + expires_in * 1_000 })

/** The backend takes the token for none, or for one that was used. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Problem && ['unauthenticated', 'validation_failed'].includes(error.view.code)

const signedOut = (cause?: unknown): Problem =>
  new Problem({ code: 'signed_out', detail: 'You are signed out. Sign in again.' }, { cause })

/** Whether it can be told or not, the token is forgotten here. */
async function tellOfLogout(ports: SignInPorts, refreshToken: string): Promise<void> {
  try {
    const { api } = await ports.backend()
    await api.logout(refreshToken)
  } catch {
    // The backend ends the login by itself when it has not been used for long.
  }
}

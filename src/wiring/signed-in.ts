import type { Config } from '../config.ts'
import { JwtAccessTokens } from '../security/access-tokens.ts'
import { hashRequest, nodeSecrets } from '../security/secrets.ts'
import { now } from './clock.ts'
import { read } from './environment.ts'
import { wireLedger, wireThrottle } from './ledger.ts'

export const wireTokens = ({ auth }: Config<'auth'>): JwtAccessTokens =>
  new JwtAccessTokens(auth.JWT_SECRET, auth.JWT_SECRET_PREVIOUS)

/** What a route behind a sign-in needs. */
export const wireSignedIn = (config: Config<'base' | 'auth'>) => {
  const tokens = wireTokens(config)
  return { ...wireLedger(config), verifyToken: (token: string) => tokens.verify(token, now()), now }
}

/** What a route that spends needs. */
export const wireSpending = (config: Config<'base' | 'auth'>) => {
  const signedIn = wireSignedIn(config)
  return { ...signedIn, ...wireThrottle(signedIn.database, config), secrets: nodeSecrets, hashRequest }
}

/** For what only reads the account. */
export const wireAccountReader = async () => wireSignedIn(await read('auth'))

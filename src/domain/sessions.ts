import type { TokensResponse } from '../contracts/auth.ts'
import { DomainError } from './errors.ts'
import type { AccessTokens, Clock, LedgerStore, Log, Secrets, Session, SessionStore } from './ports.ts'

/** A login lapses when it has not been used for this long. */
export const sessionLifeMs = 60 * 24 * 3_600_000

export interface SessionDependencies {
  readonly sessions: SessionStore
  readonly accounts: Pick<LedgerStore, 'readAccount'>
  readonly accessTokens: AccessTokens
  readonly secrets: Secrets
  readonly now: Clock
  readonly log: Log
}

const signedOut = (): DomainError =>
  new DomainError('unauthenticated', 'This sign-in has ended. Sign in again.')

/**
 * Logins. A refresh token is `<family>.<secret>`: stored as a digest, good for one use. A token that is used
 * again has been stolen or lost track of, so its whole family ends.
 */
export class Sessions {
  readonly #deps: SessionDependencies

  constructor(dependencies: SessionDependencies) {
    this.#deps = dependencies
  }

  async start(userId: string): Promise<TokensResponse> {
    const { sessions, secrets, now } = this.#deps
    const familyId = secrets.uuid(now())
    const secret = secrets.random()
    const tokenHash = secrets.digest(secret)
    await sessions.put({ familyId, userId, tokenHash, expiresAtMs: now() + sessionLifeMs })
    return this.#tokens(userId, familyId, secret)
  }

  /** @throws {DomainError} `unauthenticated` */
  async refresh(refreshToken: string): Promise<TokensResponse> {
    const { sessions, secrets, accounts, now } = this.#deps
    const parsed = parse(refreshToken)
    if (!parsed) throw signedOut()
    const { familyId, secret } = parsed
    const session = await sessions.read(familyId)
    if (!session || session.expiresAtMs <= now()) throw signedOut()
    if (session.tokenHash !== secrets.digest(secret)) return this.#endReused(session)
    const account = await accounts.readAccount(session.userId)
    if (!account?.isActive) return this.#endReused(session)

    const next = secrets.random()
    const rotated = await sessions.rotate(session, secrets.digest(next), now() + sessionLifeMs)
    if (!rotated) return this.#endReused(session)
    return this.#tokens(session.userId, familyId, next)
  }

  /** Ends the login that a refresh token belongs to. A token that is none changes nothing. */
  async end(refreshToken: string): Promise<void> {
    const { sessions, secrets } = this.#deps
    const parsed = parse(refreshToken)
    if (!parsed) return
    const session = await sessions.read(parsed.familyId)
    if (session?.tokenHash === secrets.digest(parsed.secret)) await sessions.end(parsed.familyId)
  }

  async #endReused(session: Session): Promise<never> {
    await this.#deps.sessions.end(session.familyId)
    this.#deps.log.info('refresh_family_ended', { user_id: session.userId })
    throw signedOut()
  }

  async #tokens(userId: string, familyId: string, secret: string): Promise<TokensResponse> {
    const { accessTokens, now } = this.#deps
    return {
      access_token: await accessTokens.issue(userId, now()),
      expires_in: accessTokens.lifeSeconds,
      refresh_token: `${familyId}.${secret}`,
    }
  }
}

/** The login that a refresh token says it belongs to: to count by, never to trust. */
export const familyOf = (refreshToken: string): string => parse(refreshToken)?.familyId ?? 'malformed'

const parse = (refreshToken: string): { familyId: string; secret: string } | undefined => {
  const [familyId, secret, ...more] = refreshToken.split('.')
  return familyId && secret && more.length === 0 ? { familyId, secret } : undefined
}

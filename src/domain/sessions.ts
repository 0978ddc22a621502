import type { TokensResponse } from '../contracts/auth.ts'
import { DomainError } from './errors.ts'
import type {
  AccessTokens,
  Clock,
  FormerToken,
  LedgerStore,
  Log,
  Secrets,
  Session,
  SessionStore,
} from './ports.ts'

/** A login lapses when it has not been used for this long. */
export const sessionLifeMs = 60 * 24 * 3_600_000

/** For so long a token that was replaced is taken again, if its successor was not used: the answer may have been lost. */
export const lostAnswerMs = 60_000

/** One more than the requests that can have had the same token at once. */
const mostTries = 3

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
 * Logins. A refresh token is `<family>.<secret>`: stored as a digest, good for one use. Used again it gets another
 * successor in place of the first, if that has not been used and was given less than a minute ago. Otherwise a token
 * that is used again has been stolen or lost track of, so its whole family ends.
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
    const { secrets } = this.#deps
    const parsed = parse(refreshToken)
    if (!parsed) throw signedOut()
    const { familyId, secret } = parsed
    let session = await this.#read(familyId)
    for (let tries = 1; ; tries++) {
      const next = secrets.random()
      if (await this.#rotate(session, secrets.digest(secret), secrets.digest(next))) {
        return this.#tokens(session.userId, familyId, next)
      }
      if (tries === mostTries) return this.#endReused(session)
      session = await this.#read(familyId)
    }
  }

  async #read(familyId: string): Promise<Session> {
    const { sessions, now } = this.#deps
    const session = await sessions.read(familyId)
    if (!session || session.expiresAtMs <= now()) throw signedOut()
    return session
  }

  /** Replaces the session's token; false where somebody else has done so since it was read. */
  async #rotate(session: Session, usedHash: string, nextHash: string): Promise<boolean> {
    const { sessions, accounts, now } = this.#deps
    const former = formerAfter(session, usedHash, now())
    if (!former) return this.#endReused(session)
    const account = await accounts.readAccount(session.userId)
    if (!account?.isActive) return this.#endReused(session)
    const expiresAtMs = now() + sessionLifeMs
    return sessions.rotate(session, { tokenHash: nextHash, expiresAtMs, former })
  }

  /** Ends the login that a refresh token belongs to. A token that is none changes nothing. */
  async end(refreshToken: string): Promise<void> {
    const { sessions, secrets } = this.#deps
    const parsed = parse(refreshToken)
    if (!parsed) return
    const session = await sessions.read(parsed.familyId)
    if (!session) return
    const hash = secrets.digest(parsed.secret)
    if (hash === session.tokenHash || hash === session.former?.tokenHash) await sessions.end(parsed.familyId)
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

/**
 * The token that was used, where it is the present one, or the one before it and its answer may have been lost; else
 * undefined. A repeat does not make that time longer.
 */
function formerAfter(session: Session, usedHash: string, nowMs: number): FormerToken | undefined {
  if (usedHash === session.tokenHash) return { tokenHash: usedHash, replacedAtMs: nowMs }
  const { former } = session
  const isRepeat = former?.tokenHash === usedHash && nowMs - former.replacedAtMs < lostAnswerMs
  return isRepeat ? former : undefined
}

/** The login that a refresh token says it belongs to: to count by, never to trust. */
export const familyOf = (refreshToken: string): string => parse(refreshToken)?.familyId ?? 'malformed'

const parse = (refreshToken: string): { familyId: string; secret: string } | undefined => {
  const [familyId, secret, ...more] = refreshToken.split('.')
  return familyId && secret && more.length === 0 ? { familyId, secret } : undefined
}

import { createHash } from 'node:crypto'
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import type { AccessTokens } from '../domain/ports.ts'

const issuer = 'live-transcription'
const algorithm = 'HS256'

interface Key {
  readonly kid: string
  readonly secret: Uint8Array
}

/** A key's name follows from the key, so that both sides of a rotation name it alike. */
const toKey = (secret: string): Key => ({
  kid: createHash('sha256').update(`kid:${secret}`).digest('hex').slice(0, 12),
  secret: new TextEncoder().encode(secret),
})

/** Access tokens: JWTs signed with the first secret, and accepted from either during a rotation. */
export class JwtAccessTokens implements AccessTokens {
  readonly lifeSeconds = 900
  readonly #signing: Key
  readonly #keys: ReadonlyMap<string, Key>

  constructor(secret: string, previousSecret: string | undefined) {
    this.#signing = toKey(secret)
    const keys = [this.#signing, ...(previousSecret === undefined ? [] : [toKey(previousSecret)])]
    this.#keys = new Map(keys.map(key => [key.kid, key]))
  }

  issue(userId: string, nowMs: number): Promise<string> {
    const nowSeconds = Math.floor(nowMs / 1_000)
    return new SignJWT()
      .setProtectedHeader({ alg: algorithm, kid: this.#signing.kid })
      .setSubject(userId)
      .setIssuer(issuer)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + this.lifeSeconds)
      .sign(this.#signing.secret)
  }

  async verify(token: string, nowMs: number): Promise<string | undefined> {
    try {
      const key = this.#keys.get(decodeProtectedHeader(token).kid ?? '')
      if (!key) return undefined
      const { payload } = await jwtVerify(token, key.secret, {
        issuer,
        algorithms: [algorithm],
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(nowMs),
      })
      return payload.sub
    } catch {
      return undefined
    }
  }
}

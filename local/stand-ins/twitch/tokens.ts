import { randomBytes } from 'node:crypto'

/** The app access tokens that were issued, and until when each is good. */
export interface Tokens {
  issue(lifeSeconds: number): string
  isGood(token: string): boolean
  revokeAll(): void
}

/** No tokens yet. They are forgotten with the stand-in, as if Twitch had revoked them. */
export function createTokens(now: () => number): Tokens {
  const expiresAtMs = new Map<string, number>()
  return {
    issue: lifeSeconds => {
      const token = randomBytes(15).toString('hex')
      expiresAtMs.set(token, now() + lifeSeconds * 1_000)
      return token
    },
    isGood: token => (expiresAtMs.get(token) ?? 0) > now(),
    revokeAll: () => expiresAtMs.clear(),
  }
}

import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { AssemblyAiError } from '../errors.ts'
import { badToken, type SessionFailure } from './failure.ts'

/** AssemblyAI's limits for the length of a session, in seconds. */
export const SHORTEST_SESSION_SECONDS = 60
export const LONGEST_SESSION_SECONDS = 10_800

/** What a token allows: one session. */
export type Token = {
  /** Names the token where the token itself is not shown. */
  id: string
  redeemBeforeMs: number
  maxSessionSeconds: number
  isUsed: boolean
}

/** The temporary tokens that were given out. */
export type Tokens = {
  /**
   * @param query that of `GET /v3/token`; the SDK's `StreamingTokenParams`
   * @throws AssemblyAiError 400 that says what is wrong
   */
  mint(query: unknown): { token: string; expires_in_seconds: number }
  /** Uses a token up, or says why it opens no session. */
  redeem(token: string): Token | SessionFailure
}

/** @param shortestSessionSeconds the least that a token may be asked for */
export function createTokens(shortestSessionSeconds: number): Tokens {
  const minted = new Map<string, Token>()
  const TokenQuery = z.object({
    expires_in_seconds: z.coerce.number().int().min(1).max(600),
    max_session_duration_seconds: z.coerce
      .number()
      .int()
      .min(shortestSessionSeconds)
      .max(LONGEST_SESSION_SECONDS)
      .default(LONGEST_SESSION_SECONDS),
  })

  return {
    mint(query) {
      const parsed = TokenQuery.safeParse(query)
      if (!parsed.success) throw badRequest(parsed.error)
      const { expires_in_seconds, max_session_duration_seconds } = parsed.data
      const token = randomBytes(48).toString('base64url')
      forgetExpired(minted)
      minted.set(token, {
        id: token.slice(0, 8),
        redeemBeforeMs: Date.now() + expires_in_seconds * 1000,
        maxSessionSeconds: max_session_duration_seconds,
        isUsed: false,
      })
      return { token, expires_in_seconds }
    },

    redeem(text) {
      const token = minted.get(text)
      if (!token) return badToken('Invalid token')
      if (token.isUsed) return badToken('Token has already been used')
      if (token.redeemBeforeMs <= Date.now()) return badToken('Token has expired')
      token.isUsed = true
      return token
    },
  }
}

/** A token is known for ten minutes after its time, so that it is called expired or used and not unknown. */
function forgetExpired(minted: Map<string, Token>): void {
  const limitMs = Date.now() - 600_000
  for (const [text, token] of minted) if (token.redeemBeforeMs < limitMs) minted.delete(text)
}

function badRequest(error: z.ZodError): AssemblyAiError {
  const [issue] = error.issues
  return new AssemblyAiError(400, `${issue?.path.join('.')}: ${issue?.message}`)
}

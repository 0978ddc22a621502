import type { Account } from '../../../src/domain/account.ts'
import type { HttpDependencies } from '../../../src/http/endpoint.ts'
import { hashRequest } from '../../../src/security/secrets.ts'
import { createBackend } from './test-backend.ts'

export const extensionId = 'abcdefghijklmnopabcdefghijklmnop'

/** A backend of one test's own with what the routes' functions need beside it. */
export const createApi = () => {
  const backend = createBackend()
  const { clock, accessTokens, log } = backend
  const http: HttpDependencies = {
    allowedOrigin: `chrome-extension://${extensionId}`,
    log,
    newErrorId: () => 'error-1',
  }
  const verifyToken = (token: string) => accessTokens.verify(token, clock.nowMs)
  return {
    ...backend,
    http,
    verifyToken,
    now: clock.now,
    hashRequest,

    /** Opens an account and answers its user id and the header that signs in to it. */
    async signIn(fields: Partial<Account> = {}): Promise<{ userId: string; authorization: string }> {
      const userId = backend.openAccount(fields)
      return { userId, authorization: `Bearer ${await accessTokens.issue(userId, clock.nowMs)}` }
    },
  }
}

export type TestApi = ReturnType<typeof createApi>

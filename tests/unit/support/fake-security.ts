import { createHash } from 'node:crypto'
import { v7 } from 'uuid'
import type { AccessTokens, PasswordHasher, Secrets } from '../../../src/domain/ports.ts'

/** The `PasswordHasher` port without its cost; it tells what it was asked. */
export class FakePasswordHasher implements PasswordHasher {
  readonly calls: ('hash' | 'verify' | 'verifyNothing')[] = []

  async hash(password: string): Promise<string> {
    this.calls.push('hash')
    return `hash of ${password}`
  }

  async verify(password: string, hash: string): Promise<boolean> {
    this.calls.push('verify')
    return hash === `hash of ${password}`
  }

  async verifyNothing(): Promise<false> {
    this.calls.push('verifyNothing')
    return false
  }
}

/** The `AccessTokens` port with tokens that can be read. */
export class FakeAccessTokens implements AccessTokens {
  readonly lifeSeconds = 900

  async issue(userId: string, nowMs: number): Promise<string> {
    return `access/${userId}/${nowMs + this.lifeSeconds * 1_000}`
  }

  async verify(token: string, nowMs: number): Promise<string | undefined> {
    const [kind, userId, expiresAtMs] = token.split('/')
    return kind === 'access' && Number(expiresAtMs) > nowMs ? userId : undefined
  }
}

/** The `Secrets` port whose random secrets are counted. */
export class FakeSecrets implements Secrets {
  #count = 0

  random(): string {
    this.#count += 1
    return `secret-${this.#count}`
  }

  digest(text: string): string {
    return createHash('sha256').update(text).digest('base64url')
  }

  uuid(nowMs: number): string {
    return v7({ msecs: nowMs })
  }
}

import bcrypt from 'bcryptjs'
import type { PasswordHasher } from '../domain/ports.ts'

/** 2^10 rounds: 93 ms of a whole vCPU. */
const cost = 10
/** A hash of nothing that anybody knows, at the same cost as a real one. */
const nobodysHash = '$2b$10$mt4WPkdZ5yIjBqCHBWqAO./AOvPVYLkr/n1o8lgCMl6xRuIx6wA9G'

/** bcrypt. It reads 72 bytes: the contract admits no longer password, and a longer one at sign-in never matches. */
export class BcryptHasher implements PasswordHasher {
  hash(password: string): Promise<string> {
    return bcrypt.hash(password, cost)
  }

  async verify(password: string, hash: string): Promise<boolean> {
    const matches = await bcrypt.compare(password, hash)
    return matches && !bcrypt.truncates(password)
  }

  async verifyNothing(password: string): Promise<false> {
    await bcrypt.compare(password, nobodysHash)
    return false
  }
}

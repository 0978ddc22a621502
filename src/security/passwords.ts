import bcrypt from 'bcryptjs'
import type { PasswordHasher } from '../domain/ports.ts'

/** 2^10 rounds: 93 ms of a whole vCPU. */
const cost = 10
/** A hash of nothing that anybody knows, at the same cost as a real one. */
const nobodysHash = '$2b$10$mt4WPkdZ5yIjBqCHBWqAO./AOvPVYLkr/n1o8lgCMl6xRuIx6wA9G'

/** bcrypt. Passwords longer than its 72 bytes are refused before they come here. */
export class BcryptHasher implements PasswordHasher {
  hash(password: string): Promise<string> {
    return bcrypt.hash(password, cost)
  }

  verify(password: string, hash: string): Promise<boolean> {
    return bcrypt.compare(password, hash)
  }

  async verifyNothing(password: string): Promise<false> {
    await bcrypt.compare(password, nobodysHash)
    return false
  }
}

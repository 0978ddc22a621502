import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A fresh id in Stripe's form: the prefix, an underscore and 24 letters and digits (`newId('cus')`). */
export function newId(prefix: string, length = 24): string {
  const letters = Array.from(randomBytes(length), byte => ALPHABET.charAt(byte % ALPHABET.length))
  return `${prefix}_${letters.join('')}`
}

import { createHash } from 'node:crypto'

/**
 * The public key that fixes the id of development builds, so that the local backend's CORS can name it. Its private
 * half was thrown away: nothing is signed with it. The store's zip has no key; the store gives the id.
 */
export const developmentKey = [
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA8FP314Tpak08BETecJsnvpRsrTSxkaJLeKvGikjBozIPk/vA4uM+',
  'txygN7SqaiKrA5DA08BQSsAKx/RMrvF2rj7Fum1jLj7tXK6WEUq2UoGrp4eEFK1bv0wiihzwi8DTsCLAzux0JHgaqbpLoR8I',
  'U/qkj9VN3ceN6jh8WR3lBF705imaivOT03eDlIzKc+NtKZEdlCQlBRDQmNRpwn2v++GjxvNNEw4AnMObkYw/c7brYbpn7nwh',
  'EnJ7KR5cF/YlrmT4ECkTVH2+eS8kXkohmKNgI80aZMmgjAEWxUDBul3Xs9hBnjNutLEPT3lx4KTlEnV+jqqAQdtkJMQNLS+y',
  'zwIDAQAB',
].join('')

/**
 * The id that Chrome gives an extension with this public key: the first 32 hex digits of its SHA-256, with 0-f written
 * as a-p.
 *
 * @param publicKey base64 of the key's DER form, as in a manifest's `key`
 */
export const extensionIdOf = (publicKey: string): string =>
  createHash('sha256')
    .update(Buffer.from(publicKey, 'base64'))
    .digest('hex')
    .slice(0, 32)
    .replaceAll(/./g, digit => 'abcdefghijklmnop'.charAt(Number.parseInt(digit, 16)))

/** The id of every development build. */
export const developmentId = extensionIdOf(developmentKey)

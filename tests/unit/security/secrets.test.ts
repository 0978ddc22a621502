import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { operationTimeMs } from '../../../src/domain/operation-id.ts'
import { hashRequest, isSameSecret, nodeSecrets } from '../../../src/security/secrets.ts'

describe('isSameSecret', () => {
  test('is true for the same text alone', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => isSameSecret(a, b) === (a === b)))
    fc.assert(fc.property(fc.string(), a => isSameSecret(a, a)))
  })

  test.each([
    ['longer', 'secret-'],
    ['shorter', 'secre'],
    ['empty', ''],
    ['other case', 'Secret'],
  ])('is false for one that is %s, and does not throw', (_what, candidate) => {
    expect(isSameSecret(candidate, 'secret')).toBe(false)
  })
})

describe('hashRequest', () => {
  test('is the same for the same route and body, as text or as bytes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (route, body) => {
        const hash = hashRequest(route, body)
        expect(hashRequest(route, Buffer.from(body))).toBe(hash)
        expect(hash).toMatch(/^[\w-]{8}$/)
      }),
    )
  })

  test('tells other bodies, and the same body at another route, apart', () => {
    const hashes = [
      hashRequest('ask', '{"a":1}'),
      hashRequest('ask', '{"a":2}'),
      hashRequest('clip', '{"a":1}'),
      hashRequest('ask', ''),
      hashRequest('', 'ask'),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
  })
})

describe('nodeSecrets', () => {
  test('a random secret has 256 bits, can stand in a URL and never comes twice', () => {
    const secrets = Array.from({ length: 50 }, () => nodeSecrets.random())
    for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
    for (const secret of secrets) expect(secret).toMatch(/^[\w-]+$/)
    expect(new Set(secrets).size).toBe(50)
  })

  test('a digest is the SHA-256, in letters for a URL', () => {
    expect(Buffer.from(nodeSecrets.digest('abc'), 'base64url').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })

  test('an id carries the time it was made for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), msecs => {
        return operationTimeMs(nodeSecrets.uuid(msecs)) === msecs
      }),
    )
  })
})

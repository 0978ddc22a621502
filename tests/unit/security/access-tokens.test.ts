import { generateKeyPairSync } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { JwtAccessTokens } from '../../../src/security/access-tokens.ts'

const nowMs = Date.UTC(2026, 10, 21, 12)
const userId = '019a9d0c-7c00-7000-8000-000000000001'
const secret = 'a-signing-secret-of-more-than-32-bytes'
const nextSecret = 'another-signing-secret-of-over-32-bytes'

const tokens = new JwtAccessTokens(secret, undefined)
const bytes = (text: string) => new TextEncoder().encode(text)
const kidOf = (token: string) => decodeProtectedHeader(token).kid ?? ''

/** A token that is ours in all but what is changed. */
const forge = async (
  change: {
    header?: Record<string, string>
    issuer?: string
    subject?: string | undefined
    key?: string
    isEndless?: boolean
  } = {},
): Promise<string> => {
  const kid = kidOf(await tokens.issue(userId, nowMs))
  const jwt = new SignJWT()
    .setProtectedHeader({ alg: 'HS256', kid, ...change.header })
    .setIssuer(change.issuer ?? 'live-transcription')
    .setIssuedAt(nowMs / 1_000)
  if (!('subject' in change) || change.subject !== undefined) jwt.setSubject(change.subject ?? userId)
  if (!change.isEndless) jwt.setExpirationTime(nowMs / 1_000 + 900)
  return jwt.sign(bytes(change.key ?? secret))
}

const verify = (token: string, atMs = nowMs) => tokens.verify(token, atMs)

describe('an access token', () => {
  test('stands for its user', async () => {
    expect(await verify(await tokens.issue(userId, nowMs))).toBe(userId)
    expect(await verify(await forge())).toBe(userId)
  })

  test('holds the user id, the issuer and two times, and nothing else', async () => {
    expect(decodeJwt(await tokens.issue(userId, nowMs))).toEqual({
      sub: userId,
      iss: 'live-transcription',
      iat: nowMs / 1_000,
      exp: nowMs / 1_000 + 900,
    })
  })

  test('is good for fifteen minutes and not a second longer', async () => {
    const token = await tokens.issue(userId, nowMs)
    expect(tokens.lifeSeconds).toBe(900)
    expect(await verify(token, nowMs + 899_000)).toBe(userId)
    expect(await verify(token, nowMs + 900_000)).toBeUndefined()
  })
})

describe('a token is refused', () => {
  test('that is signed with another secret under our kid', async () => {
    expect(await verify(await forge({ key: nextSecret }))).toBeUndefined()
  })

  test('whose kid is none of ours, or missing', async () => {
    expect(await verify(await forge({ header: { kid: 'other' } }))).toBeUndefined()
    const unnamed = await new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(userId)
      .setIssuer('live-transcription')
      .setExpirationTime(nowMs / 1_000 + 900)
      .sign(bytes(secret))
    expect(await verify(unnamed)).toBeUndefined()
  })

  test('that is not signed at all', async () => {
    const unsecured = new UnsecuredJWT({ sub: userId })
      .setIssuer('live-transcription')
      .setExpirationTime(nowMs / 1_000 + 900)
      .encode()
    const [, payload] = unsecured.split('.')
    const kid = kidOf(await tokens.issue(userId, nowMs))
    const header = Buffer.from(JSON.stringify({ alg: 'none', kid })).toString('base64url')
    expect(await verify(unsecured)).toBeUndefined()
    expect(await verify(`${header}.${payload}.`)).toBeUndefined()
  })

  test.each(['HS384', 'HS512'])('that is signed by %s', async alg => {
    expect(await verify(await forge({ header: { alg } }))).toBeUndefined()
  })

  test('that is signed by RS256, with whatever key', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const kid = kidOf(await tokens.issue(userId, nowMs))
    const token = await new SignJWT()
      .setProtectedHeader({ alg: 'RS256', kid })
      .setSubject(userId)
      .setIssuer('live-transcription')
      .setExpirationTime(nowMs / 1_000 + 900)
      .sign(privateKey)
    expect(await verify(token)).toBeUndefined()
  })

  test('of another issuer', async () => {
    expect(await verify(await forge({ issuer: 'somebody-else' }))).toBeUndefined()
  })

  test('without a user, or that never expires', async () => {
    expect(await verify(await forge({ subject: undefined }))).toBeUndefined()
    expect(await verify(await forge({ isEndless: true }))).toBeUndefined()
  })

  test('with one character changed anywhere', async () => {
    const token = await tokens.issue(userId, nowMs)
    const [header = '', payload = '', signature = ''] = token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'somebody-else' })).toString('base64url')
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    expect(await verify(`${header}.${changed}.${signature}`)).toBeUndefined()
    expect(await verify(`${header}.${payload}.${flipped}`)).toBeUndefined()
    expect(await verify(`${header}.${payload}.`)).toBeUndefined()
    expect(await verify(`${header}.${payload}`)).toBeUndefined()
  })

  test.each(['', '.', '..', 'token', 'a.b.c', `${'a'.repeat(10_000)}.b.c`])(
    'that is none at all (%#)',
    async text => {
      expect(await verify(text)).toBeUndefined()
    },
  )
})

describe('while the secret is rotated', () => {
  const rotated = new JwtAccessTokens(nextSecret, secret)

  test('tokens of both secrets are taken, and new ones are signed with the new secret', async () => {
    const old = await tokens.issue(userId, nowMs)
    const fresh = await rotated.issue(userId, nowMs)
    expect(await rotated.verify(old, nowMs)).toBe(userId)
    expect(await rotated.verify(fresh, nowMs)).toBe(userId)
    expect(kidOf(fresh)).not.toBe(kidOf(old))
    expect(await tokens.verify(fresh, nowMs)).toBeUndefined()
  })

  test('the old secret signs nothing under the name of the new one', async () => {
    const kid = kidOf(await rotated.issue(userId, nowMs))
    expect(await rotated.verify(await forge({ header: { kid } }), nowMs)).toBeUndefined()
  })

  test('tokens of the old secret end with the rotation', async () => {
    const old = await tokens.issue(userId, nowMs)
    expect(await new JwtAccessTokens(nextSecret, undefined).verify(old, nowMs)).toBeUndefined()
  })

  test('a kid tells nothing of its secret', async () => {
    const kid = kidOf(await tokens.issue(userId, nowMs))
    expect(kid).toMatch(/^[0-9a-f]{12}$/)
    expect(secret).not.toContain(kid)
  })
})

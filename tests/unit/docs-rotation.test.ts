import { expect, test } from 'vitest'
import { newSecretsOf } from '../../scripts/deploy/secrets.ts'
import { JwtAccessTokens } from '../../src/security/access-tokens.ts'

const former = 'a'.repeat(32)
const next = 'b'.repeat(32)
const nowMs = Date.UTC(2026, 10, 29)

/** A function before and after each deployment: JWT_SECRET, then JWT_SECRET_PREVIOUS. */
const before = new JwtAccessTokens(former, undefined)
const knowsBoth = new JwtAccessTokens(former, next)
const signsWithNext = new JwtAccessTokens(next, former)
const after = new JwtAccessTokens(next, undefined)

/** Whether each of two functions that run side by side takes what the other has signed. */
const agree = async (one: JwtAccessTokens, other: JwtAccessTokens): Promise<boolean> => {
  const verified = [
    await other.verify(await one.issue('user', nowMs), nowMs),
    await one.verify(await other.issue('user', nowMs), nowMs),
  ]
  return verified.every(userId => userId === 'user')
}

test('each of the three deployments of docs/runbooks/rotate-secrets.md leaves functions side by side that agree', async () => {
  expect(await agree(before, knowsBoth)).toBe(true)
  expect(await agree(knowsBoth, signsWithNext)).toBe(true)
  expect(await agree(signsWithNext, after)).toBe(true)
})

test('fewer would not: while one deploys, what the new functions sign the old ones refuse', async () => {
  expect(await agree(before, signsWithNext)).toBe(false)
  expect(await agree(knowsBoth, after)).toBe(false)
  expect(await agree(before, after)).toBe(false)
})

test('15 minutes after the second, nothing that the former secret has signed is good', async () => {
  const token = await knowsBoth.issue('user', nowMs)
  expect(await signsWithNext.verify(token, nowMs + 899_000)).toBe('user')
  expect(await signsWithNext.verify(token, nowMs + 900_000)).toBeUndefined()
  expect(await after.verify(token, nowMs)).toBeUndefined()
})

/** What SSM has of some secrets. */
const kept = (secrets: Record<string, string>) =>
  new Map([
    ['ASSEMBLYAI_WEBHOOK_SECRET', { value: 'c'.repeat(32), version: 1 }],
    ...Object.entries(secrets).map(([name, value]) => [name, { value, version: 1 }] as const),
  ])

test('the second deployment takes the former secret as the previous one by itself', () => {
  const ssm = kept({ JWT_SECRET: former, JWT_SECRET_PREVIOUS: next })
  expect(Object.fromEntries(newSecretsOf({ JWT_SECRET: next }, ssm))).toEqual({
    JWT_SECRET: next,
    JWT_SECRET_PREVIOUS: former,
  })
})

test('two new ones leave nothing of a secret that leaked; one alone would keep it', () => {
  const leaked = kept({ JWT_SECRET: former })
  const both = { JWT_SECRET: next, JWT_SECRET_PREVIOUS: 'd'.repeat(32) }
  expect(Object.fromEntries(newSecretsOf(both, leaked))).toEqual(both)
  expect([...newSecretsOf({ JWT_SECRET: next }, leaked).values()]).toContain(former)
})

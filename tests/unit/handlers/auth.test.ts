import { beforeEach, describe, expect, test } from 'vitest'
import { sessionResponseSchema, tokensSchema, userSchema } from '../../../src/contracts/auth.ts'
import { createHandler as createLogin } from '../../../src/handlers/auth-login.ts'
import { createHandler as createLogout } from '../../../src/handlers/auth-logout.ts'
import { createHandler as createRefresh } from '../../../src/handlers/auth-refresh.ts'
import { createHandler as createRegister } from '../../../src/handlers/auth-register.ts'
import { createHandler as createUser } from '../../../src/handlers/auth-user.ts'
import { answerOf, headerOf, problemOf } from '../support/answers.ts'
import { call } from '../support/api-event.ts'
import { createApi, type TestApi } from '../support/test-api.ts'

const password = 'correct horse'
const credentials = { email: 'Ann@example.com', password }

let api: TestApi

beforeEach(() => {
  api = createApi()
})

const post = (handler: ReturnType<typeof createLogin>, body: object | string, sourceIp = '203.0.113.7') =>
  call(handler, { method: 'POST', body, sourceIp })

const register = async () =>
  answerOf(await post(createRegister(api), credentials), 201, sessionResponseSchema)

describe('POST /auth/register', () => {
  test('answers 201 with the user and tokens that work', async () => {
    const response = await post(createRegister(api), { ...credentials, name: ' Ann ' })
    const { user, access_token } = answerOf(response, 201, sessionResponseSchema)
    expect(user).toMatchObject({ email: 'ann@example.com', name: 'Ann' })
    expect(await api.verifyToken(access_token)).toBe(user.user_id)
  })

  test('never answers the password or its hash', async () => {
    const { body } = await post(createRegister(api), credentials)
    expect(body).not.toContain(password)
  })

  test.each([
    ['no e-mail', { password }, 'email'],
    ['an e-mail that is none', { ...credentials, email: 'ann' }, 'email'],
    [
      'an e-mail that is longer than any',
      { ...credentials, email: `${'a'.repeat(250)}@example.com` },
      'email',
    ],
    ['a password that is too short', { ...credentials, password: 'horse' }, 'password'],
    ['a password that is too long', { ...credentials, password: 'é'.repeat(37) }, 'password'],
    ['a password that is a number', { ...credentials, password: 12_345_678 }, 'password'],
    ['an empty name', { ...credentials, name: ' ' }, 'name'],
    ['a name that is too long', { ...credentials, name: 'a'.repeat(101) }, 'name'],
  ])('refuses %s by its path, and does nothing', async (_what, body, path) => {
    const problem = problemOf(await post(createRegister(api), body))
    expect(problem).toMatchObject({ code: 'validation_failed', errors: [{ path }] })
    expect(api.store.accounts.size).toBe(0)
    expect(api.counters.counts.size).toBe(0)
  })

  test('refuses what is no JSON', async () => {
    expect(problemOf(await post(createRegister(api), 'email=ann'))).toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'body', message: 'Must be JSON.' }],
    })
  })

  test('refuses an e-mail that has an account', async () => {
    await register()
    expect(problemOf(await post(createRegister(api), credentials))).toMatchObject({ code: 'email_taken' })
  })

  test('refuses an address that has opened too many, and says when to try again', async () => {
    const handler = createRegister(api)
    for (let i = 0; i < 10; i++) await post(handler, { ...credentials, email: `${i}@example.com` })
    const response = await post(handler, credentials)
    const problem = problemOf(response)
    expect(problem.code).toBe('too_many_requests')
    expect(headerOf(response, 'retry-after')).toBe(String(problem.retry_after_seconds))
    expect((await post(handler, credentials, '203.0.113.8')).statusCode).toBe(201)
  })
})

describe('POST /auth/login', () => {
  test('answers 200 with the user and tokens that work', async () => {
    const { user } = await register()
    const session = answerOf(await post(createLogin(api), credentials), 200, sessionResponseSchema)
    expect(session.user.user_id).toBe(user.user_id)
    expect(await api.verifyToken(session.access_token)).toBe(user.user_id)
  })

  test('answers the same whether the e-mail or the password is wrong', async () => {
    await register()
    const login = createLogin(api)
    const [wrongPassword, unknownEmail] = [
      await post(login, { ...credentials, password: 'wrong' }),
      await post(login, { ...credentials, email: 'ben@example.com' }),
    ]
    expect(problemOf(wrongPassword)).toMatchObject({ code: 'unauthenticated' })
    expect(unknownEmail).toEqual(wrongPassword)
  })

  test('takes a password of any length for a wrong one, up to a limit', async () => {
    const login = createLogin(api)
    const attempt = async (length: number) =>
      problemOf(await post(login, { ...credentials, password: 'a'.repeat(length) })).code
    expect(await attempt(1)).toBe('unauthenticated')
    expect(await attempt(1_024)).toBe('unauthenticated')
    expect(await attempt(1_025)).toBe('validation_failed')
    expect(await attempt(0)).toBe('validation_failed')
  })
})

describe('POST /auth/refresh', () => {
  test('answers new tokens for a refresh token, and again where they were lost, until they are used', async () => {
    const { refresh_token } = await register()
    const refresh = createRefresh(api)
    const tokens = answerOf(await post(refresh, { refresh_token }), 200, tokensSchema)
    expect(tokens.refresh_token).not.toBe(refresh_token)
    const again = answerOf(await post(refresh, { refresh_token }), 200, tokensSchema)
    const used = answerOf(await post(refresh, again), 200, tokensSchema)
    expect(problemOf(await post(refresh, { refresh_token }))).toMatchObject({ code: 'unauthenticated' })
    expect(problemOf(await post(refresh, used))).toMatchObject({ code: 'unauthenticated' })
  })

  test.each([
    ['nothing', {}, 'validation_failed'],
    ['an empty token', { refresh_token: '' }, 'validation_failed'],
    ['a token that is too long', { refresh_token: 'a'.repeat(201) }, 'validation_failed'],
    ['a token of nobody', { refresh_token: 'family.secret' }, 'unauthenticated'],
    ['an access token', { refresh_token: 'access/u/9999999999999' }, 'unauthenticated'],
  ])('refuses %s', async (_what, body, code) => {
    expect(problemOf(await post(createRefresh(api), body))).toMatchObject({ code })
  })

  test('is counted by address, whatever the login', async () => {
    const { refresh_token } = await register()
    for (let i = 0; i < api.rules.refreshByAddress.limit; i++) {
      await api.throttle.count(api.rules.refreshByAddress, '203.0.113.7')
    }
    expect(problemOf(await post(createRefresh(api), { refresh_token })).code).toBe('too_many_requests')
    expect((await post(createRefresh(api), { refresh_token }, '203.0.113.8')).statusCode).toBe(200)
  })

  test('is counted: by login, so that one that goes wild keeps nobody else of its address out', async () => {
    const { refresh_token } = await register()
    const refresh = createRefresh(api)
    for (let i = 0; i < 60; i++) await post(refresh, { refresh_token: 'family.secret' })
    expect(problemOf(await post(refresh, { refresh_token: 'family.secret' }))).toMatchObject({
      code: 'too_many_requests',
    })
    expect((await post(refresh, { refresh_token })).statusCode).toBe(200)
  })
})

describe('POST /auth/logout', () => {
  test('ends the login and answers nothing', async () => {
    const { refresh_token } = await register()
    expect(await post(createLogout(api), { refresh_token })).toMatchObject({ statusCode: 204 })
    expect(problemOf(await post(createRefresh(api), { refresh_token })).code).toBe('unauthenticated')
  })

  test('answers the same for a login that has ended, and for none', async () => {
    for (const refresh_token of ['family.secret', 'malformed']) {
      expect(await post(createLogout(api), { refresh_token })).toMatchObject({ statusCode: 204 })
    }
  })
})

describe('GET /auth/user', () => {
  test('answers the account of the token', async () => {
    const { userId, authorization } = await api.signIn({ name: 'Ann' })
    const user = answerOf(await call(createUser(api), { headers: { authorization } }), 200, userSchema)
    expect(user).toMatchObject({ user_id: userId, name: 'Ann', payment_failed_at: null })
  })

  test('shows that a payment has failed', async () => {
    const { authorization } = await api.signIn({ lastPayment: { at: api.clock.iso(), failed: true } })
    const user = answerOf(await call(createUser(api), { headers: { authorization } }), 200, userSchema)
    expect(user.payment_failed_at).toBe(api.clock.iso())
  })

  test('refuses a token that is missing or out of date', async () => {
    const { authorization } = await api.signIn()
    expect(problemOf(await call(createUser(api))).code).toBe('unauthenticated')
    api.clock.advance(900_000)
    expect(problemOf(await call(createUser(api), { headers: { authorization } })).code).toBe(
      'unauthenticated',
    )
  })

  test('refuses the token of an account that was closed since', async () => {
    const { authorization } = await api.signIn({ isActive: false })
    expect(problemOf(await call(createUser(api), { headers: { authorization } })).code).toBe(
      'unauthenticated',
    )
  })
})

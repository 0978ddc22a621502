import { beforeEach, describe, expect, test } from 'vitest'
import { familyOf, lostAnswerMs, sessionLifeMs } from '../../../src/domain/sessions.ts'
import { createBackend, type TestBackend } from '../support/test-backend.ts'

const signedOut = { code: 'unauthenticated', message: 'This sign-in has ended. Sign in again.' }

let backend: TestBackend
let userId: string

beforeEach(() => {
  backend = createBackend()
  userId = backend.openAccount()
})

const start = async (): Promise<string> => (await backend.sessions.start(userId)).refresh_token
const refresh = async (token: string): Promise<string> =>
  (await backend.sessions.refresh(token)).refresh_token

test('a login answers an access token for the user and how long it is good for', async () => {
  const tokens = await backend.sessions.start(userId)
  expect(tokens.expires_in).toBe(900)
  expect(await backend.accessTokens.verify(tokens.access_token, backend.clock.nowMs)).toBe(userId)
})

test('a refresh token is kept only as a digest', async () => {
  const token = await start()
  const secret = token.split('.')[1] ?? ''
  expect(secret).not.toBe('')
  expect(JSON.stringify([...backend.sessionStore.sessions])).not.toContain(secret)
})

test('a token says which login it belongs to, and one that is none says so', async () => {
  const token = await start()
  expect(familyOf(await refresh(token))).toBe(familyOf(token))
  expect(familyOf(await start())).not.toBe(familyOf(token))
  expect(familyOf('none')).toBe('malformed')
})

describe('refreshing', () => {
  test('rotates the token each time, and the newest goes on', async () => {
    const first = await start()
    const second = await refresh(first)
    const third = await refresh(second)
    expect(new Set([first, second, third]).size).toBe(3)
    const { access_token } = await backend.sessions.refresh(third)
    expect(await backend.accessTokens.verify(access_token, backend.clock.nowMs)).toBe(userId)
  })

  test('with a token whose successor was used ends the whole family, the newest token too', async () => {
    const first = await start()
    const second = await refresh(await refresh(first))
    await expect(refresh(first)).rejects.toMatchObject(signedOut)
    await expect(refresh(second)).rejects.toMatchObject(signedOut)
    expect(backend.log.lines).toEqual([
      expect.objectContaining({ code: 'refresh_family_ended', fields: { user_id: userId } }),
    ])
  })

  test('goes on with the old token where the answer was lost, however often, within a minute', async () => {
    const first = await start()
    await refresh(first)
    backend.clock.advance(lostAnswerMs / 2)
    await refresh(first)
    backend.clock.advance(lostAnswerMs / 2 - 1)
    const last = await refresh(first)
    expect(await refresh(last)).toEqual(expect.any(String))
  })

  test('with a token that was used a minute ago ends the family, also where it was repeated meanwhile', async () => {
    const first = await start()
    await refresh(first)
    backend.clock.advance(lostAnswerMs / 2)
    const second = await refresh(first)
    backend.clock.advance(lostAnswerMs / 2)
    await expect(refresh(first)).rejects.toMatchObject(signedOut)
    await expect(refresh(second)).rejects.toMatchObject(signedOut)
  })

  test('with the answer that a repeat has replaced ends the family: two have it', async () => {
    const first = await start()
    const replaced = await refresh(first)
    const second = await refresh(first)
    await expect(refresh(replaced)).rejects.toMatchObject(signedOut)
    await expect(refresh(second)).rejects.toMatchObject(signedOut)
  })

  test('twice at once with one token leaves one successor that is good, and the other ends the family', async () => {
    const token = await start()
    const [one, other] = await Promise.all([refresh(token), refresh(token)])
    const current = backend.sessionStore.sessions.get(familyOf(token))?.tokenHash
    const isOther = current === backend.secrets.digest(other.split('.')[1] ?? '')
    const [good, replaced] = isOther ? [other, one] : [one, other]
    const next = await refresh(good)
    await expect(refresh(replaced)).rejects.toMatchObject(signedOut)
    await expect(refresh(next)).rejects.toMatchObject(signedOut)
  })

  test('with the old token while its successor is used ends the family, whichever comes first', async () => {
    const first = await start()
    const second = await refresh(first)
    const results = await Promise.allSettled([refresh(second), refresh(first)])
    expect(results.some(result => result.status === 'rejected')).toBe(true)
    expect(backend.sessionStore.sessions.size).toBe(0)
  })

  test('leaves the other logins of the user alone when a family ends', async () => {
    const [stolen, other] = [await start(), await start()]
    await refresh(await refresh(stolen))
    await expect(refresh(stolen)).rejects.toMatchObject(signedOut)
    expect(await refresh(other)).toEqual(expect.any(String))
  })

  test('starts the sixty days again, and after sixty days unused the login is over', async () => {
    const first = await start()
    backend.clock.advance(sessionLifeMs - 1)
    const second = await refresh(first)
    backend.clock.advance(sessionLifeMs)
    await expect(refresh(second)).rejects.toMatchObject(signedOut)
  })

  test('for an account that is closed ends the login', async () => {
    const token = await start()
    backend.store.change(userId, account => ({ ...account, isActive: false }))
    await expect(refresh(token)).rejects.toMatchObject(signedOut)
    expect(backend.sessionStore.sessions.size).toBe(0)
  })

  test('for an account that is gone ends the login', async () => {
    const token = await start()
    backend.store.accounts.delete(userId)
    await expect(refresh(token)).rejects.toMatchObject(signedOut)
  })

  test.each([
    ['empty', ''],
    ['without a dot', 'family'],
    ['without a family', '.secret'],
    ['without a secret', 'family.'],
    ['of nobody', 'family.secret'],
    ['a dot alone', '.'],
  ])('with a token that is %s is refused like any other that has ended', async (_what, token) => {
    await expect(refresh(token)).rejects.toMatchObject(signedOut)
  })

  test('with anything behind the token is refused', async () => {
    const token = await start()
    await expect(refresh(`${token}.more`)).rejects.toMatchObject(signedOut)
    expect(await refresh(token)).toEqual(expect.any(String))
  })

  test('with a guessed secret for a known family ends that family', async () => {
    const token = await start()
    await expect(refresh(`${token.split('.')[0]}.guess`)).rejects.toMatchObject(signedOut)
    await expect(refresh(token)).rejects.toMatchObject(signedOut)
  })
})

describe('logging out', () => {
  test('ends the login', async () => {
    const token = await start()
    await backend.sessions.end(token)
    await expect(refresh(token)).rejects.toMatchObject(signedOut)
  })

  test('with the token before, whose answer was lost, ends the login too', async () => {
    const first = await start()
    const second = await refresh(first)
    await backend.sessions.end(first)
    await expect(refresh(second)).rejects.toMatchObject(signedOut)
  })

  test('twice is as good as once', async () => {
    const token = await start()
    await backend.sessions.end(token)
    await expect(backend.sessions.end(token)).resolves.toBeUndefined()
  })

  test.each(['', 'family', '.secret', 'family.', 'family.secret', 'a.b.c'])(
    'with "%s", which is no token, changes nothing',
    async token => {
      const mine = await start()
      await expect(backend.sessions.end(token)).resolves.toBeUndefined()
      expect(await refresh(mine)).toEqual(expect.any(String))
    },
  )

  test('with a guessed secret does not log anybody out', async () => {
    const token = await start()
    await backend.sessions.end(`${token.split('.')[0]}.guess`)
    expect(await refresh(token)).toEqual(expect.any(String))
  })
})

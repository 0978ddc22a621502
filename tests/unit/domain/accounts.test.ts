import { beforeEach, describe, expect, test, vi } from 'vitest'
import { sessionResponseSchema } from '../../../src/contracts/auth.ts'
import { balanceView, normaliseEmail, userView } from '../../../src/domain/accounts.ts'
import { priceList } from '../../../src/domain/price-list.ts'
import { accountOf } from '../support/memory-stores.ts'
import { createBackend, type TestBackend } from '../support/test-backend.ts'

const address = '203.0.113.7'
const password = 'correct horse'
const request = { email: 'ann@example.com', password }

let backend: TestBackend

beforeEach(() => {
  backend = createBackend()
})

/** The rejection of a promise, which must come. */
const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  const value = await promise.then(
    () => undefined,
    error => error,
  )
  expect(value).toBeInstanceOf(Error)
  return value
}

describe('e-mails', () => {
  test.each([
    ['other case', 'Ann@Example.COM'],
    ['spaces around it', '  ann@example.com\n'],
    ['full-width letters', 'ａｎｎ@example.com'],
  ])('with %s are one account', (_what, written) => {
    expect(normaliseEmail(written)).toBe('ann@example.com')
  })

  test('composed and decomposed letters are one account', () => {
    expect(normaliseEmail('ren\u00e9@example.com')).toBe(normaliseEmail('Rene\u0301@example.com'))
  })
})

describe('registering', () => {
  test('opens an account with the bonus, journals it, and signs in', async () => {
    const session = await backend.accounts.register({ ...request, name: 'Ann' }, address)
    expect(sessionResponseSchema.parse(session)).toEqual(session)
    const { user_id: userId } = session.user
    expect(session.user).toMatchObject({ email: 'ann@example.com', name: 'Ann', email_verified: false })
    expect(backend.account(userId)).toMatchObject({
      creditsBalance: priceList.signup_bonus,
      passwordHash: `hash of ${password}`,
    })
    expect([...backend.store.transactions.values()]).toEqual([
      {
        transactionId: `bonus#${userId}`,
        userId,
        type: 'bonus',
        status: 'completed',
        credits: 200,
        createdAt: backend.clock.iso(),
        completedAt: backend.clock.iso(),
        balanceAfter: 200,
        priceListVersion: priceList.price_list_version,
      },
    ])
    expect(await backend.sessions.refresh(session.refresh_token)).toMatchObject({ expires_in: 900 })
  })

  test('is told in the log by the id alone, and a refused one is not', async () => {
    const { user } = await backend.accounts.register(request, address)
    await expect(backend.accounts.register(request, address)).rejects.toMatchObject({ code: 'email_taken' })
    expect(backend.log.lines.map(({ code, fields }) => ({ code, fields }))).toEqual([
      { code: 'account_opened', fields: { user_id: user.user_id } },
    ])
  })

  test('the same e-mail twice, in whatever case, is refused and gives no second bonus', async () => {
    await backend.accounts.register(request, address)
    await expect(
      backend.accounts.register({ ...request, email: 'ANN@example.com' }, address),
    ).rejects.toMatchObject({ code: 'email_taken' })
    expect(backend.store.accounts.size).toBe(1)
    expect(backend.store.transactions.size).toBe(1)
  })

  test('hashes the password also when the e-mail is taken, so that the time tells nothing', async () => {
    await backend.accounts.register(request, address)
    await rejection(backend.accounts.register(request, address))
    expect(backend.passwords.calls).toEqual(['hash', 'hash'])
  })

  test('is counted by address before anything else is done', async () => {
    for (let i = 0; i < 10; i++) {
      await backend.accounts.register({ ...request, email: `${i}@example.com` }, address)
    }
    backend.passwords.calls.length = 0
    await expect(backend.accounts.register(request, address)).rejects.toMatchObject({
      code: 'too_many_requests',
    })
    expect(backend.passwords.calls).toEqual([])
    expect(backend.store.accounts.size).toBe(10)
    await backend.accounts.register(request, '203.0.113.8')
  })
})

describe('signing in', () => {
  let userId: string

  beforeEach(async () => {
    userId = (await backend.accounts.register(request, address)).user.user_id
    backend.passwords.calls.length = 0
    backend.clock.advance(1_000)
  })

  const login = (over: Partial<typeof request> = {}) =>
    backend.accounts.login({ ...request, ...over }, address)

  test('with the right password answers the user and tokens, and notes the time', async () => {
    const session = await login({ email: ' Ann@Example.com' })
    expect(sessionResponseSchema.parse(session)).toEqual(session)
    expect(session.user).toMatchObject({ user_id: userId, last_login: backend.clock.iso() })
  })

  test('says the same whether the e-mail, the password or the account is wrong', async () => {
    const wrongPassword = await rejection(login({ password: 'wrong' }))
    const unknownEmail = await rejection(login({ email: 'ben@example.com' }))
    backend.store.change(userId, account => ({ ...account, isActive: false }))
    const closed = await rejection(login())
    expect(wrongPassword).toMatchObject({ code: 'unauthenticated', message: 'E-mail or password is wrong.' })
    expect(unknownEmail).toEqual(wrongPassword)
    expect(closed).toEqual(wrongPassword)
  })

  test('compares one password in each case, against nothing where nobody has the e-mail', async () => {
    await rejection(login({ password: 'wrong' }))
    await rejection(login({ email: 'ben@example.com' }))
    expect(backend.passwords.calls).toEqual(['verify', 'verifyNothing'])
  })

  test('with a wrong password starts no session and notes no login', async () => {
    const before = { ...backend.account(userId) }
    const sessions = backend.sessionStore.sessions.size
    await rejection(login({ password: 'wrong' }))
    expect(backend.account(userId)).toEqual(before)
    expect(backend.sessionStore.sessions.size).toBe(sessions)
  })

  test('is counted before the e-mail is looked up, by address and by e-mail, known or not', async () => {
    const findByEmail = vi.spyOn(backend.users, 'findByEmail')
    for (let i = 0; i < 10; i++) await rejection(login({ email: 'ben@example.com', password: 'wrong' }))
    findByEmail.mockClear()
    await expect(login({ email: 'BEN@example.com' })).rejects.toMatchObject({ code: 'too_many_requests' })
    expect(findByEmail).not.toHaveBeenCalled()
    await login()
  })

  test('is counted by address whatever the e-mail', async () => {
    for (let i = 0; i < 50; i++) await rejection(login({ email: `${i}@example.com` }))
    await expect(login()).rejects.toMatchObject({ code: 'too_many_requests' })
    await backend.accounts.login(request, '203.0.113.8')
  })

  test('keeps no e-mail in the counters', async () => {
    await login()
    expect([...backend.counters.counts.keys()].join(' ')).not.toContain('ann@')
  })
})

test('signing in to an account that vanished meanwhile is an error of ours, and no session is answered', async () => {
  vi.spyOn(backend.store, 'readAccount').mockResolvedValue(undefined)
  await expect(backend.accounts.register(request, address)).rejects.toThrow(/does not exist/)
})

describe('the views', () => {
  const nowMs = Date.UTC(2026, 10, 21)

  test("of a user hold nothing that is not the owner's to read", () => {
    const view = userView(
      accountOf({ stripeCustomerId: 'cus_1', lastPayment: { at: '2026-11-01T00:00:00.000Z', failed: true } }),
    )
    expect(view).toEqual({
      user_id: expect.any(String),
      email: 'ann@example.com',
      name: null,
      email_verified: false,
      subscription_tier: 'free',
      created_at: '2026-11-01T00:00:00.000Z',
      last_login: null,
      payment_failed_at: '2026-11-01T00:00:00.000Z',
    })
  })

  test('of a balance list the grants that can be spent, soonest to lapse first', () => {
    const grant = (remaining: number, inMs: number) => ({
      remaining,
      expiresAtMs: nowMs + inMs,
      source: 'plus',
    })
    const view = balanceView(
      accountOf({
        creditsBalance: 10,
        totalUsage: 4,
        totalCreditsPurchased: 500,
        grants: { late: grant(7, 2_000), lapsed: grant(5, 0), used: grant(0, 3_000), soon: grant(3, 1_000) },
        holds: {
          operation: {
            service: 'catchup',
            split: { fromBalance: 20, fromGrants: {} },
            expiresAtMs: nowMs + 1,
            requestHash: 'hash',
          },
        },
      }),
      nowMs,
    )
    expect(view).toEqual({
      credits_available: 20,
      credits_balance: 10,
      credits_held: 20,
      grants: [
        { credits: 3, expires_at: '2026-11-21T00:00:01.000Z', source: 'plus' },
        { credits: 7, expires_at: '2026-11-21T00:00:02.000Z', source: 'plus' },
      ],
      total_credits_purchased: 500,
      total_usage: 4,
    })
  })
})

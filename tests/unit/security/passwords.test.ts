import bcrypt from 'bcryptjs'
import { describe, expect, test, vi } from 'vitest'
import { loginRequestSchema, registerRequestSchema } from '../../../src/contracts/auth.ts'
import { BcryptHasher } from '../../../src/security/passwords.ts'

const hasher = new BcryptHasher()
const email = 'ann@example.com'

/** What the contract lets through to the hasher, or undefined. */
const admitted = (password: string): string | undefined =>
  registerRequestSchema.safeParse({ email, password }).data?.password

test('a password matches its hash, and no other does', async () => {
  const hash = await hasher.hash('correct horse')
  expect(await hasher.verify('correct horse', hash)).toBe(true)
  expect(await hasher.verify('correct horsf', hash)).toBe(false)
  expect(await hasher.verify('', hash)).toBe(false)
})

test('the same password hashes differently each time', async () => {
  expect(await hasher.hash('correct horse')).not.toBe(await hasher.hash('correct horse'))
})

describe("bcrypt's 72 bytes", () => {
  test.each([
    ['72 letters', 'a'.repeat(72), true],
    ['73 letters', 'a'.repeat(73), false],
    ['36 letters of two bytes', 'é'.repeat(36), true],
    ['36 letters of two bytes and one more', `${'é'.repeat(36)}a`, false],
    ['18 emoji', '🎧'.repeat(18), true],
    ['19 emoji', '🎧'.repeat(19), false],
    ['8 letters', 'a'.repeat(8), true],
    ['7 letters', 'a'.repeat(7), false],
  ])('%s', (_what, password, isAdmitted) => {
    expect(admitted(password) !== undefined).toBe(isAdmitted)
  })

  test('hold every byte of the longest password: another last byte does not match', async () => {
    const longest = admitted(`${'é'.repeat(35)}ab`) ?? ''
    expect(bcrypt.truncates(longest)).toBe(false)
    const hash = await hasher.hash(longest)
    expect(await hasher.verify(longest, hash)).toBe(true)
    expect(await hasher.verify(`${longest.slice(0, -1)}c`, hash)).toBe(false)
  })

  test('followed by more do not match: a password is never cut, at sign-in either', async () => {
    const longest = 'a'.repeat(72)
    const longer = `${longest}b`
    expect(loginRequestSchema.parse({ email, password: longer }).password).toBe(longer)
    expect(await hasher.verify(longer, await hasher.hash(longest))).toBe(false)
  })
})

describe('where nobody has the e-mail', () => {
  test('a real comparison is made, with a whole hash of the same cost', async () => {
    const compare = vi.spyOn(bcrypt, 'compare')
    expect(await hasher.verifyNothing('correct horse')).toBe(false)
    const [, nobodysHash = ''] = compare.mock.calls[0] ?? []
    const someonesHash = await hasher.hash('correct horse')
    expect(nobodysHash).toMatch(/^\$2b\$10\$[./A-Za-z0-9]{53}$/)
    expect(bcrypt.getRounds(nobodysHash)).toBe(bcrypt.getRounds(someonesHash))
    compare.mockRestore()
  })

  test('no password gets in, not even one that would match', async () => {
    const compare = vi.spyOn(bcrypt, 'compare').mockImplementation(async () => true)
    expect(await hasher.verifyNothing('correct horse')).toBe(false)
    compare.mockRestore()
  })
})

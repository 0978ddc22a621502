import { describe, expect, test } from 'vitest'
import { loginRequestSchema, registerRequestSchema } from '../../../src/contracts/auth.ts'

const email = 'ann@example.com'

describe('a new password', () => {
  test('is one password however Unicode writes it', () => {
    const composed = registerRequestSchema.parse({ email, password: 'cr\u00e8me br\u00fbl\u00e9e' })
    const decomposed = loginRequestSchema.parse({ email, password: 'cre\u0300me bru\u0302le\u0301e' })
    expect(decomposed.password).toBe(composed.password)
  })

  test.each(['p\0ssword', 'pass\u0007word', 'pass\nword'])('has no control characters: %j', password => {
    expect(registerRequestSchema.safeParse({ email, password }).success).toBe(false)
  })

  test('may have spaces and any script', () => {
    expect(
      registerRequestSchema.safeParse({ email, password: 'correct \u99ac battery \ud83d\udd0b' }).success,
    ).toBe(true)
  })
})

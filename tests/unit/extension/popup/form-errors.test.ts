import { describe, expect, it } from 'vitest'
import { formErrors, refusedField } from '../../../../extension/popup/form-errors.ts'

const good = { email: 'listener@example.com', password: 'correct horse' }

describe('what was typed for a new account', () => {
  it('is good', () => {
    expect(formErrors(good, true)).toEqual({})
  })

  it.each([
    ['', 'popup_email_missing'],
    ['  ', 'popup_email_missing'],
    ['listener', 'popup_email_malformed'],
  ])('has a wrong address: "%s"', (email, error) => {
    expect(formErrors({ ...good, email }, true)).toEqual({ email: error })
  })

  it.each([
    ['', 'popup_password_missing'],
    ['1234567', 'popup_password_short'],
    ['x'.repeat(73), 'popup_password_long'],
    ['é'.repeat(37), 'popup_password_long'],
    ['with\ttab and more', 'popup_password_control_characters'],
  ])('has a wrong password: "%s"', (password, error) => {
    expect(formErrors({ ...good, password }, true)).toEqual({ password: error })
  })

  it('is told of all that is wrong at once', () => {
    expect(formErrors({ email: '', password: '' }, true)).toEqual({
      email: 'popup_email_missing',
      password: 'popup_password_missing',
    })
  })
})

describe('what was typed to sign in', () => {
  it('may be a password that no new account would be given', () => {
    expect(formErrors({ ...good, password: 'short' }, false)).toEqual({})
  })

  it('is not sent without a password', () => {
    expect(formErrors({ ...good, password: '' }, false)).toEqual({ password: 'popup_password_missing' })
  })
})

describe('what the backend refuses', () => {
  it.each([
    ['email_taken', { email: 'popup_email_taken' }],
    ['unauthenticated', { password: 'popup_password_wrong' }],
    ['too_many_requests', undefined],
  ])('%s is told where it belongs', (code, errors) => {
    expect(refusedField({ code })).toEqual(errors)
  })
})

import { describe, expect, it } from 'vitest'
import { nextStep } from '../../../../extension/popup/next-step.ts'

describe('the next step after a problem', () => {
  it.each([
    ['captions_elsewhere', 'take_over'],
    ['live_already_open', 'take_over'],
    ['insufficient_credits', 'buy'],
    ['account_in_debt', 'buy'],
    ['consent_needed', 'agree'],
    ['permission_needed', 'allow'],
    ['unreachable', undefined],
    ['toString', undefined],
  ])('%s: %s', (code, step) => {
    expect(nextStep({ code })).toBe(step)
  })
})

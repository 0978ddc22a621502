import { describe, expect, it } from 'vitest'
import { remedyOf } from '../../../ops/missed-payments.ts'

const about = { userId: 'ada', transactionId: 'purchase', sessionId: 'cs_1' }

describe('what makes up for a payment that is not booked', () => {
  it('is its event, where there is a row to book it on', () => {
    expect(remedyOf({ kind: 'paid_not_credited', ...about }, 'evt_1')).toBe('replay evt_1 --apply')
  })

  it('is an adjustment, where the purchase was begun later or the event is too old', () => {
    expect(remedyOf({ kind: 'paid_not_credited', ...about }, undefined)).toMatch(
      /^adjust ada <credits> .*--books cs_1 --apply$/,
    )
  })

  it.each(['refund_not_booked', 'dispute_not_booked'] as const)(
    'is an adjustment that books what went back: %s',
    kind => {
      const remedy = remedyOf({ kind, ...about, takenBackId: 're_1' }, undefined)
      expect(remedy).toMatch(/^adjust ada -<credits> .*--books re_1 --apply$/)
    },
  )

  it.each(['refund_not_returned', 'dispute_not_returned'] as const)(
    'is an adjustment that gives back what was taken in vain: %s',
    kind => {
      const remedy = remedyOf({ kind, ...about, takenBackId: 'du_1' }, undefined)
      expect(remedy).toMatch(/^adjust ada <credits> .*--books du_1 --apply$/)
    },
  )

  it('is for people to find out, where credits were given that nobody paid for', () => {
    expect(remedyOf({ kind: 'credited_not_paid', ...about }, undefined)).toBe(
      'docs/runbooks/stripe-mismatch.md',
    )
  })
})

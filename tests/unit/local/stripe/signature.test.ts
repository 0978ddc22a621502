import fc from 'fast-check'
import { Stripe } from 'stripe'
import { expect, it } from 'vitest'
import { signatureHeader } from '../../../../local/stand-ins/stripe/signature.ts'

it('signs any body as the SDK does', () => {
  const { webhooks } = new Stripe('sk_test_x')
  const body = fc.string({ unit: 'binary' })
  const secret = fc.string({ minLength: 1 })
  fc.assert(
    fc.property(body, secret, fc.integer({ min: 1 }), (payload, key, timestamp) => {
      expect(signatureHeader(payload, key, timestamp)).toBe(
        webhooks.generateTestHeaderString({ payload, secret: key, timestamp }),
      )
    }),
  )
})

import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { isCheckoutHint } from '../../../../extension/background/checkout-hint.ts'
import { tellExtension } from '../../../../src/handlers/checkout-message.ts'

const apiUrl = 'https://api.example.com'

/** What the backend's page sends. */
const sent = (): unknown => {
  const messages: unknown[] = []
  const runtime = { sendMessage: (_id: string, message: unknown) => messages.push(message) }
  runInNewContext(tellExtension('id', 'success'), { chrome: { runtime } })
  return messages[0]
}

describe('a message from the web', () => {
  it('is heard as the backend’s page after Checkout sends it', () => {
    expect(isCheckoutHint(sent(), 'https://api.example.com', apiUrl)).toBe(true)
  })

  it.each(['https://evil.example', 'http://api.example.com', 'https://api.example.com:8443', undefined])(
    'is not heard from another origin: %s',
    origin => {
      expect(isCheckoutHint(sent(), origin, apiUrl)).toBe(false)
    },
  )

  it.each([undefined, 'checkout_ended', { type: 'account/logout' }])('is nothing else: %o', message => {
    expect(isCheckoutHint(message, 'https://api.example.com', apiUrl)).toBe(false)
  })
})

import { runInNewContext } from 'node:vm'
import { expect, test, vi } from 'vitest'
import { createHandler as createCancel } from '../../../src/handlers/checkout-cancel.ts'
import { createHandler as createSuccess } from '../../../src/handlers/checkout-success.ts'
import { headerOf } from '../support/answers.ts'
import { call } from '../support/api-event.ts'
import { createApi, extensionId } from '../support/test-api.ts'

const pages = [
  ['success', createSuccess, 'Thank you. Your payment is on its way.'],
  ['cancelled', createCancel, 'Nothing was paid.'],
] as const

const scriptOf = (body: string | undefined): string => /<script>(.*)<\/script>/s.exec(body ?? '')?.[1] ?? ''

test.each(pages)(
  'the page after %s says so, and tells the extension',
  async (outcome, createHandler, heading) => {
    const page = await call(createHandler({ ...createApi(), extensionId }), {
      query: { session_id: 'cs_1' },
    })
    expect(page.statusCode).toBe(200)
    expect(headerOf(page, 'content-type')).toBe('text/html; charset=utf-8')
    expect(page.body).toContain(`<h1>${heading}</h1>`)

    const sendMessage = vi.fn()
    runInNewContext(scriptOf(page.body), { chrome: { runtime: { sendMessage } } })
    expect(sendMessage).toHaveBeenCalledExactlyOnceWith(
      extensionId,
      { type: 'checkout_ended', outcome },
      expect.any(Function),
    )
  },
)

test.each(pages)(
  'the page after %s works where no extension is there to be told',
  async (_outcome, createHandler) => {
    const page = await call(createHandler({ ...createApi(), extensionId }))
    expect(() => runInNewContext(scriptOf(page.body), {})).not.toThrow()
    expect(() => runInNewContext(scriptOf(page.body), { chrome: {} })).not.toThrow()
  },
)

test.each(pages)(
  'the page after %s holds nothing of what a visitor sends',
  async (_outcome, createHandler) => {
    const page = await call(createHandler({ ...createApi(), extensionId }), {
      query: { session_id: '<script>alert(1)</script>', heading: 'Free credits' },
    })
    expect(page.body).not.toMatch(/alert|Free credits/)
  },
)

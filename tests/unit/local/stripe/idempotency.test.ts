import { describe, expect, it } from 'vitest'
import type { Account } from '../../../../local/stand-ins/stripe/account.ts'
import { emptyData } from '../../../../local/stand-ins/stripe/data.ts'
import { createIdempotency, type KeyedRequest } from '../../../../local/stand-ins/stripe/idempotency.ts'

const request: KeyedRequest = {
  key: 'k1',
  path: '/v1/customers',
  encodedParams: 'name=Ann&email=a%40example.com',
  requestId: 'req_1',
}
const answer = { statusCode: 200, body: '{"id":"cus_1"}' }

describe('idempotency', () => {
  it('answers 409 while the first request with a key is under way, and repeats its answer afterwards', async () => {
    const saving = Promise.withResolvers<void>()
    const idempotency = createIdempotency(newAccount(), () => saving.promise)
    const first = idempotency.answer(request, () => answer)

    await expect(idempotency.answer(request, neverCalled)).rejects.toMatchObject({
      statusCode: 409,
      body: { type: 'idempotency_error', code: 'idempotency_key_in_use' },
    })
    saving.resolve()
    expect(await first).toEqual(answer)
    expect(await idempotency.answer({ ...request, requestId: 'req_2' }, neverCalled)).toEqual({
      ...answer,
      originalRequestId: 'req_1',
    })
  })

  it('takes the same parameters in another order for the same request', async () => {
    const idempotency = createIdempotency(newAccount(), async () => {})
    await idempotency.answer(request, () => answer)
    const reordered = { ...request, encodedParams: 'email=a%40example.com&name=Ann' }
    expect(await idempotency.answer(reordered, neverCalled)).toMatchObject(answer)
  })

  it('frees the key when the request breaks down', async () => {
    const idempotency = createIdempotency(newAccount(), async () => {})
    const broken = idempotency.answer(request, () => {
      throw new Error('broken')
    })
    await expect(broken).rejects.toThrow('broken')
    expect(await idempotency.answer(request, () => answer)).toEqual(answer)
  })

  it('refuses a key of more than 255 characters', async () => {
    const idempotency = createIdempotency(newAccount(), async () => {})
    const long = { ...request, key: 'k'.repeat(256) }
    await expect(idempotency.answer(long, neverCalled)).rejects.toMatchObject({ statusCode: 400 })
  })
})

function neverCalled(): never {
  throw new Error('The request was carried out again.')
}

function newAccount(): Account {
  return {
    data: emptyData(),
    control: { failNext: { count: 0, status: 500 }, duplicateWebhooks: false, holdWebhooks: false },
    publicUrl: 'http://127.0.0.1:4000',
    nowMs: () => 1_800_000_000_000,
  }
}

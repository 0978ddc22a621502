import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type AskRequest, askResponseSchema } from '../../../src/contracts/transcription.ts'
import { UpstreamError } from '../../../src/domain/errors.ts'
import { vendorFails, vendorTimesOut } from '../support/fake-vendors.ts'
import { allCredits } from '../support/memory-ledger-store.ts'
import { createBackend, holdMs, type TestBackend } from '../support/test-backend.ts'

const request: AskRequest = {
  question: 'How much?',
  segments: [
    { start_ms: 0, end_ms: 900, text: 'Fifty pounds.' },
    { start_ms: 1_000, end_ms: 1_900, text: 'A year.' },
  ],
}

let backend: TestBackend
let userId: string
let operationId: string

beforeEach(() => {
  backend = createBackend()
  userId = backend.openAccount({ creditsBalance: 100 })
  operationId = backend.clock.id()
})

const ask = (hash = 'hash-one') => backend.questions.ask(userId, operationId, hash, request)

test('a question costs 5 credits and is answered with what it cites', async () => {
  const answer = await ask()
  expect(askResponseSchema.parse(answer)).toEqual(answer)
  expect(answer).toEqual({
    operation_id: operationId,
    answer: 'Fifty pounds.',
    cited: [0],
    credits_used: 5,
    credits_available: 95,
  })
  expect(backend.account(userId)).toMatchObject({ creditsBalance: 95, totalUsage: 5, holds: {} })
})

test('only segments of the transcript are cited, each once', async () => {
  backend.model.nextAnswer = { answer: 'Fifty.', cited: [1_000, 5, 1_000, 0, -1] }
  expect((await ask()).cited).toEqual([1_000, 0])
})

test('an empty answer is a failure of the model, and free', async () => {
  backend.model.nextAnswer = { answer: ' ', cited: [0] }
  await expect(ask()).rejects.toMatchObject({ code: 'upstream_failed' })
  expect(backend.account(userId)).toMatchObject({ creditsBalance: 100, totalUsage: 0, holds: {} })
})

describe('a repeat', () => {
  test('of an answered question gets the same answer from the journal: one charge, one call', async () => {
    const first = await ask()
    backend.model.nextAnswer = { answer: 'Another.', cited: [] }
    expect(await ask()).toEqual(first)
    expect(backend.model.calls).toBe(1)
    expect(backend.store.usage.size).toBe(1)
  })

  test('tells what can be spent now, not what could be then', async () => {
    await ask()
    backend.store.change(userId, account => ({ ...account, creditsBalance: 7 }))
    expect((await ask()).credits_available).toBe(7)
  })

  test('is answered when nothing is left to pay with', async () => {
    const first = await ask()
    backend.store.change(userId, account => ({ ...account, creditsBalance: 0 }))
    expect(await ask()).toEqual({ ...first, credits_available: 0 })
  })

  test('of a question that is being answered is told to come back, and is not answered twice', async () => {
    const { promise, resolve } = Promise.withResolvers<{ answer: string; cited: number[] }>()
    const answer = vi.spyOn(backend.model, 'answer').mockReturnValue(promise)
    const first = ask()
    await expect.poll(() => answer.mock.calls.length).toBe(1)
    await expect(ask()).rejects.toMatchObject({
      code: 'operation_in_progress',
      details: { operation_id: operationId, retry_after_seconds: 2 },
    })
    resolve({ answer: 'Fifty.', cited: [] })
    expect((await first).credits_available).toBe(95)
    expect(answer).toHaveBeenCalledTimes(1)
  })

  test('with another body under the same key is refused', async () => {
    await ask()
    await expect(ask('hash-two')).rejects.toMatchObject({ code: 'idempotency_mismatch' })
    expect(backend.account(userId).creditsBalance).toBe(95)
  })

  test('after a failure is answered and charged once', async () => {
    backend.model.nextAnswer = vendorFails()
    await expect(ask()).rejects.toMatchObject({ code: 'upstream_failed' })
    backend.model.nextAnswer = { answer: 'Fifty.', cited: [] }
    expect((await ask()).credits_available).toBe(95)
  })

  test('after a crash that left the hold is answered once that has expired', async () => {
    vi.spyOn(backend.model, 'answer').mockRejectedValueOnce(new TypeError('crash'))
    await expect(ask()).rejects.toThrow('crash')
    await expect(ask()).rejects.toMatchObject({ code: 'operation_in_progress' })
    backend.clock.advance(holdMs)
    expect((await ask()).credits_available).toBe(95)
  })
})

describe('when the vendor', () => {
  test.each([
    ['fails', vendorFails, 'upstream_failed'],
    ['takes too long', vendorTimesOut, 'upstream_timeout'],
  ])('%s, the credits go back and nothing is journalled', async (_what, failure, code) => {
    backend.model.nextAnswer = failure()
    await expect(ask()).rejects.toMatchObject({
      code,
      message: expect.stringContaining('Nothing was charged'),
    })
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 100, totalUsage: 0, holds: {} })
    expect(backend.store.usage.size).toBe(0)
  })

  test('cannot take as long a transcript, that is told as something to send less of', async () => {
    backend.model.nextAnswer = new UpstreamError('vendor', 'too_long', 400)
    await expect(ask()).rejects.toMatchObject({ code: 'validation_failed' })
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 100, holds: {} })
  })

  test('fails, that is counted; an answer is not', async () => {
    await ask()
    expect(backend.counters.counts.size).toBe(0)
    operationId = backend.clock.id()
    backend.model.nextAnswer = vendorFails()
    await expect(ask()).rejects.toMatchObject({ code: 'upstream_failed' })
    expect([...backend.counters.counts.values()]).toEqual([1])
  })

  test('answers after the hold has expired, the answer is free', async () => {
    vi.spyOn(backend.model, 'answer').mockImplementation(async () => {
      backend.clock.advance(holdMs)
      return { answer: 'Late.', cited: [] }
    })
    expect(await ask()).toMatchObject({ answer: 'Late.', credits_used: 0, credits_available: 100 })
  })
})

test('an account with too little is refused before the vendor is asked', async () => {
  backend.store.change(userId, account => ({ ...account, creditsBalance: 4 }))
  await expect(ask()).rejects.toMatchObject({
    code: 'insufficient_credits',
    details: { required: 5, available: 4 },
  })
  expect(backend.model.calls).toBe(0)
  expect(allCredits(backend.account(userId))).toBe(4)
})

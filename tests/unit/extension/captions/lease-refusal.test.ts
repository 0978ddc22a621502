import { expect, it } from 'vitest'
import { leaseRefusal } from '../../../../extension/captions/lease-refusal.ts'
import { Problem } from '../../../../extension/messages/problem.ts'
import { errorCodes } from '../../../../src/contracts/errors.ts'

const refusal = (code: string, more: object = {}) =>
  leaseRefusal(new Problem({ code, detail: 'Why.', ...more }))

it('each code of the API means something', () => {
  expect(Object.fromEntries(errorCodes.map(code => [code, refusal(code).kind]))).toEqual({
    validation_failed: 'refused',
    unauthenticated: 'signed_out',
    insufficient_credits: 'unaffordable',
    account_in_debt: 'unaffordable',
    not_found: 'over',
    email_taken: 'refused',
    too_many_open_operations: 'refused',
    operation_in_progress: 'retry',
    live_already_open: 'elsewhere',
    allowance_spent: 'no_repeat',
    renew_too_early: 'wait',
    lease_over: 'over',
    wrong_lease: 'wrong_lease',
    body_too_large: 'refused',
    unsupported_media: 'refused',
    idempotency_mismatch: 'refused',
    too_many_requests: 'wait',
    upstream_failed: 'retry',
    upstream_timeout: 'retry',
    internal: 'retry',
  })
})

it.each([
  ['offline', 'retry'],
  ['unreachable', 'retry'],
  ['unexpected_answer', 'retry'],
  ['engine_failed', 'retry'],
  ['signed_out', 'signed_out'],
  ['storage_full', 'refused'],
])('a problem of the extension itself means something: %s', (code, kind) => {
  expect(refusal(code).kind).toBe(kind)
})

it('a wait is as long as the API says, or a second', () => {
  expect(refusal('too_many_requests', { retryAfterSeconds: 7 })).toMatchObject({ delayMs: 7_000 })
  expect(refusal('renew_too_early')).toMatchObject({ delayMs: 1_000 })
})

it('the lease in force and the captions that are open are named', () => {
  expect(refusal('wrong_lease', { lease: 4 })).toMatchObject({ lease: 4 })
  expect(refusal('live_already_open', { operationId: 'op' })).toMatchObject({ operationId: 'op' })
})

import { beforeEach, describe, expect, test } from 'vitest'
import { errorCodes } from '../../../src/contracts/errors.ts'
import { DomainError, UpstreamError } from '../../../src/domain/errors.ts'
import { toProblem } from '../../../src/http/problem-details.ts'
import { RequestError } from '../../../src/http/request.ts'
import { headerOf, problemOf } from '../support/answers.ts'
import { MemoryLog } from '../support/memory-log.ts'

let log: MemoryLog

beforeEach(() => {
  log = new MemoryLog()
})

const answer = (error: unknown) => toProblem(error, { log, newErrorId: () => 'error-1' })

/** The statuses that clients rely on. */
const statuses: Record<(typeof errorCodes)[number], number> = {
  validation_failed: 400,
  unauthenticated: 401,
  insufficient_credits: 402,
  account_in_debt: 402,
  not_found: 404,
  email_taken: 409,
  too_many_open_operations: 409,
  operation_in_progress: 409,
  live_already_open: 409,
  allowance_spent: 409,
  renew_too_early: 409,
  lease_over: 409,
  wrong_lease: 409,
  body_too_large: 413,
  unsupported_media: 415,
  idempotency_mismatch: 422,
  too_many_requests: 429,
  internal: 500,
  upstream_failed: 502,
  upstream_timeout: 504,
}

describe('an error of ours', () => {
  test.each(errorCodes)('%s is answered with its status, a title and what to do', code => {
    const problem = problemOf(answer(new DomainError(code, 'This happened. Do that.')))
    expect(problem).toEqual({
      type: `/problems/${code}`,
      title: expect.stringMatching(/^[A-Z].*[a-z]$/),
      status: statuses[code],
      detail: 'This happened. Do that.',
      code,
    })
  })

  test('carries its details beside them', () => {
    const error = new DomainError('insufficient_credits', 'This costs 5 credits and 4 are left.', {
      required: 5,
      available: 4,
    })
    expect(problemOf(answer(error))).toMatchObject({ required: 5, available: 4 })
  })

  test('of a request names each field that is wrong', () => {
    const errors = [{ path: 'email', message: 'Give an e-mail address.' }]
    expect(problemOf(answer(new RequestError('validation_failed', 'Not valid.', { errors })))).toMatchObject({
      errors,
    })
  })

  test('that says when to try again has a Retry-After header as well', () => {
    const response = answer(new DomainError('too_many_requests', 'Wait.', { retry_after_seconds: 60 }))
    expect(headerOf(response, 'retry-after')).toBe('60')
    expect(headerOf(answer(new DomainError('not_found', 'No.')), 'retry-after')).toBeUndefined()
  })

  test('that the caller caused is not logged', () => {
    answer(new DomainError('insufficient_credits', 'Buy some.'))
    expect(log.lines).toEqual([])
  })

  test.each(['upstream_failed', 'upstream_timeout'] as const)(
    '%s is logged with its cause, so that the operator sees which vendor fails',
    code => {
      const cause = new UpstreamError('openai', 'failed', 503)
      const error = new DomainError(code, 'The answer failed.', {}, cause)
      answer(error)
      expect(log.lines).toEqual([{ level: 'error', code, fields: {}, cause: error }])
    },
  )
})

describe('any other error', () => {
  test.each([
    ['an Error', new Error('password=hunter2 ann@example.com')],
    ['a vendor’s error', Object.assign(new Error('sk_live_123'), { code: 'api_key_expired', status: 401 })],
    [
      'an error whose code is one of ours, and which is not ours',
      Object.assign(new Error('x'), { code: 'not_found' }),
    ],
    ['text', 'sk_live_123'],
    ['nothing', undefined],
    ['a code that every object has', Object.assign(new Error('x'), { code: 'constructor', details: {} })],
    [
      'an error that answers with details of its own',
      Object.assign(new Error('x'), { details: { status: 200 } }),
    ],
  ])('%s is answered with an id alone, and logged under it', (_what, error) => {
    const response = answer(error)
    expect(problemOf(response)).toEqual({
      type: '/problems/internal',
      title: 'Something went wrong here',
      status: 500,
      detail: 'Something went wrong here. Try again; if it stays, tell us the error_id.',
      code: 'internal',
      error_id: 'error-1',
    })
    expect(log.lines).toEqual([
      { level: 'error', code: 'internal_error', fields: { error_id: 'error-1' }, cause: error },
    ])
  })
})

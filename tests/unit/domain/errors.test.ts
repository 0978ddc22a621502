import { describe, expect, test } from 'vitest'
import { DomainError, UpstreamError, upstreamProblem } from '../../../src/domain/errors.ts'

describe('upstreamProblem', () => {
  test('tells a time-out from a failure, that nothing was charged, and keeps the cause for the log', () => {
    const timeout = new UpstreamError('openai', 'timeout')
    expect(upstreamProblem(timeout, 'The answer')).toMatchObject({
      code: 'upstream_timeout',
      message: 'The answer took too long. Nothing was charged. Try again.',
      cause: timeout,
    })
    const failure = new UpstreamError('openai', 'failed', 500)
    expect(upstreamProblem(failure, 'The answer')).toMatchObject({
      code: 'upstream_failed',
      message: 'The answer failed. Nothing was charged. Try again.',
      cause: failure,
    })
  })

  test('tells what is too long, where trying again would not help', () => {
    expect(upstreamProblem(new UpstreamError('openai', 'too_long', 400), 'The answer')).toMatchObject({
      code: 'validation_failed',
      message: expect.stringContaining('Nothing was charged. Send a part of it.'),
      details: { errors: [{ path: 'segments' }] },
    })
  })

  test('takes any other error for a failure', () => {
    expect(upstreamProblem(new TypeError('crash'), 'The answer')).toMatchObject({ code: 'upstream_failed' })
  })

  test('leaves an error that tells the caller already as it is', () => {
    const error = new DomainError('unsupported_media', 'The clip holds more sound than its headers say.')
    expect(upstreamProblem(error, 'The transcription')).toBe(error)
  })
})

test('a vendor and its status stand in the message of its error, for the log', () => {
  expect(new UpstreamError('stripe', 'failed', 402).message).toBe('stripe failed (402)')
  expect(new UpstreamError('stripe', 'timeout').message).toBe('stripe timeout')
})

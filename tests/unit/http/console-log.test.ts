import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DomainError, UpstreamError } from '../../../src/domain/errors.ts'
import { createLog } from '../../../src/http/console-log.ts'

const log = createLog({ stage: 'test', functionName: 'service-test-balance' })
let lines: string[]

beforeEach(() => {
  lines = []
  vi.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    lines.push(String(chunk))
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
})

const lastLine = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '')

class VendorError extends Error {
  readonly status = 429
  readonly code = 'rate_limited'
}

const secret = 'ann@example.com said: hunter2'

test('a line is one line of JSON with its time, level, code and fields', () => {
  log.info('purchase_awaits_payment', { user_id: 'u1', credits: 500 })
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^\{.*\}\n$/)
  expect(lastLine()).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    level: 'info',
    code: 'purchase_awaits_payment',
    user_id: 'u1',
    credits: 500,
  })
})

test('a line may go without fields', () => {
  log.info('started')
  log.error('stopped')
  expect(lastLine()).toEqual({ time: expect.any(String), level: 'error', code: 'stopped' })
})

describe('an error', () => {
  test('of ours is told with its message and where it was thrown', () => {
    log.error('internal_error', { error_id: 'e1' }, new Error('A purchase without its amount.'))
    const { error } = lastLine()
    expect(error).toMatchObject({ name: 'Error', message: 'A purchase without its amount.' })
    expect(JSON.stringify(error)).toContain('console-log.test.ts')
  })

  test.each([
    ['a vendor’s error', new VendorError(secret)],
    ['bad JSON', new SyntaxError(secret)],
    ['a type error', new TypeError(secret)],
    [
      'a failure of an upstream with a vendor’s error behind it',
      new UpstreamError('openai', 'failed', 429, new VendorError(secret)),
    ],
    ['a plain error that a vendor threw', new UpstreamError('assemblyai', 'failed', 400, new Error(secret))],
    [
      'a plain error of a vendor’s, deeper',
      new DomainError(
        'upstream_failed',
        'It failed.',
        {},
        new UpstreamError('assemblyai', 'failed', 400, new Error(secret)),
      ),
    ],
    ['a message of several lines that looks like a stack', new VendorError(`failed\n    at ${secret}`)],
    ['text', secret],
  ])('%s is told without its words', (_what, error) => {
    log.error('internal_error', {}, error)
    expect(lines.join('')).not.toContain('hunter2')
    expect(lines.join('')).not.toContain('ann@example.com')
  })

  test('of a vendor is told with the vendor, its status and its code', () => {
    const upstream = new UpstreamError('openai', 'failed', 429, new VendorError(secret))
    log.error('upstream_failed', {}, new DomainError('upstream_failed', 'It failed.', {}, upstream))
    expect(lastLine().error).toMatchObject({
      name: 'DomainError',
      code: 'upstream_failed',
      cause: {
        name: 'UpstreamError',
        vendor: 'openai',
        status: 429,
        cause: { name: 'Error', status: 429, code: 'rate_limited' },
      },
    })
  })

  test('whose causes go round in a circle is told and ends', () => {
    const error: Error = new Error('A.')
    error.cause = error
    log.error('internal_error', {}, error)
    expect(lines).toHaveLength(1)
  })

  test('without a stack is told all the same', () => {
    const error = new Error('A.')
    Reflect.deleteProperty(error, 'stack')
    log.error('internal_error', {}, error)
    expect(lastLine().error).toMatchObject({ name: 'Error', message: 'A.' })
  })
})

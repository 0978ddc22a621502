import { beforeEach, describe, expect, test } from 'vitest'
import { DomainError } from '../../../src/domain/errors.ts'
import { endpoint, type HttpDependencies, preflight } from '../../../src/http/endpoint.ts'
import { json } from '../../../src/http/response.ts'
import { headerOf, problemOf } from '../support/answers.ts'
import { call } from '../support/api-event.ts'
import { MemoryLog } from '../support/memory-log.ts'

const extension = 'chrome-extension://abcdefghijklmnopabcdefghijklmnop'

let log: MemoryLog
let http: HttpDependencies

beforeEach(() => {
  log = new MemoryLog()
  http = { allowedOrigin: extension, log, newErrorId: () => 'error-1' }
})

const routes: [string, () => ReturnType<typeof endpoint>, number][] = [
  ['an answer', () => endpoint(http, async () => json(200, { ok: true })), 200],
  [
    'an error of ours',
    () =>
      endpoint(http, async () => {
        throw new DomainError('not_found', 'There is none.')
      }),
    404,
  ],
  [
    'any other error',
    () =>
      endpoint(http, async () => {
        throw new TypeError('hunter2')
      }),
    500,
  ],
]

describe.each(routes)('%s', (_what, createRoute, status) => {
  test("may be read by the extension's own origin", async () => {
    const response = await call(createRoute(), { headers: { origin: extension } })
    expect(response.statusCode).toBe(status)
    expect(headerOf(response, 'access-control-allow-origin')).toBe(extension)
    expect(headerOf(response, 'access-control-expose-headers')).toBe('retry-after')
  })

  test.each([
    'https://evil.example',
    'chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba',
    `${extension}.evil.example`,
    'null',
    '*',
    '',
  ])('may not be read by the origin "%s"', async origin => {
    const response = await call(createRoute(), { headers: { origin } })
    expect(response.statusCode).toBe(status)
    expect(headerOf(response, 'access-control-allow-origin')).toBe(extension)
  })

  test('is answered where no browser asks', async () => {
    const response = await call(createRoute())
    expect(response.statusCode).toBe(status)
  })

  test('never allows cookies', async () => {
    const response = await call(createRoute(), { headers: { origin: extension } })
    expect(headerOf(response, 'access-control-allow-credentials')).toBeUndefined()
  })
})

describe('the preflight', () => {
  const ask = (origin: string) =>
    call(preflight(http), {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,idempotency-key',
      },
    })

  test('lets the extension send what the routes take', async () => {
    const response = await ask(extension)
    expect(response.statusCode).toBe(204)
    expect(headerOf(response, 'access-control-allow-origin')).toBe(extension)
    expect(headerOf(response, 'access-control-allow-methods')).toBe('GET,POST')
    expect(headerOf(response, 'access-control-allow-headers')).toBe(
      'authorization,content-type,idempotency-key',
    )
    expect(headerOf(response, 'access-control-max-age')).toBe('7200')
  })

  test('lets no other origin', async () => {
    const response = await ask('https://evil.example')
    expect(headerOf(response, 'access-control-allow-origin')).toBe(extension)
  })
})

test('an error that nobody expected is logged under the id that the caller is told, and none of it is answered', async () => {
  const error = new TypeError('hunter2')
  const response = await call(
    endpoint(http, async () => {
      throw error
    }),
  )
  expect(problemOf(response)).toMatchObject({ code: 'internal', error_id: 'error-1' })
  expect(response.body).not.toContain('hunter2')
  expect(log.lines).toEqual([
    { level: 'error', code: 'internal_error', fields: { error_id: 'error-1' }, cause: error },
  ])
})

test('a failure of one request leaves no trace in the next', async () => {
  let fails = true
  const route = endpoint(http, async () => {
    if (fails) throw new Error('once')
    return json(200, { ok: true })
  })
  expect((await call(route)).statusCode).toBe(500)
  fails = false
  expect(await call(route)).toMatchObject({ statusCode: 200, body: '{"ok":true}' })
})

import * as fc from 'fast-check'
import { v4, v7 } from 'uuid'
import { describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { maxClipBytes } from '../../../src/contracts/transcription.ts'
import {
  authenticate,
  bodyOf,
  callerAddress,
  header,
  idempotencyKey,
  jsonBody,
  pathParameters,
  query,
  rawBody,
} from '../../../src/http/request.ts'
import { apiEvent } from '../support/api-event.ts'

const schema = z.object({
  email: z.string(),
  segments: z.array(z.object({ start_ms: z.int() })).optional(),
})

const invalid = (errors: unknown) => ({ code: 'validation_failed', details: { errors } })

/** What a function throws, which it must. */
const thrown = (call: () => unknown): unknown => {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('Nothing was thrown.')
}

describe('a body', () => {
  test('comes through base64 byte by byte', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        expect(new Uint8Array(rawBody(apiEvent({ body: bytes })))).toEqual(bytes)
      }),
    )
  })

  test('comes through as text unchanged, in base64 or not', () => {
    const text = '{"amount": 299,  "name": "Renée"}\n'
    expect(rawBody(apiEvent({ body: text })).toString()).toBe(text)
    expect(rawBody(apiEvent({ body: Buffer.from(text) })).toString()).toBe(text)
  })

  test('that is absent is empty', () => {
    expect(rawBody(apiEvent()).byteLength).toBe(0)
  })

  test('may be exactly as large as is allowed, and not a byte larger', () => {
    expect(bodyOf(apiEvent({ body: new Uint8Array(100) }), 100).byteLength).toBe(100)
    expect(thrown(() => bodyOf(apiEvent({ body: new Uint8Array(101) }), 100))).toMatchObject({
      code: 'body_too_large',
      message: 'The body has 101 bytes and may have 100. Nothing was charged. Send less at once.',
    })
  })

  test('is measured in bytes, not in letters or in base64', () => {
    expect(thrown(() => bodyOf(apiEvent({ body: 'é'.repeat(60) }), 100))).toMatchObject({
      code: 'body_too_large',
    })
    expect(bodyOf(apiEvent({ body: new Uint8Array(maxClipBytes) }), maxClipBytes).byteLength).toBe(
      maxClipBytes,
    )
  })
})

describe('a JSON body', () => {
  test.each([
    ['as text', { email: 'ann@example.com' }],
    ['in base64', Buffer.from('{"email":"ann@example.com"}')],
    ['with fields that are not known', { email: 'ann@example.com', admin: true }],
  ])('is read %s', (_how, body) => {
    expect(jsonBody(apiEvent({ body }), schema)).toEqual({ email: 'ann@example.com' })
  })

  test.each([
    ['nothing', undefined],
    ['no JSON', '{"email":'],
    ['a form', 'email=ann'],
    ['bytes', new Uint8Array([0xff, 0xfe, 0x00])],
  ])('that is %s is refused, and not quoted', (_what, body) => {
    expect(thrown(() => jsonBody(apiEvent(body === undefined ? {} : { body }), schema))).toMatchObject({
      ...invalid([{ path: 'body', message: 'Must be JSON.' }]),
      message: 'The body is not JSON. Nothing was charged.',
    })
  })

  test.each([
    ['null', 'null'],
    ['a list', '[]'],
    ['text', '"ann"'],
  ])('that is %s and no object is refused as a whole', (_what, body) => {
    expect(thrown(() => jsonBody(apiEvent({ body }), schema))).toMatchObject(
      invalid([{ path: 'body', message: expect.any(String) }]),
    )
  })

  test('names the path of everything that is wrong', () => {
    const body = { email: 7, segments: [{ start_ms: 0 }, { start_ms: 'soon' }, {}] }
    expect(thrown(() => jsonBody(apiEvent({ body }), schema))).toMatchObject(
      invalid([
        { path: 'email', message: expect.any(String) },
        { path: 'segments.1.start_ms', message: expect.any(String) },
        { path: 'segments.2.start_ms', message: expect.any(String) },
      ]),
    )
  })

  test('says the first thing that is wrong in whole sentences', () => {
    const error = thrown(() => jsonBody(apiEvent({ body: {} }), schema))
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /^The request is not valid: email: .*\. Nothing was charged\. Correct it and send it again\.$/,
      ),
    })
  })

  test('never quotes a value that was sent', () => {
    const secret = 'hunter2-hunter2'
    const strict = z.object({ email: z.email(), kind: z.enum(['a', 'b']), password: z.string().max(3) })
    const error = thrown(() =>
      jsonBody(apiEvent({ body: { email: secret, kind: secret, password: secret } }), strict),
    )
    expect(JSON.stringify(error) + String(error)).not.toContain(secret)
  })

  test('of more than 900,000 bytes is refused before it is read', () => {
    const parse = vi.spyOn(JSON, 'parse')
    expect(thrown(() => jsonBody(apiEvent({ body: `"${'a'.repeat(900_000)}"` }), schema))).toMatchObject({
      code: 'body_too_large',
    })
    expect(parse).not.toHaveBeenCalled()
  })

  test('cannot reach the prototype of objects', () => {
    const read = jsonBody(apiEvent({ body: '{"email":"a","__proto__":{"isAdmin":true}}' }), schema)
    expect(Object.keys(read)).toEqual(['email'])
    expect('isAdmin' in read).toBe(false)
  })
})

describe('query and path', () => {
  const page = z.object({ limit: z.coerce.number().int().min(1).default(50) })

  test('are read by their schema, with its defaults where there is none', () => {
    expect(query(apiEvent({ query: { limit: '7' } }), page)).toEqual({ limit: 7 })
    expect(query(apiEvent(), page)).toEqual({ limit: 50 })
    expect(pathParameters(apiEvent({ path: { limit: '7' } }), page)).toEqual({ limit: 7 })
  })

  test.each(['0', '-1', '1.5', 'many', ''])('refuse a limit of "%s" by its name', limit => {
    expect(thrown(() => query(apiEvent({ query: { limit } }), page))).toMatchObject(
      invalid([{ path: 'limit', message: expect.any(String) }]),
    )
  })

  test('refuse a path that lacks its parameter', () => {
    const id = z.object({ id: z.uuidv7('Give the operation_id.') })
    expect(thrown(() => pathParameters(apiEvent(), id))).toMatchObject(
      invalid([{ path: 'id', message: 'Give the operation_id.' }]),
    )
  })
})

describe('a header', () => {
  test.each(['idempotency-key', 'Idempotency-Key', 'IDEMPOTENCY-KEY'])('is found as %s', name => {
    expect(header(apiEvent({ headers: { [name]: 'value' } }), 'idempotency-key')).toBe('value')
  })

  test('that is absent is undefined', () => {
    expect(header(apiEvent({ headers: { accept: 'text/csv' } }), 'authorization')).toBeUndefined()
  })
})

test("the caller's address is the one that API Gateway saw, whatever a header says", () => {
  const event = apiEvent({ sourceIp: '198.51.100.1', headers: { 'x-forwarded-for': '10.0.0.1' } })
  expect(callerAddress(event)).toBe('198.51.100.1')
})

describe('the Idempotency-Key', () => {
  const keyOf = (value?: string): string =>
    idempotencyKey(
      apiEvent(value === undefined ? {} : { headers: { 'Idempotency-Key': value } }),
      () => 'new',
    )

  test("is the client's UUIDv7, in lower case", () => {
    const key = v7()
    expect(keyOf(key)).toBe(key)
    expect(keyOf(key.toUpperCase())).toBe(key)
  })

  test('is a new one where the client sent none', () => {
    expect(keyOf()).toBe('new')
  })

  test.each([
    ['a UUIDv4', v4()],
    ['empty', ''],
    ['text', 'order-1'],
    ['without its hyphens', v7().replaceAll('-', '')],
    ['with more behind it', `${v7()}#x`],
    ['the nil UUID', '00000000-0000-0000-0000-000000000000'],
    ['of another variant', '019a9d0c-7c00-7000-0000-000000000001'],
  ])('may not be %s', (_what, value) => {
    expect(thrown(() => keyOf(value))).toMatchObject(
      invalid([{ path: 'Idempotency-Key', message: 'Must be a UUIDv7.' }]),
    )
  })
})

describe('authenticating', () => {
  const verify = async (token: string): Promise<string | undefined> => (token === 'good' ? 'ann' : undefined)
  const who = (authorization?: string) =>
    authenticate(
      apiEvent(authorization === undefined ? {} : { headers: { Authorization: authorization } }),
      verify,
    )

  test.each(['Bearer good', 'bearer good', 'BEARER good'])('takes "%s"', async authorization => {
    expect(await who(authorization)).toBe('ann')
  })

  test.each([undefined, '', 'good', 'Basic good', 'Bearer', 'Bearer ', 'Bearer bad', 'Bearergood'])(
    'refuses "%s"',
    async authorization => {
      await expect(who(authorization)).rejects.toMatchObject({
        code: 'unauthenticated',
        message: 'The access token is missing, wrong or out of date. Sign in again.',
      })
    },
  )
})

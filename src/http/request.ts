import * as z from 'zod'
import type { ErrorCode } from '../contracts/errors.ts'
import type { ApiEvent } from './event.ts'

/** A request that can't be taken. Nothing has been charged. */
export class RequestError extends Error {
  readonly code: ErrorCode
  readonly details: { readonly errors?: readonly { readonly path: string; readonly message: string }[] }

  constructor(code: ErrorCode, message: string, details: RequestError['details'] = {}) {
    super(message)
    this.name = 'RequestError'
    this.code = code
    this.details = details
  }
}

const parse = <Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues.map(issue => ({
    path: issue.path.length === 0 ? where : issue.path.join('.'),
    message: issue.message,
  }))
  const first = errors[0]
  throw new RequestError(
    'validation_failed',
    `The request is not valid: ${first?.path}: ${withFullStop(first?.message ?? '')} Nothing was charged. Correct it and send it again.`,
    { errors },
  )
}

const withFullStop = (text: string): string => (text.endsWith('.') ? text : `${text}.`)

/** The body's bytes: API Gateway hands binary ones over in base64. */
export const rawBody = (event: ApiEvent): Buffer =>
  Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8')

/** @throws {RequestError} `body_too_large` */
export const bodyOf = (event: ApiEvent, maxBytes: number): Buffer => {
  const bytes = rawBody(event)
  if (bytes.byteLength <= maxBytes) return bytes
  throw new RequestError(
    'body_too_large',
    `The body has ${bytes.byteLength} bytes and may have ${maxBytes}. Nothing was charged. Send less at once.`,
  )
}

const largestJsonBytes = 900_000

/** @throws {RequestError} `validation_failed`, `body_too_large` */
export const jsonBody = <Schema extends z.ZodType>(event: ApiEvent, schema: Schema): z.output<Schema> => {
  const text = bodyOf(event, largestJsonBytes).toString('utf8')
  return parse(schema, parseJson(text), 'body')
}

/** A body whose every field may be left out may be left out itself. @throws {RequestError} as `jsonBody` does */
export const optionalJsonBody = <Schema extends z.ZodType>(
  event: ApiEvent,
  schema: Schema,
): z.output<Schema> => (rawBody(event).length === 0 ? parse(schema, {}, 'body') : jsonBody(event, schema))

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new RequestError('validation_failed', 'The body is not JSON. Nothing was charged.', {
      errors: [{ path: 'body', message: 'Must be JSON.' }],
    })
  }
}

/** @throws {RequestError} `validation_failed` */
export const query = <Schema extends z.ZodType>(event: ApiEvent, schema: Schema): z.output<Schema> =>
  parse(schema, event.queryStringParameters ?? {}, 'query')

/** @throws {RequestError} `validation_failed` */
export const pathParameters = <Schema extends z.ZodType>(event: ApiEvent, schema: Schema): z.output<Schema> =>
  parse(schema, event.pathParameters ?? {}, 'path')

/** A header, by its lower-case name. API Gateway hands names over in lower case; others may not. */
export const header = (event: ApiEvent, name: string): string | undefined =>
  event.headers[name] ?? Object.entries(event.headers).find(([key]) => key.toLowerCase() === name)?.[1]

/** The caller's address, as API Gateway saw it: no header can change it. */
export const callerAddress = (event: ApiEvent): string => event.requestContext.http.sourceIp

const idempotencyKeySchema = z.uuidv7('Must be a UUIDv7.')

/** The client's Idempotency-Key, or a new one where it sent none. @throws {RequestError} `validation_failed` */
export const idempotencyKey = (event: ApiEvent, newKey: () => string): string => {
  const key = header(event, 'idempotency-key')
  if (key === undefined) return newKey()
  return parse(idempotencyKeySchema, key, 'Idempotency-Key').toLowerCase()
}

/** Answers who a bearer token stands for. */
export type TokenVerifier = (token: string) => Promise<string | undefined>

/** The signed-in user's id. @throws {RequestError} `unauthenticated` */
export const authenticate = async (event: ApiEvent, verify: TokenVerifier): Promise<string> => {
  const [scheme, token] = header(event, 'authorization')?.split(' ') ?? []
  const userId = scheme?.toLowerCase() === 'bearer' && token ? await verify(token) : undefined
  if (userId !== undefined) return userId
  throw new RequestError(
    'unauthenticated',
    'The access token is missing, wrong or out of date. Sign in again.',
  )
}

import type { Stripe } from 'stripe'

type ErrorType = Extract<
  Stripe.RawErrorType,
  'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'
>

/** The `error` member of Stripe's error answers: https://docs.stripe.com/api/errors */
export interface StripeErrorBody {
  type: ErrorType
  message: string
  code?: string
  param?: string
  doc_url?: string
}

/** Thrown by an operation to answer with a Stripe error. */
export class StripeApiError extends Error {
  override readonly name = 'StripeApiError'
  readonly statusCode: number
  readonly body: StripeErrorBody

  constructor(statusCode: number, body: StripeErrorBody) {
    super(body.message)
    this.statusCode = statusCode
    this.body = body.code === undefined ? body : { ...body, doc_url: docUrl(body.code) }
  }
}

/** 400: a parameter, or the request as a whole, is wrong. */
export function invalidRequest(
  message: string,
  about: { code?: string; param?: string } = {},
): StripeApiError {
  return new StripeApiError(400, { type: 'invalid_request_error', message, ...about })
}

/** 404 where the id is in the path, 400 where it came in a parameter. */
export function noSuch(what: string, id: string, param = 'id'): StripeApiError {
  return new StripeApiError(param === 'id' ? 404 : 400, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${what}: '${id}'`,
    param,
  })
}

/** 401: no key, or another than the stand-in was given. */
export function unauthenticated(message: string): StripeApiError {
  return new StripeApiError(401, { type: 'invalid_request_error', message })
}

function docUrl(code: string): string {
  return `https://docs.stripe.com/error-codes#${code.replaceAll('_', '-')}`
}

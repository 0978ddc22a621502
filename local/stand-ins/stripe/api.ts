import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { Account } from './account.ts'
import { checkoutSessionOperations } from './checkout-sessions.ts'
import { customerOperations } from './customers.ts'
import { disputeOperations } from './disputes.ts'
import { invalidRequest, StripeApiError, unauthenticated } from './errors.ts'
import { eventOperations } from './events.ts'
import { type Answer, createIdempotency, type Idempotency } from './idempotency.ts'
import { newId } from './ids.ts'
import type { Call, Operation } from './operations.ts'
import { parseForm } from './params.ts'
import { paymentIntentOperations } from './payment-intents.ts'
import { priceOperations } from './prices.ts'
import { refundOperations } from './refunds.ts'
import type { Service } from './service.ts'
import { webhookEndpointOperations } from './webhook-endpoints.ts'
import { API_VERSION } from './wire.ts'

const OPERATIONS: readonly Operation[] = [
  ...customerOperations,
  ...priceOperations,
  ...checkoutSessionOperations,
  ...paymentIntentOperations,
  ...refundOperations,
  ...disputeOperations,
  ...eventOperations,
  ...webhookEndpointOperations,
]

/**
 * Registers Stripe's API on `app`, which must be a context of its own with the prefix `/v1`.
 *
 * @param secretKey the one key that is accepted; any when undefined
 */
export function registerApi(app: FastifyInstance, service: Service, secretKey: string | undefined): void {
  const idempotency = createIdempotency(service.account, service.save)

  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  )
  app.setErrorHandler<FastifyError>(sendError)
  app.setNotFoundHandler((request, reply) => {
    const message = `Unrecognized request URL (${request.method}: ${request.url}). If Stripe has it, the local stand-in does not.`
    return sendError(new StripeApiError(404, { type: 'invalid_request_error', message }), request, reply)
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'Request-Id': newId('req', 14), 'Stripe-Version': API_VERSION })
    authenticate(request, secretKey)
    checkVersion(request)
    failIfAsked(service.account)
    await service.wake()
  })

  for (const operation of OPERATIONS) {
    app.route({
      method: operation.method,
      url: operation.path,
      handler: (request, reply) => handle(request, reply, operation, service, idempotency),
    })
  }
}

async function handle(
  request: FastifyRequest,
  reply: FastifyReply,
  operation: Operation,
  service: Service,
  idempotency: Idempotency,
): Promise<FastifyReply> {
  const requestId = String(reply.getHeader('Request-Id'))
  const idempotencyKey = keyOf(request)
  const encodedParams = typeof request.body === 'string' ? request.body : queryOf(request.url)
  const call: Call = { account: service.account, id: idOf(request), requestId, idempotencyKey }
  const run = operation.prepare(parseForm(encodedParams))

  if (operation.method === 'GET') return sendAnswer(reply, carryOut(run, call))

  if (idempotencyKey === null || operation.method === 'DELETE') {
    const answer = carryOut(run, call)
    await service.save()
    await service.wake()
    return sendAnswer(reply, answer)
  }

  const path = request.url.split('?', 1).join()
  const answer = await idempotency.answer({ key: idempotencyKey, path, encodedParams, requestId }, () =>
    carryOut(run, call),
  )
  reply.header('Idempotency-Key', idempotencyKey)
  if (answer.originalRequestId !== undefined) {
    reply.headers({ 'Idempotent-Replayed': 'true', 'Original-Request': answer.originalRequestId })
  }
  await service.wake()
  return sendAnswer(reply, answer)
}

/** A refusal is an answer too: Stripe repeats it to the same idempotency key. */
function carryOut(run: (call: Call) => object, call: Call): Answer {
  try {
    return { statusCode: 200, body: JSON.stringify(run(call)) }
  } catch (error) {
    if (!(error instanceof StripeApiError)) throw error
    return { statusCode: error.statusCode, body: JSON.stringify({ error: error.body }) }
  }
}

function sendAnswer(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply.code(answer.statusCode).type('application/json').send(answer.body)
}

function sendError(
  error: StripeApiError | FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { statusCode, body } = error instanceof StripeApiError ? error : toStripeError(error, request)
  return reply.code(statusCode).send({ error: body })
}

function toStripeError(error: FastifyError, request: FastifyRequest): StripeApiError {
  const statusCode = error.statusCode ?? 500
  if (statusCode < 500) {
    return new StripeApiError(statusCode, { type: 'invalid_request_error', message: error.message })
  }
  request.log.error(error)
  return new StripeApiError(500, {
    type: 'api_error',
    message: `The local stand-in failed: ${error.message}`,
  })
}

function authenticate(request: FastifyRequest, secretKey: string | undefined): void {
  const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (key === undefined) {
    throw unauthenticated(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    )
  }
  if (secretKey !== undefined && key !== secretKey) {
    throw unauthenticated(`Invalid API Key provided: ${key.slice(0, 8)}${'*'.repeat(8)}${key.slice(-4)}`)
  }
}

function checkVersion(request: FastifyRequest): void {
  const version = request.headers['stripe-version']
  if (version !== undefined && version !== API_VERSION) {
    throw invalidRequest(
      `Invalid Stripe API version: ${String(version)}. The local stand-in speaks ${API_VERSION}.`,
    )
  }
}

/** Such a failure comes before anything is carried out, so it is not saved under the idempotency key. */
function failIfAsked(account: Account): void {
  const { failNext } = account.control
  if (failNext.count === 0) return
  failNext.count -= 1
  throw new StripeApiError(
    failNext.status,
    failNext.status === 429
      ? { type: 'invalid_request_error', code: 'rate_limit', message: 'Request rate limit exceeded.' }
      : { type: 'api_error', message: 'The local stand-in was told to fail this request.' },
  )
}

function keyOf(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key']
  return typeof key === 'string' && key !== '' ? key : null
}

const idParams = z.object({ id: z.string().default('') })

function idOf(request: FastifyRequest): string {
  return idParams.parse(request.params).id
}

function queryOf(url: string): string {
  const start = url.indexOf('?')
  return start < 0 ? '' : url.slice(start + 1)
}

import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { signatureProblem } from './credentials.ts'
import { AwsError, asAwsError } from './errors.ts'

/** A service that speaks AWS JSON: one address, and the operation's name in a header. */
export interface JsonService {
  /** Under the stand-in's prefix, such as `/sqs`. */
  path: string
  /** What stands before the operation in `X-Amz-Target`. */
  target: string
  /** What its errors' types begin with. */
  namespace: string
  version: '1.0' | '1.1'
  accessKeyId: string
  operations: Record<string, JsonOperation>
  /** Answers what `operations` doesn't have; without it that is an error. */
  otherwise?: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>
}

/** @param input what the client sent, unchecked */
export type JsonOperation = (input: unknown, signal: AbortSignal) => unknown

/** An operation whose input is held to a schema. */
export function operation<Input>(
  schema: z.ZodType<Input>,
  run: (input: Input, signal: AbortSignal) => unknown,
): JsonOperation {
  return (input, signal) => {
    const parsed = schema.safeParse(input)
    if (!parsed.success) throw new AwsError(400, 'ValidationException', z.prettifyError(parsed.error))
    return run(parsed.data, signal)
  }
}

/** Registers the service. Bodies must reach it as buffers. */
export function registerJsonService(app: FastifyInstance, service: JsonService): void {
  const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    reply.header('x-amzn-requestid', randomUUID()).type(`application/x-amz-json-${service.version}`)
    try {
      const run = operationOf(service, request)
      if (run === undefined && service.otherwise !== undefined) return await service.otherwise(request, reply)
      if (run === undefined) throw new AwsError(400, 'UnknownOperationException', '')
      requireSignature(request, service.accessKeyId)
      return reply.send(JSON.stringify((await run(bodyOf(request), untilGone(reply))) ?? {}))
    } catch (error) {
      if (!(error instanceof AwsError)) request.log.error(error)
      return sendError(reply, service, asAwsError(error))
    }
  }
  app.post(service.path, serve)
  app.post(`${service.path}/*`, serve)
}

function operationOf(service: JsonService, request: FastifyRequest): JsonOperation | undefined {
  const [target, name = ''] = String(request.headers['x-amz-target']).split('.')
  if (target !== service.target || !Object.hasOwn(service.operations, name)) return undefined
  return service.operations[name]
}

function requireSignature(request: FastifyRequest, accessKeyId: string): void {
  const problem = signatureProblem(request, accessKeyId)
  if (problem === 'missing') {
    throw new AwsError(400, 'MissingAuthenticationTokenException', 'Request is missing Authentication Token')
  }
  if (problem === 'unknown') {
    throw new AwsError(
      400,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    )
  }
}

function bodyOf(request: FastifyRequest): unknown {
  try {
    return JSON.parse(String(request.body))
  } catch {
    throw new AwsError(400, 'SerializationException', 'The request is not JSON.')
  }
}

/** Aborts when the client hangs up. */
function untilGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return gone.signal
}

function sendError(reply: FastifyReply, { namespace }: JsonService, error: AwsError): FastifyReply {
  const fault = error.status < 500 ? 'Sender' : 'Receiver'
  if (error.queryCode !== undefined) reply.header('x-amzn-query-error', `${error.queryCode};${fault}`)
  return reply
    .code(error.status)
    .send(JSON.stringify({ __type: `${namespace}#${error.code}`, message: error.message }))
}

import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { signatureProblem } from '../credentials.ts'
import { AwsError, asAwsError } from '../errors.ts'
import type { FunctionAnswer, Invoker } from './invoker.ts'

export interface LambdaRoutesOptions {
  accessKeyId: string
  /** The full name of a function, or undefined when there is none. */
  findFunction(nameOrArn: string): Promise<string | undefined>
  functionArn(name: string): string
  invoke: Invoker
  /** Keeps an event to run it later. */
  accept(functionName: string, payload: string, requestId: string): Promise<void>
}

const pathParams = z.object({ name: z.string() })
/** Of an asynchronous invocation, in bytes. */
const longestEvent = 1024 * 1024

/** Registers Lambda's `Invoke`, as the SDK calls it: REST with JSON. */
export function registerLambda(app: FastifyInstance, options: LambdaRoutesOptions): void {
  app.post('/lambda/2015-03-31/functions/:name/invocations', async (request, reply) => {
    const requestId = randomUUID()
    reply.header('x-amzn-requestid', requestId).type('application/json')
    try {
      requireSignature(request, options.accessKeyId)
      return await invoke(request, reply, requestId, options)
    } catch (error) {
      if (!(error instanceof AwsError)) request.log.error(error)
      const { status, code, message } = asAwsError(error)
      return reply
        .code(status)
        .header('x-amzn-errortype', code)
        .send(JSON.stringify({ Type: status < 500 ? 'User' : 'Service', message }))
    }
  })
}

async function invoke(
  request: FastifyRequest,
  reply: FastifyReply,
  requestId: string,
  options: LambdaRoutesOptions,
): Promise<FastifyReply> {
  const type = String(request.headers['x-amz-invocation-type'] ?? 'RequestResponse')
  const { name } = pathParams.parse(request.params)
  const functionName = await options.findFunction(name)
  if (functionName === undefined) {
    const arn = name.startsWith('arn:') ? name : options.functionArn(name)
    throw new AwsError(404, 'ResourceNotFoundException', `Function not found: ${arn}`)
  }
  const payload = payloadOf(request)
  switch (type) {
    case 'DryRun':
      return reply.code(204).send()
    case 'Event':
      requireEventSize(payload)
      await options.accept(functionName, payload, requestId)
      return reply.code(202).send()
    case 'RequestResponse':
      return sendAnswer(reply, await options.invoke(functionName, payload, requestId).catch(notRunning))
    default:
      throw new AwsError(400, 'InvalidParameterValueException', `Unknown invocation type: ${type}`)
  }
}

function payloadOf(request: FastifyRequest): string {
  const body = request.body === undefined || request.body === null ? '' : String(request.body)
  if (body === '') return '{}'
  try {
    JSON.parse(body)
    return body
  } catch {
    throw new AwsError(400, 'InvalidRequestContentException', 'Could not parse request body into json')
  }
}

function requireEventSize(payload: string): void {
  if (Buffer.byteLength(payload) <= longestEvent) return
  throw new AwsError(
    413,
    'RequestTooLargeException',
    `Request must be smaller than ${longestEvent} bytes for the InvokeFunction operation`,
  )
}

function sendAnswer(reply: FastifyReply, { status, functionError, payload }: FunctionAnswer): FastifyReply {
  if (functionError !== undefined) reply.header('x-amz-function-error', functionError)
  return reply.code(status).header('x-amz-executed-version', '$LATEST').send(payload)
}

function notRunning(): never {
  throw new AwsError(500, 'ServiceException', 'The backend does not answer.')
}

function requireSignature(request: FastifyRequest, accessKeyId: string): void {
  const problem = signatureProblem(request, accessKeyId)
  if (problem === 'missing') {
    throw new AwsError(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token')
  }
  if (problem === 'unknown') {
    throw new AwsError(
      403,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    )
  }
}

import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { signatureProblem } from './credentials.ts'
import { AwsError, asAwsError } from './errors.ts'
import { type Xml, xmlDocument } from './xml.ts'

/** A service that speaks AWS's query protocol: a form in, XML out. */
export interface QueryService {
  /** Under the stand-in's prefix, such as `/sts`. */
  path: string
  /** Of its XML. */
  namespace: string
  accessKeyId: string
  /** What an operation answers is put into `<operation>Result`. */
  operations: Record<string, (form: URLSearchParams) => Xml | Promise<Xml>>
}

/** Registers the service. Bodies must reach it as buffers. */
export function registerQueryService(app: FastifyInstance, service: QueryService): void {
  const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const requestId = randomUUID()
    reply.header('x-amzn-requestid', requestId).type('text/xml')
    try {
      requireSignature(request, service.accessKeyId)
      const form = new URLSearchParams(String(request.body))
      const action = form.get('Action') ?? ''
      const run = Object.hasOwn(service.operations, action) ? service.operations[action] : undefined
      if (run === undefined) {
        throw new AwsError(400, 'InvalidAction', `Could not find operation ${action}.`)
      }
      const answer: Xml = {
        [`${action}Result`]: await run(form),
        ResponseMetadata: { RequestId: requestId },
      }
      return reply.send(xmlDocument(`${action}Response`, service.namespace, answer))
    } catch (error) {
      if (!(error instanceof AwsError)) request.log.error(error)
      return sendError(reply, service, asAwsError(error), requestId)
    }
  }
  app.post(service.path, serve)
  app.post(`${service.path}/*`, serve)
}

function requireSignature(request: FastifyRequest, accessKeyId: string): void {
  const problem = signatureProblem(request, accessKeyId)
  if (problem === 'missing') {
    throw new AwsError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token')
  }
  if (problem === 'unknown') {
    throw new AwsError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.')
  }
}

function sendError(
  reply: FastifyReply,
  { namespace }: QueryService,
  { status, code, message }: AwsError,
  requestId: string,
): FastifyReply {
  const fault = status < 500 ? 'Sender' : 'Receiver'
  return reply.code(status).send(
    xmlDocument('ErrorResponse', namespace, {
      Error: { Type: fault, Code: code, Message: message },
      RequestId: requestId,
    }),
  )
}

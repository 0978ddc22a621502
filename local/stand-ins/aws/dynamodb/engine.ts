import * as z from 'zod'
import { AwsError } from '../errors.ts'

/** DynamoDB Local, called in its own protocol, so that items stay as it has them. */
export interface Engine {
  readonly endpoint: string
  /**
   * @param operation such as `Scan`, of DynamoDB, or `GetRecords`, of its streams
   * @throws {AwsError} with the engine's own error
   */
  call<Output>(schema: z.ZodType<Output>, operation: string, input: object): Promise<Output>
}

const streamOperations = new Set(['DescribeStream', 'GetShardIterator', 'GetRecords'])
const errorSchema = z.object({
  __type: z.string(),
  message: z.string().optional(),
  Message: z.string().optional(),
})
const timeoutMs = 30_000
/** The engine wants a signature and looks at none. */
const authorization =
  'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0'

export function createEngine(endpoint: string): Engine {
  return {
    endpoint,
    async call(schema, operation, input) {
      const target = streamOperations.has(operation) ? 'DynamoDBStreams_20120810' : 'DynamoDB_20120810'
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `${target}.${operation}`,
          authorization,
        },
        body: JSON.stringify(input),
        signal: AbortSignal.timeout(timeoutMs),
      })
      const answer: unknown = await response.json()
      if (!response.ok) throw engineError(response.status, answer)
      return schema.parse(answer)
    },
  }
}

function engineError(status: number, answer: unknown): AwsError {
  const error = errorSchema.safeParse(answer)
  if (!error.success) return new AwsError(status, 'InternalServerError', 'DynamoDB Local failed.')
  const { __type: type, message, Message } = error.data
  return new AwsError(status, type.split('#').at(-1) ?? type, message ?? Message ?? '')
}

import type { Context } from 'aws-lambda'
import type { ApiEvent, ApiHandler, ApiResponse } from '../../../src/http/event.ts'

export interface EventOptions {
  readonly method?: 'GET' | 'POST' | 'OPTIONS'
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly path?: Readonly<Record<string, string>>
  /** Text is sent as it is, an object as JSON, and bytes in base64, as API Gateway hands over what is binary. */
  readonly body?: string | object | Uint8Array
  readonly sourceIp?: string
}

const encodeBody = (body: EventOptions['body']): Pick<ApiEvent, 'body' | 'isBase64Encoded'> => {
  if (body === undefined) return { isBase64Encoded: false }
  if (body instanceof Uint8Array) return { body: Buffer.from(body).toString('base64'), isBase64Encoded: true }
  return { body: typeof body === 'string' ? body : JSON.stringify(body), isBase64Encoded: false }
}

/** A request as API Gateway's HTTP API hands it to a function (payload format 2.0). */
export const apiEvent = (options: EventOptions = {}): ApiEvent => {
  const { method = 'GET', headers = {}, query, path, body, sourceIp = '203.0.113.7' } = options
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: new URLSearchParams(query).toString(),
    headers: { ...headers },
    ...(query === undefined ? {} : { queryStringParameters: { ...query } }),
    ...(path === undefined ? {} : { pathParameters: { ...path } }),
    ...encodeBody(body),
    requestContext: {
      accountId: '123456789012',
      apiId: 'api',
      domainName: 'api.example.com',
      domainPrefix: 'api',
      http: { method, path: '/', protocol: 'HTTP/1.1', sourceIp, userAgent: 'test' },
      requestId: 'request',
      routeKey: '$default',
      stage: '$default',
      time: '21/Nov/2026:12:00:00 +0000',
      timeEpoch: Date.UTC(2026, 10, 21, 12),
    },
  }
}

const context: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'test',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:test',
  memoryLimitInMB: '256',
  awsRequestId: 'request',
  logGroupName: 'group',
  logStreamName: 'stream',
  getRemainingTimeInMillis: () => 10_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
}

/** Calls a route's function with a request. */
export const call = (handler: ApiHandler, options: EventOptions = {}): Promise<ApiResponse> =>
  handler(apiEvent(options), context)

import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { asThrown } from './thrown.ts'

/** What a function answered. */
export interface FunctionAnswer {
  /** Of the invocation itself: 200 also for a function that failed. */
  status: number
  /** `Unhandled` when the function threw or took too long; undefined when it went well. */
  functionError: string | undefined
  /** JSON, or nothing. */
  payload: string
}

/** Runs functions; rejects when nobody answers. */
export type Invoker = (functionName: string, payload: string, requestId: string) => Promise<FunctionAnswer>

/**
 * Runs functions at serverless-offline's own address for them, which tells of a function that threw by a header
 * and of an unknown one by 404. It takes as long as the function does.
 *
 * @param url without a slash at its end
 */
export function createInvoker(url: string): Invoker {
  return (functionName, payload, requestId) =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        `${url}/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`,
        {
          method: 'POST',
          agent: false,
          headers: {
            'content-type': 'application/octet-stream',
            'content-length': Buffer.byteLength(payload),
            'x-amz-invocation-type': 'RequestResponse',
            'x-amz-client-context': clientContext(requestId),
          },
        },
        async response => {
          try {
            const status = response.statusCode ?? 500
            const body = (await buffer(response)).toString()
            const functionError = functionErrorOf(status, response.headers)
            resolve({ status, functionError, payload: functionError === undefined ? body : asThrown(body) })
          } catch (error) {
            reject(error)
          }
        },
      )
      outgoing.once('error', reject)
      outgoing.end(payload)
    })
}

/** `local/lambda-request-ids.ts` gives the function this id as Lambda would. */
function clientContext(requestId: string): string {
  return Buffer.from(JSON.stringify({ localRequestId: requestId })).toString('base64')
}

function functionErrorOf(
  status: number,
  headers: Record<string, string | string[] | undefined>,
): string | undefined {
  const told = headers['x-amz-function-error']
  if (typeof told === 'string') return told
  return status < 300 ? undefined : 'Unhandled'
}

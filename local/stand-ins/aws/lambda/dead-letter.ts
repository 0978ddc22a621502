import type { Finished, Invocation } from './data.ts'

/**
 * What Lambda sends to a function's on-failure destination.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export function deadLetter(
  invocation: Invocation,
  { condition, functionArn, atMs }: { condition: Finished['outcome']; functionArn: string; atMs: number },
): string {
  const { requestId, payload, failedRuns, lastFailure } = invocation
  return JSON.stringify({
    version: '1.0',
    timestamp: new Date(atMs).toISOString(),
    requestContext: {
      requestId,
      functionArn: `${functionArn}:$LATEST`,
      condition,
      approximateInvokeCount: failedRuns,
    },
    requestPayload: jsonOrText(payload),
    ...(lastFailure === null
      ? {}
      : {
          responseContext: {
            statusCode: lastFailure.status,
            executedVersion: '$LATEST',
            functionError: lastFailure.functionError,
          },
          responsePayload: jsonOrText(lastFailure.payload),
        }),
  })
}

function jsonOrText(payload: string): unknown {
  try {
    return JSON.parse(payload)
  } catch {
    return payload
  }
}

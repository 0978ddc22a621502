import * as z from 'zod'

/** An asynchronous invocation that failed for good. */
export interface DeadLetter {
  /** The function's name, without its region and account. */
  readonly functionName: string
  readonly failedAtMs: number
  /** RetriesExhausted or EventAgeExceeded. */
  readonly condition: string
  readonly invocations: number
  readonly requestId: string
  /** What went wrong, as far as it can't hold what a listener said. */
  readonly reason: string
  /** The catch-up that it was about; the scheduled functions have none. */
  readonly operationId: string | undefined
  /** Until when credits are held for it. */
  readonly holdExpiresAtMs: number | undefined
  /** What it was invoked with. It may hold what somebody said: hand it on, never print it. */
  readonly payload: unknown
}

/** Lambda's record of an invocation, as it sends it to an on-failure destination. */
const recordSchema = z.object({
  timestamp: z.iso.datetime({ offset: true }),
  requestContext: z.object({
    requestId: z.string(),
    functionArn: z.string().regex(/^arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+/),
    condition: z.string(),
    approximateInvokeCount: z.int(),
  }),
  requestPayload: z.unknown(),
  responsePayload: z
    .object({ errorType: z.string(), errorMessage: z.string() })
    .partial()
    .nullish()
    .catch(null),
})

const jobSchema = z.object({ operationId: z.string(), holdExpiresAtMs: z.int() })

/** The errors whose message is ours or Lambda's own: others may quote what they could not read. */
const speakingErrors = new Set([
  'DomainError',
  'UpstreamError',
  'SourceError',
  'Sandbox.Timedout',
  'Runtime.ExitError',
  'Runtime.OutOfMemory',
  'LocalTimeout',
])

/** Undefined for a message that is no record of an invocation. */
export const parseDeadLetter = (body: string): DeadLetter | undefined => {
  const parsed = recordSchema.safeParse(parseJson(body))
  if (!parsed.success) return undefined
  const { timestamp, requestContext, requestPayload, responsePayload } = parsed.data
  const job = jobSchema.safeParse(requestPayload)
  return {
    functionName: requestContext.functionArn.split(':')[6] ?? '',
    failedAtMs: Date.parse(timestamp),
    condition: requestContext.condition,
    invocations: requestContext.approximateInvokeCount,
    requestId: requestContext.requestId,
    reason: reasonOf(responsePayload ?? {}, requestContext.condition),
    operationId: job.data?.operationId,
    holdExpiresAtMs: job.data?.holdExpiresAtMs,
    payload: requestPayload,
  }
}

const reasonOf = (
  { errorType, errorMessage }: { errorType?: string | undefined; errorMessage?: string | undefined },
  condition: string,
): string => {
  if (errorType === undefined) return condition === 'EventAgeExceeded' ? 'waited too long' : 'no answer'
  return speakingErrors.has(errorType) && errorMessage ? `${errorType}: ${errorMessage}` : errorType
}

/** Whether what it was about still has its credits held, at a moment. */
export const isHoldOpen = ({ holdExpiresAtMs }: DeadLetter, nowMs: number): boolean =>
  holdExpiresAtMs !== undefined && holdExpiresAtMs > nowMs

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

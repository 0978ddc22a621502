import * as z from 'zod'

const failure = z.object({
  status: z.int(),
  functionError: z.string(),
  /** JSON, as the function told it. */
  payload: z.string(),
})

const invocation = z.object({
  /** The same for each run. */
  requestId: z.string(),
  functionName: z.string(),
  /** JSON. */
  payload: z.string(),
  acceptedAtMs: z.number(),
  nextRunMs: z.number(),
  /** Runs that the function began and did not end well. */
  failedRuns: z.int(),
  /** Tries that found nobody to run it; Lambda doesn't count them. */
  unanswered: z.int(),
  lastFailure: failure.nullable(),
})
export type Invocation = z.infer<typeof invocation>

const finished = z.object({
  requestId: z.string(),
  functionName: z.string(),
  acceptedAtMs: z.number(),
  finishedAtMs: z.number(),
  runs: z.int(),
  outcome: z.enum(['succeeded', 'RetriesExhausted', 'EventAgeExceeded']),
})
export type Finished = z.infer<typeof finished>

/** Everything that the Lambda stand-in remembers, by request id; the last to finish come last. */
export const lambdaData = z.object({
  pending: z.record(z.string(), invocation),
  finished: z.array(finished),
})
export type LambdaData = z.infer<typeof lambdaData>

export const emptyLambdaData = (): LambdaData => ({ pending: {}, finished: [] })

/** An error as AWS's services answer it; how it is written is the protocol's business. */
export class AwsError extends Error {
  readonly status: number
  readonly code: string
  /** What the older query protocol calls it, where a service that left that protocol still tells it. */
  readonly queryCode: string | undefined

  constructor(status: number, code: string, message: string, queryCode?: string) {
    super(message)
    this.name = 'AwsError'
    this.status = status
    this.code = code
    this.queryCode = queryCode
  }
}

/** Any failure as the client is told it: what is not AWS's own is an internal error. */
export function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
  if (status === 413) return new AwsError(413, 'RequestEntityTooLargeException', 'Request too large.')
  return new AwsError(500, 'InternalFailure', 'The stand-in failed. Its log says how.')
}

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { UpstreamError } from '../../domain/errors.ts'
import type { CatchupJob, CatchupQueue } from '../../domain/ports.ts'

export interface CatchupQueueOptions {
  readonly region: string
  /** Where serverless-offline takes invocations; AWS's own address without it. */
  readonly endpoint: string | undefined
  readonly functionName: string
}

/** Hands a catch-up to its worker by an asynchronous invocation: Lambda queues it and tries it again itself. */
export class LambdaCatchupQueue implements CatchupQueue {
  readonly #client: LambdaClient
  readonly #functionName: string

  constructor(options: CatchupQueueOptions) {
    this.#functionName = options.functionName
    this.#client = new LambdaClient({
      region: options.region,
      maxAttempts: 2,
      requestHandler: { requestTimeout: 3_000, connectionTimeout: 1_000, throwOnRequestTimeout: true },
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    })
  }

  async start(job: CatchupJob): Promise<void> {
    try {
      await this.#client.send(
        new InvokeCommand({
          FunctionName: this.#functionName,
          InvocationType: 'Event',
          Payload: JSON.stringify(job),
        }),
      )
    } catch (error) {
      throw new UpstreamError('lambda', 'failed', undefined, error)
    }
  }
}

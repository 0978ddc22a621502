import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { UpstreamError } from '../../domain/errors.ts'
import type { CatchupJob, CatchupQueue } from '../../domain/ports.ts'

export interface CatchupQueueOptions {
  readonly region: string
  /** Where serverless-offline takes invocations; AWS's own address without it. */
  readonly endpoint: string | undefined
  /** Finds a channel's sound. */
  readonly fetchFunction: string
  /** Summarises. */
  readonly workerFunction: string
}

/** Hands a catch-up to the function of its next step by an asynchronous invocation: Lambda queues it and tries it again itself. */
export class LambdaCatchupQueue implements CatchupQueue {
  readonly #client: LambdaClient
  readonly #options: CatchupQueueOptions

  constructor(options: CatchupQueueOptions) {
    this.#options = options
    this.#client = new LambdaClient({
      region: options.region,
      maxAttempts: 2,
      requestHandler: { requestTimeout: 3_000, connectionTimeout: 1_000, throwOnRequestTimeout: true },
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    })
  }

  async start(job: CatchupJob): Promise<void> {
    const { fetchFunction, workerFunction } = this.#options
    try {
      await this.#client.send(
        new InvokeCommand({
          FunctionName: job.kind === 'channel' ? fetchFunction : workerFunction,
          InvocationType: 'Event',
          Payload: JSON.stringify(job),
        }),
      )
    } catch (error) {
      throw new UpstreamError('lambda', 'failed', undefined, error)
    }
  }
}

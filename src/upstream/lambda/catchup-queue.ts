import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { UpstreamError } from '../../domain/errors.ts'
import type { CatchupJob, CatchupQueue } from '../../domain/ports.ts'
import { toRecording } from '../../domain/recording-window.ts'

export interface CatchupQueueOptions {
  readonly region: string
  /** Where the AWS stand-in takes invocations; AWS's own address without it. */
  readonly endpoint: string | undefined
  /** Finds a channel's sound. */
  readonly fetchFunction: string
  /** Summarises. */
  readonly workerFunction: string
}

/** An asynchronous invocation carries at most 1 MB. */
const maxPayloadBytes = 1_000_000

/** Hands a catch-up to the function of its next step by an asynchronous invocation: Lambda queues it and tries it again itself. */
export class LambdaCatchupQueue implements CatchupQueue {
  readonly #client: LambdaClient
  readonly #options: CatchupQueueOptions

  constructor(options: CatchupQueueOptions) {
    this.#options = options
    this.#client = new LambdaClient({
      region: options.region,
      // An invocation whose answer was lost may have been taken, and a second one would be another job.
      maxAttempts: 1,
      requestHandler: { requestTimeout: 5_000, connectionTimeout: 1_000, throwOnRequestTimeout: true },
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    })
  }

  async start(job: CatchupJob): Promise<void> {
    const { fetchFunction, workerFunction } = this.#options
    const payload = Buffer.from(JSON.stringify(toMessage(job)))
    if (payload.byteLength > maxPayloadBytes) throw new UpstreamError('lambda', 'too_long')
    try {
      await this.#client.send(
        new InvokeCommand({
          FunctionName: job.kind === 'channel' ? fetchFunction : workerFunction,
          InvocationType: 'Event',
          Payload: payload,
        }),
      )
    } catch (error) {
      throw new UpstreamError('lambda', 'failed', undefined, error)
    }
  }
}

/** A job as `src/handlers/catchup-jobs.ts` reads it. */
const toMessage = (job: CatchupJob) =>
  job.kind === 'transcript' ? { ...job, window: toRecording(job.window) } : job

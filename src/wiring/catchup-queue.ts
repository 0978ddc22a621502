import type { Config } from '../config.ts'
import { LambdaCatchupQueue } from '../upstream/lambda/catchup-queue.ts'

export const wireCatchupQueue = ({ base }: Config<'base'>): LambdaCatchupQueue =>
  new LambdaCatchupQueue({
    region: base.AWS_REGION,
    endpoint: base.LAMBDA_ENDPOINT,
    fetchFunction: base.CATCHUP_FETCH_FUNCTION,
    workerFunction: base.CATCHUP_WORKER_FUNCTION,
  })

import type { Config } from '../config.ts'
import { createLog } from '../http/console-log.ts'

/** The function's log; its metrics are filed under its stage. */
export const wireLog = ({ base }: Config<'base'>) =>
  createLog({ stage: base.STAGE, functionName: base.AWS_LAMBDA_FUNCTION_NAME })

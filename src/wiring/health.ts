import { ConfigError, readWholeConfig, type SecretReader } from '../config.ts'
import { DynamoProbe } from '../db/probe.ts'
import { createLog } from '../http/console-log.ts'
import { answerTo, wireHttp } from './http.ts'
import { wireDatabase } from './ledger.ts'

/** Whether the secrets are there, without reading them: the health check has no use for their values. */
const findSecrets: SecretReader = async (...request) => {
  const { findParameters } = await import('../upstream/ssm/parameters.ts')
  return findParameters(...request)
}

/** Of an environment that does not even say which stage it is. */
const brokenLog = createLog({ stage: 'unknown', functionName: 'health' })

/** Answers in a broken environment too: that is what it is there to tell. */
export const wireHealth = async () => {
  try {
    const config = await readWholeConfig(findSecrets)
    return {
      http: wireHttp(config),
      database: new DynamoProbe(wireDatabase(config)),
      version: config.base.VERSION,
      problems: [],
    }
  } catch (error) {
    return {
      http: answerTo('', brokenLog),
      database: undefined,
      version: 'unknown',
      problems: problemsOf(error),
    }
  }
}

const problemsOf = (error: unknown): readonly string[] => {
  if (error instanceof ConfigError) return error.problems
  brokenLog.error('health_environment_unreadable', {}, error)
  return [`The secrets can't be read: ${error instanceof Error ? error.name : 'unknown error'}.`]
}

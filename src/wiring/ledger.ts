import type { Config } from '../config.ts'
import { DynamoActiveAccounts } from '../db/active-accounts.ts'
import { createDocumentClient, type Database } from '../db/dynamodb.ts'
import { DynamoCounters, DynamoJobFailures } from '../db/ephemera.ts'
import { DynamoLedgerStore } from '../db/ledger-store.ts'
import { JobOutcomes } from '../domain/job-outcomes.ts'
import { Ledger } from '../domain/ledger.ts'
import { Throttle, throttleRules } from '../domain/throttle.ts'
import { backoff, now } from './clock.ts'
import { answerTo } from './http.ts'
import { wireLog } from './log.ts'

export const wireDatabase = ({ base }: Config<'base'>): Database => ({
  client: createDocumentClient({ region: base.AWS_REGION, endpoint: base.DYNAMODB_ENDPOINT }),
  tables: {
    users: base.USERS_TABLE,
    usage: base.USAGE_TABLE,
    transactions: base.TRANSACTIONS_TABLE,
    ephemera: base.EPHEMERA_TABLE,
  },
})

/** What nearly every function needs: the tables, and the ledger over them. */
export const wireLedger = (config: Config<'base'>) => {
  const database = wireDatabase(config)
  const store = new DynamoLedgerStore(database, backoff)
  const failures = new DynamoJobFailures(database)
  const activity = new DynamoActiveAccounts(database, backoff, now)
  const log = wireLog(config)
  const ledger = new Ledger({ store, failures, activity, now, backoff, random: Math.random, log })
  const outcomes = new JobOutcomes({ ledger, store, failures, now })
  return { database, store, activity, ledger, outcomes, log, http: answerTo(config.base.EXTENSION_ID, log) }
}

export const wireThrottle = (database: Database, { base }: Config<'base'>) => {
  const throttle = new Throttle(new DynamoCounters(database), now)
  const rules = throttleRules(base.THROTTLE_SCALE)
  return { throttle, rules, failureMeter: throttle.meter(rules.failedByUser) }
}

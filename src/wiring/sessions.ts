import type { Config } from '../config.ts'
import { DynamoSessionStore } from '../db/ephemera.ts'
import { Sessions } from '../domain/sessions.ts'
import { nodeSecrets } from '../security/secrets.ts'
import { backoff, now } from './clock.ts'
import { read } from './environment.ts'
import { wireLedger, wireThrottle } from './ledger.ts'
import { wireTokens } from './signed-in.ts'

export const wireSessions = (config: Config<'base' | 'auth'>) => {
  const { database, store, http, log } = wireLedger(config)
  const sessions = new Sessions({
    sessions: new DynamoSessionStore(database, backoff),
    accounts: store,
    accessTokens: wireTokens(config),
    secrets: nodeSecrets,
    now,
    log,
  })
  return { database, store, http, log, sessions, ...wireThrottle(database, config) }
}

/** For refreshing and ending a sign-in. */
export const wireSessionRoutes = async () => wireSessions(await read('auth'))

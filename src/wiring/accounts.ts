import { DynamoUserDirectory } from '../db/user-directory.ts'
import { Accounts } from '../domain/accounts.ts'
import { BcryptHasher } from '../security/passwords.ts'
import { nodeSecrets } from '../security/secrets.ts'
import { backoff, now } from './clock.ts'
import { read } from './environment.ts'
import { wireSessions } from './sessions.ts'

/** For registering and signing in. */
export const wireAccounts = async () => {
  const { database, store, http, log, sessions, throttle, rules } = wireSessions(await read('auth'))
  const users = new DynamoUserDirectory(database, backoff)
  const passwords = new BcryptHasher()
  return {
    http,
    accounts: new Accounts({
      users,
      accounts: store,
      sessions,
      passwords,
      secrets: nodeSecrets,
      throttle,
      rules,
      now,
      log,
    }),
  }
}

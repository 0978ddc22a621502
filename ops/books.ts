import { DynamoActiveAccounts } from '../src/db/active-accounts.ts'
import { DynamoJobFailures } from '../src/db/ephemera.ts'
import { DynamoLedgerAudit } from '../src/db/ledger-audit.ts'
import { DynamoLedgerStore } from '../src/db/ledger-store.ts'
import { DynamoPersonalRecords } from '../src/db/personal-records.ts'
import { DynamoUserDirectory } from '../src/db/user-directory.ts'
import type { Account } from '../src/domain/account.ts'
import { normaliseEmail } from '../src/domain/accounts.ts'
import { Ledger } from '../src/domain/ledger.ts'
import { backoff } from '../src/wiring/clock.ts'
import type { Operation } from './command.ts'
import { failuresTo } from './failure-log.ts'
import { OpsProblem } from './problem.ts'
import type { Target } from './target.ts'

interface BooksOptions extends Pick<Operation, 'now' | 'progress'> {
  readonly target: Pick<Target, 'database'>
}

/** The ledger and what is kept about listeners, over a stage's tables. */
export const booksOf = ({ target, now, progress }: BooksOptions) => {
  const { database } = target
  const log = failuresTo(progress)
  const store = new DynamoLedgerStore(database, backoff)
  const ledger = new Ledger({
    store,
    failures: new DynamoJobFailures(database),
    activity: new DynamoActiveAccounts(database, backoff, now),
    now,
    backoff,
    random: Math.random,
    log,
  })
  return {
    store,
    ledger,
    log,
    now,
    backoff,
    audit: new DynamoLedgerAudit(database, backoff),
    records: new DynamoPersonalRecords(database, backoff),
    users: new DynamoUserDirectory(database, backoff),
  }
}

export type Books = ReturnType<typeof booksOf>

/** Whom an operator means, by e-mail or user id. @throws {OpsProblem} when there is no such account */
export const findListener = async ({ users, store }: Books, who: string): Promise<Account> => {
  const account = who.includes('@')
    ? await users.findByEmail(normaliseEmail(who))
    : await store.readAccount(who)
  if (account) return account
  throw new OpsProblem(`There is no account ${who}. Who was erased can be found by user id alone.`)
}

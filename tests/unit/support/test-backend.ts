import type { Account } from '../../../src/domain/account.ts'
import { Accounts } from '../../../src/domain/accounts.ts'
import { Questions } from '../../../src/domain/ask.ts'
import { Catchups } from '../../../src/domain/catchup.ts'
import { CatchupFetcher } from '../../../src/domain/catchup-fetcher.ts'
import { StalledCatchups } from '../../../src/domain/catchup-stalled.ts'
import { CatchupWorker } from '../../../src/domain/catchup-worker.ts'
import { Clips } from '../../../src/domain/clip.ts'
import { JobOutcomes } from '../../../src/domain/job-outcomes.ts'
import { Ledger } from '../../../src/domain/ledger.ts'
import { LiveCaptions } from '../../../src/domain/live.ts'
import { LiveStops } from '../../../src/domain/live-stop.ts'
import type { Reservation } from '../../../src/domain/ports.ts'
import { Purchases } from '../../../src/domain/purchases.ts'
import { Sessions } from '../../../src/domain/sessions.ts'
import { Throttle, throttleRules } from '../../../src/domain/throttle.ts'
import { liveRules } from '../../support/live.ts'
import { FakeLiveSessions } from './fake-live-sessions.ts'
import { FakeAccessTokens, FakePasswordHasher, FakeSecrets } from './fake-security.ts'
import {
  FakeCatchupQueue,
  FakeChannelRecordings,
  FakeClipInspector,
  FakeLanguageModel,
  FakePayments,
  FakeSpeechJobs,
} from './fake-vendors.ts'
import { MemoryCatchupProgress } from './memory-catchup-progress.ts'
import { MemoryLedgerStore } from './memory-ledger-store.ts'
import { MemoryLog } from './memory-log.ts'
import {
  accountOf,
  MemoryActiveAccounts,
  MemoryCounters,
  MemoryJobFailures,
  MemorySessionStore,
  MemoryTransactionHistory,
  MemoryUsageHistory,
  MemoryUserDirectory,
} from './memory-stores.ts'
import { TestClock } from './test-clock.ts'

export const waitMs = 20_000
export const holdMs = 60_000
export const longestRunMs = 20_000
export const lifeAfterFetchMs = 1_000
export const callbackDueMs = 10_000

/** Every use case of the domain, wired to fakes of its ports: a backend of one test's own. */
export const createBackend = () => {
  const clock = new TestClock()
  const { now, sleep } = clock
  const log = new MemoryLog()
  const ledgerLog = new MemoryLog()
  const store = new MemoryLedgerStore()
  const failures = new MemoryJobFailures()
  const activity = new MemoryActiveAccounts(now)
  const counters = new MemoryCounters()
  const sessionStore = new MemorySessionStore()
  const users = new MemoryUserDirectory(store)
  const passwords = new FakePasswordHasher()
  const accessTokens = new FakeAccessTokens()
  const secrets = new FakeSecrets()
  const clipInspector = new FakeClipInspector()
  const speech = new FakeSpeechJobs()
  const model = new FakeLanguageModel()
  const queue = new FakeCatchupQueue()
  const recordings = new FakeChannelRecordings()
  const progress = new MemoryCatchupProgress()
  const payments = new FakePayments()
  const liveSessions = new FakeLiveSessions()

  const ledger = new Ledger({
    store,
    failures,
    activity,
    now,
    backoff: () => Promise.resolve(),
    random: () => 0,
    log: ledgerLog,
  })
  const outcomes = new JobOutcomes({ ledger, store, failures, now })
  const throttle = new Throttle(counters, now)
  const rules = throttleRules(1)
  const failureMeter = throttle.meter(rules.failedByUser)
  const sessions = new Sessions({
    sessions: sessionStore,
    accounts: store,
    accessTokens,
    secrets,
    now,
    log,
  })
  return {
    clock,
    log,
    ledgerLog,
    store,
    failures,
    activity,
    counters,
    sessionStore,
    users,
    passwords,
    accessTokens,
    secrets,
    clipInspector,
    speech,
    model,
    queue,
    recordings,
    progress,
    payments,
    liveSessions,
    ledger,
    outcomes,
    throttle,
    rules,
    sessions,
    usageHistory: new MemoryUsageHistory(store),
    transactionHistory: new MemoryTransactionHistory(store),
    accounts: new Accounts({
      users,
      accounts: store,
      sessions,
      passwords,
      secrets,
      throttle,
      rules,
      now,
      log,
    }),
    questions: new Questions({ ledger, model, now, failureMeter, holdMs }),
    clips: new Clips({
      ledger,
      outcomes,
      clips: clipInspector,
      speech,
      now,
      sleep,
      log,
      failureMeter,
      waitMs,
      holdMs,
    }),
    catchups: new Catchups({
      ledger,
      outcomes,
      queue,
      progress,
      transcriptHoldMs: holdMs,
      channelHoldMs: holdMs,
    }),
    fetcher: new CatchupFetcher({
      outcomes,
      recordings,
      speech,
      progress,
      failureMeter,
      now,
      backoff: () => Promise.resolve(),
      log,
      longestRunMs,
    }),
    worker: new CatchupWorker({
      ledger,
      outcomes,
      store,
      speech,
      model,
      progress,
      failureMeter,
      now,
      log,
      longestRunMs,
    }),
    stalled: new StalledCatchups({
      outcomes,
      progress,
      speech,
      queue,
      now,
      log,
      callbackDueMs,
      longestRunMs,
      lifeAfterFetchMs,
    }),
    live: new LiveCaptions({
      ledger,
      store,
      activity,
      sessions: liveSessions,
      rules: liveRules,
      now,
      backoff: () => Promise.resolve(),
    }),
    stops: new LiveStops({ ledger, rules: liveRules }),
    purchases: new Purchases({ ledger, store, users, payments, now, log }),

    /** Opens an account, new but for what is given, and answers its user id. */
    openAccount(fields: Partial<Account> = {}): string {
      const userId = fields.userId ?? clock.id()
      const email = fields.email ?? `${userId}@example.com`
      store.accounts.set(userId, accountOf({ ...fields, userId, email }))
      return userId
    },

    /** The account as it is stored. */
    account(userId: string): Account {
      const account = store.accounts.get(userId)
      if (!account) throw new Error('There is no such account.')
      return account
    },

    /** The open hold of an operation. */
    reservationOf(userId: string, operationId: string): Reservation {
      const hold = store.accounts.get(userId)?.holds[operationId]
      if (!hold) throw new Error('The operation is not open.')
      return { userId, operationId, hold }
    },
  }
}

export type TestBackend = ReturnType<typeof createBackend>

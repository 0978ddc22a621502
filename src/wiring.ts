import { setTimeout as sleepMs } from 'node:timers/promises'
import {
  allSections,
  type Config,
  ConfigError,
  readConfig,
  type SecretReader,
  type SectionName,
} from './config.ts'
import { DynamoActiveAccounts } from './db/active-accounts.ts'
import { DynamoCatchupProgress } from './db/catchup-progress.ts'
import { createDocumentClient, type Database } from './db/dynamodb.ts'
import { DynamoCounters, DynamoJobFailures, DynamoSessionStore } from './db/ephemera.ts'
import { DynamoTransactionHistory, DynamoUsageHistory } from './db/history.ts'
import { DynamoLedgerStore } from './db/ledger-store.ts'
import { DynamoProbe } from './db/probe.ts'
import { DynamoSweepMark } from './db/sweep-mark.ts'
import { DynamoUserDirectory } from './db/user-directory.ts'
import { Accounts } from './domain/accounts.ts'
import { Questions } from './domain/ask.ts'
import { fullJitter } from './domain/backoff.ts'
import { Catchups } from './domain/catchup.ts'
import { CatchupFetcher } from './domain/catchup-fetcher.ts'
import { StalledCatchups } from './domain/catchup-stalled.ts'
import { CatchupWorker } from './domain/catchup-worker.ts'
import { Clips } from './domain/clip.ts'
import { JobOutcomes } from './domain/job-outcomes.ts'
import { attemptSpreadMs, Ledger } from './domain/ledger.ts'
import { LiveCaptions } from './domain/live.ts'
import type { LiveRules } from './domain/live-lease.ts'
import { LiveStops } from './domain/live-stop.ts'
import { Purchases } from './domain/purchases.ts'
import { Sessions } from './domain/sessions.ts'
import { Sweep } from './domain/sweep.ts'
import { Throttle, throttleRules } from './domain/throttle.ts'
import { consoleLog } from './http/console-log.ts'
import type { HttpDependencies } from './http/endpoint.ts'
import { clipInspector } from './media/clip-inspector.ts'
import { JwtAccessTokens } from './security/access-tokens.ts'
import { BcryptHasher } from './security/passwords.ts'
import { hashRequest, isSameSecret, nodeSecrets } from './security/secrets.ts'
import {
  askHoldMs,
  askModel,
  callbackDueMs,
  channelHoldMs,
  fetchRunMs,
  findTimeoutMs,
  lifeAfterFetchMs,
  longTranscriptMs,
  noteToHoldMs,
  streamTimeoutMs,
  summaryModel,
  transcriptHoldMs,
  workerRunMs,
} from './timing.ts'
import { AssemblyAiLiveSessions } from './upstream/assemblyai/live-sessions.ts'
import {
  type AssemblyAiOptions,
  AssemblyAiSpeechJobs,
  callbackSecretHeader,
} from './upstream/assemblyai/speech-jobs.ts'
import { LambdaCatchupQueue } from './upstream/lambda/catchup-queue.ts'
import { OpenAiLanguageModel } from './upstream/openai/language-model.ts'
import { lazyStripe } from './upstream/stripe/client.ts'
import { StripePayments } from './upstream/stripe/payments.ts'
import { StripeWebhookVerifier } from './upstream/stripe/webhooks.ts'
import { TwitchRecordings } from './upstream/twitch/recordings.ts'

const now = (): number => Date.now()
const sleep = (milliseconds: number): Promise<void> => sleepMs(milliseconds)
const backoff = fullJitter(Math.random, sleep)

const readSecrets: SecretReader = async (...request) => {
  const { readParameters } = await import('./upstream/ssm/parameters.ts')
  return readParameters(...request)
}

/** Whether the secrets are there, without reading them: the health check has no use for their values. */
const findSecrets: SecretReader = async (...request) => {
  const { findParameters } = await import('./upstream/ssm/parameters.ts')
  return findParameters(...request)
}

const read = <Name extends SectionName>(...names: Name[]): Promise<Config<Name | 'base'>> =>
  readConfig<Name | 'base'>(['base', ...names], readSecrets)

const wireHttp = (extensionId: string): HttpDependencies => ({
  allowedOrigin: `chrome-extension://${extensionId}`,
  log: consoleLog,
  newErrorId: () => nodeSecrets.uuid(now()),
})

const wireDatabase = ({ base }: Config<'base'>): Database => ({
  client: createDocumentClient({ region: base.AWS_REGION, endpoint: base.DYNAMODB_ENDPOINT }),
  tables: {
    users: base.USERS_TABLE,
    usage: base.USAGE_TABLE,
    transactions: base.TRANSACTIONS_TABLE,
    ephemera: base.EPHEMERA_TABLE,
  },
})

/** What nearly every function needs: the tables, and the ledger over them. */
const wireLedger = (config: Config<'base'>) => {
  const database = wireDatabase(config)
  const store = new DynamoLedgerStore(database, backoff)
  const failures = new DynamoJobFailures(database)
  const activity = new DynamoActiveAccounts(database, backoff, now)
  const ledger = new Ledger({ store, failures, activity, now, backoff, random: Math.random })
  const outcomes = new JobOutcomes({ ledger, store, failures, now })
  return { database, store, activity, ledger, outcomes, http: wireHttp(config.base.EXTENSION_ID) }
}

const wireTokens = ({ auth }: Config<'auth'>): JwtAccessTokens =>
  new JwtAccessTokens(auth.JWT_SECRET, auth.JWT_SECRET_PREVIOUS)

const wireThrottle = (database: Database, { base }: Config<'base'>) => {
  const throttle = new Throttle(new DynamoCounters(database), now)
  const rules = throttleRules(base.THROTTLE_SCALE)
  return { throttle, rules, failureMeter: throttle.meter(rules.failedByUser) }
}

const wireSessions = (config: Config<'base' | 'auth'>) => {
  const { database, store, http } = wireLedger(config)
  const sessions = new Sessions({
    sessions: new DynamoSessionStore(database, backoff),
    accounts: store,
    accessTokens: wireTokens(config),
    secrets: nodeSecrets,
    now,
    log: consoleLog,
  })
  return { database, store, http, sessions, ...wireThrottle(database, config) }
}

/** For registering and signing in. */
export const wireAccounts = async () => {
  const { database, store, http, sessions, throttle, rules } = wireSessions(await read('auth'))
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
    }),
  }
}

/** What a route behind a sign-in needs. */
const wireSignedIn = (config: Config<'base' | 'auth'>) => {
  const tokens = wireTokens(config)
  return { ...wireLedger(config), verifyToken: (token: string) => tokens.verify(token, now()), now }
}

/** What a route that spends needs. */
const wireSpending = (config: Config<'base' | 'auth'>) => {
  const signedIn = wireSignedIn(config)
  return { ...signedIn, ...wireThrottle(signedIn.database, config), secrets: nodeSecrets, hashRequest }
}

const wireSpeech = (
  { assemblyai, base }: Config<'base' | 'assemblyai'>,
  options: Pick<AssemblyAiOptions, 'callbackSecret' | 'streamTimeoutMs' | 'readTimeoutMs'> = {},
): AssemblyAiSpeechJobs =>
  new AssemblyAiSpeechJobs({
    apiKey: assemblyai.ASSEMBLYAI_API_KEY,
    baseUrl: assemblyai.ASSEMBLYAI_API_URL,
    speechModels: assemblyai.ASSEMBLYAI_SPEECH_MODELS,
    callbackUrl: new URL('/webhooks/assemblyai', base.PUBLIC_API_URL).toString(),
    ...options,
  })

/** What asks for a transcript needs the secret that comes back with the call-back; what only reads one does not. */
const callbackSecretOf = ({ assemblyaiWebhook }: Config<'assemblyaiWebhook'>) => ({
  callbackSecret: assemblyaiWebhook.ASSEMBLYAI_WEBHOOK_SECRET,
})

const wireClips = (
  config: Config<'base' | 'assemblyai'>,
  { ledger, outcomes, database }: Pick<ReturnType<typeof wireLedger>, 'ledger' | 'outcomes' | 'database'>,
  speech = wireSpeech(config),
): Clips => {
  const { assemblyai } = config
  return new Clips({
    ledger,
    outcomes,
    clips: clipInspector,
    speech,
    now,
    sleep,
    log: consoleLog,
    failureMeter: wireThrottle(database, config).failureMeter,
    waitMs: assemblyai.CLIP_WAIT_SECONDS * 1_000,
    holdMs: assemblyai.CLIP_HOLD_SECONDS * 1_000,
  })
}

const wireModel = ({ openai }: Config<'openai'>, limits: typeof askModel) =>
  new OpenAiLanguageModel({
    apiKey: openai.OPENAI_API_KEY,
    baseUrl: openai.OPENAI_API_URL,
    model: openai.OPENAI_MODEL,
    reasoningEffort: openai.OPENAI_REASONING_EFFORT,
    ...limits,
    pseudonym: userId => nodeSecrets.digest(userId),
  })

const wireCatchupQueue = ({ base }: Config<'base'>): LambdaCatchupQueue =>
  new LambdaCatchupQueue({
    region: base.AWS_REGION,
    endpoint: base.LAMBDA_ENDPOINT,
    fetchFunction: base.CATCHUP_FETCH_FUNCTION,
    workerFunction: base.CATCHUP_WORKER_FUNCTION,
  })

const wireStripe = ({ stripe }: Config<'stripe'>) =>
  lazyStripe({ secretKey: stripe.STRIPE_SECRET_KEY, apiUrl: stripe.STRIPE_API_URL })

const wirePayments = (config: Config<'base' | 'stripe'>): StripePayments => {
  const { STAGE: stage, PUBLIC_API_URL: apiUrl } = config.base
  return new StripePayments({
    load: wireStripe(config),
    stage,
    successUrl: new URL('/checkout/success', apiUrl).toString(),
    cancelUrl: new URL('/checkout/cancel', apiUrl).toString(),
  })
}

/** For refreshing and ending a sign-in. */
export const wireSessionRoutes = async () => wireSessions(await read('auth'))
/** For what only reads the account. */
export const wireAccountReader = async () => wireSignedIn(await read('auth'))

export const wirePreflight = async (): Promise<HttpDependencies> => wireHttp((await read()).base.EXTENSION_ID)
export const wirePackages = async () => ({ http: await wirePreflight() })

export const wireCheckoutPage = async () => {
  const { EXTENSION_ID: extensionId } = (await read()).base
  return { http: wireHttp(extensionId), extensionId }
}

export const wirePurchase = async () => {
  const config = await read('auth', 'stripe')
  const spending = wireSpending(config)
  const { ledger, store, database } = spending
  const users = new DynamoUserDirectory(database, backoff)
  return {
    ...spending,
    purchases: new Purchases({ ledger, store, users, payments: wirePayments(config), now }),
  }
}

export const wireTransactions = async () => {
  const signedIn = wireSignedIn(await read('auth'))
  return { ...signedIn, history: new DynamoTransactionHistory(signedIn.database, backoff) }
}

export const wireUsage = async () => {
  const signedIn = wireSignedIn(await read('auth'))
  return { ...signedIn, history: new DynamoUsageHistory(signedIn.database) }
}

export const wireClipCreate = async () => {
  const config = await read('auth', 'assemblyai', 'assemblyaiWebhook')
  const spending = wireSpending(config)
  const speech = wireSpeech(config, callbackSecretOf(config))
  return { ...spending, clips: wireClips(config, spending, speech) }
}

export const wireClipRead = async () => {
  const config = await read('auth', 'assemblyai')
  const signedIn = wireSignedIn(config)
  return { ...signedIn, ...wireThrottle(signedIn.database, config), clips: wireClips(config, signedIn) }
}

const liveRules = ({ live }: Config<'live'>): LiveRules => ({
  leaseSeconds: live.LIVE_LEASE_SECONDS,
  shortestLeaseSeconds: live.LIVE_SHORTEST_LEASE_SECONDS,
  renewWindowSeconds: live.LIVE_RENEW_WINDOW_SECONDS,
  redeemSeconds: live.LIVE_REDEEM_SECONDS,
  shortestSessionSeconds: live.LIVE_SHORTEST_SESSION_SECONDS,
  danglingSeconds: live.LIVE_DANGLING_SECONDS,
  allowancePerHour: live.LIVE_ALLOWANCE_PER_HOUR,
  allowancePerDay: live.LIVE_ALLOWANCE_PER_DAY,
})

/** For starting live captions and going on with them. */
export const wireLive = async () => {
  const config = await read('auth', 'live', 'liveSessions')
  const spending = wireSpending(config)
  const { ledger, store, activity } = spending
  const { liveSessions } = config
  const sessions = new AssemblyAiLiveSessions({
    apiKey: liveSessions.ASSEMBLYAI_API_KEY,
    streamingUrl: liveSessions.ASSEMBLYAI_STREAMING_URL,
    models: liveSessions.LIVE_MODELS,
    inactivitySeconds: liveSessions.LIVE_INACTIVITY_SECONDS,
  })
  const rules = liveRules(config)
  return { ...spending, live: new LiveCaptions({ ledger, store, activity, sessions, rules, now, backoff }) }
}

export const wireLiveStop = async () => {
  const config = await read('auth', 'live')
  const signedIn = wireSignedIn(config)
  const stops = new LiveStops({ ledger: signedIn.ledger, rules: liveRules(config) })
  return { ...signedIn, ...wireThrottle(signedIn.database, config), stops }
}

export const wireAssemblyAiWebhook = async () => {
  const config = await read('assemblyai', 'assemblyaiWebhook')
  const ledger = wireLedger(config)
  const secret = config.assemblyaiWebhook.ASSEMBLYAI_WEBHOOK_SECRET
  return {
    http: ledger.http,
    clips: wireClips(config, ledger),
    queue: wireCatchupQueue(config),
    secretHeader: callbackSecretHeader,
    isOurSecret: (candidate: string) => isSameSecret(candidate, secret),
  }
}

export const wireAsk = async () => {
  const config = await read('auth', 'openai')
  const spending = wireSpending(config)
  const questions = new Questions({
    ledger: spending.ledger,
    model: wireModel(config, askModel),
    now,
    failureMeter: spending.failureMeter,
    holdMs: askHoldMs,
  })
  return { ...spending, questions }
}

/** For accepting a catch-up and telling where it stands. */
export const wireCatchup = async () => {
  const config = await read('auth')
  const spending = wireSpending(config)
  const { ledger, outcomes, database } = spending
  const catchups = new Catchups({
    ledger,
    outcomes,
    queue: wireCatchupQueue(config),
    progress: new DynamoCatchupProgress(database, backoff),
    transcriptHoldMs,
    channelHoldMs,
  })
  return { ...spending, catchups }
}

export const wireCatchupFetch = async () => {
  const config = await read('assemblyai', 'assemblyaiWebhook', 'twitch')
  const { outcomes, database } = wireLedger(config)
  const { twitch } = config
  const recordings = new TwitchRecordings({
    clientId: twitch.TWITCH_CLIENT_ID,
    clientSecret: twitch.TWITCH_CLIENT_SECRET,
    playbackClientId: twitch.TWITCH_PLAYBACK_CLIENT_ID,
    authUrl: twitch.TWITCH_AUTH_URL,
    apiUrl: twitch.TWITCH_API_URL,
    gqlUrl: twitch.TWITCH_GQL_URL,
    usherUrl: twitch.TWITCH_USHER_URL,
    mediaHosts: twitch.TWITCH_MEDIA_HOSTS,
    now,
    sleep,
    limits: { findTimeoutMs },
  })
  const fetcher = new CatchupFetcher({
    outcomes,
    recordings,
    speech: wireSpeech(config, { ...callbackSecretOf(config), streamTimeoutMs }),
    progress: new DynamoCatchupProgress(database, backoff),
    failureMeter: wireThrottle(database, config).failureMeter,
    now,
    backoff,
    log: consoleLog,
    longestRunMs: fetchRunMs,
  })
  return { fetcher }
}

export const wireCatchupWorker = async () => {
  const config = await read('openai', 'assemblyai')
  const { ledger, outcomes, store, database } = wireLedger(config)
  const worker = new CatchupWorker({
    ledger,
    outcomes,
    store,
    speech: wireSpeech(config, { readTimeoutMs: longTranscriptMs }),
    model: wireModel(config, summaryModel),
    progress: new DynamoCatchupProgress(database, backoff),
    failureMeter: wireThrottle(database, config).failureMeter,
    now,
    log: consoleLog,
    longestRunMs: workerRunMs,
  })
  return { worker }
}

/** For the scheduled sweep. */
export const wireSweep = async () => {
  const config = await read('assemblyai', 'live')
  const { ledger, outcomes, store, activity, database } = wireLedger(config)
  const { LIVE_LEASE_SECONDS, LIVE_RENEW_WINDOW_SECONDS, LIVE_DANGLING_SECONDS } = config.live
  const clipHoldMs = config.assemblyai.CLIP_HOLD_SECONDS * 1_000
  const liveHoldMs = (LIVE_RENEW_WINDOW_SECONDS + LIVE_LEASE_SECONDS + LIVE_DANGLING_SECONDS) * 1_000
  const sweep = new Sweep({
    ledger,
    store,
    activity,
    mark: new DynamoSweepMark(database, backoff),
    clips: wireClips(config, { ledger, outcomes, database }),
    catchups: new StalledCatchups({
      outcomes,
      progress: new DynamoCatchupProgress(database, backoff),
      speech: wireSpeech(config),
      queue: wireCatchupQueue(config),
      now,
      log: consoleLog,
      callbackDueMs,
      longestRunMs: workerRunMs,
      lifeAfterFetchMs,
    }),
    now,
    log: consoleLog,
    longestHoldMs: Math.max(clipHoldMs, channelHoldMs, liveHoldMs) + attemptSpreadMs + noteToHoldMs,
  })
  return { sweep, now }
}

export const wireStripeWebhook = async () => {
  const config = await read('stripe', 'stripeWebhook')
  const { ledger, store, http } = wireLedger(config)
  const webhooks = new StripeWebhookVerifier(wireStripe(config), config.stripeWebhook.STRIPE_WEBHOOK_SECRET)
  return {
    http,
    webhooks,
    ledger,
    store,
    payments: wirePayments(config),
    stage: config.base.STAGE,
    log: consoleLog,
  }
}

/** Answers in a broken environment too: that is what it is there to tell. */
export const wireHealth = async () => {
  try {
    const config = await readConfig(allSections, findSecrets)
    const { VERSION: version, EXTENSION_ID } = config.base
    return {
      http: wireHttp(EXTENSION_ID),
      database: new DynamoProbe(wireDatabase(config)),
      version,
      problems: [],
    }
  } catch (error) {
    return { http: wireHttp(''), database: undefined, version: 'unknown', problems: problemsOf(error) }
  }
}

const problemsOf = (error: unknown): readonly string[] => {
  if (error instanceof ConfigError) return error.problems
  consoleLog.error('health_environment_unreadable', {}, error)
  return [`The secrets can't be read: ${error instanceof Error ? error.name : 'unknown error'}.`]
}

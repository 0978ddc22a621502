import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { v7 } from 'uuid'
import { DynamoCatchupProgress } from '../../src/db/catchup-progress.ts'
import { Catchups } from '../../src/domain/catchup.ts'
import { CatchupFetcher } from '../../src/domain/catchup-fetcher.ts'
import { StalledCatchups } from '../../src/domain/catchup-stalled.ts'
import { CatchupWorker } from '../../src/domain/catchup-worker.ts'
import { Clips } from '../../src/domain/clip.ts'
import { JobOutcomes } from '../../src/domain/job-outcomes.ts'
import { Ledger } from '../../src/domain/ledger.ts'
import type { CatchupJob, ChannelJob, TranscriptJob } from '../../src/domain/ports.ts'
import { createHandler as createWebhook } from '../../src/handlers/webhook-assemblyai.ts'
import { clipInspector } from '../../src/media/clip-inspector.ts'
import { AssemblyAiSpeechJobs, callbackSecretHeader } from '../../src/upstream/assemblyai/speech-jobs.ts'
import { OpenAiLanguageModel } from '../../src/upstream/openai/language-model.ts'
import { TwitchRecordings } from '../../src/upstream/twitch/recordings.ts'
import { call } from '../unit/support/api-event.ts'
import { MortalProcess } from './crash.ts'
import { connect } from './database.ts'
import { createLedger, openAccount, type TestLedger } from './ledger.ts'
import { silent } from './silent-log.ts'
import type { Vendors } from './vendors.ts'
import { meterWrites } from './write-meter.ts'

export const holdMs = 60 * 60_000
export const longestRunMs = 400_000
export const longestFetchMs = 300_000
export const callbackDueMs = 300_000
const secret = 'the-secret-that-comes-back'

/** What stays when a process dies: the clock, the tables, and the jobs that were handed over. */
interface World {
  readonly base: TestLedger
  readonly vendors: Vendors
  readonly clock: { nowMs: number }
  readonly jobs: CatchupJob[]
  readonly callbackUrl: string
}

/** The functions of a catch-up from a channel as one process runs them: each call that leaves it may be its last. */
const boot = (world: World, process: MortalProcess) => {
  const { base, vendors, jobs, callbackUrl } = world
  const now = () => world.clock.nowMs
  const store = process.wrap(base.store)
  const failures = process.wrap(base.failures)
  const activity = process.wrap(base.activity)
  const ledger = new Ledger({
    store,
    failures,
    activity,
    now,
    backoff: () => sleep(1),
    random: Math.random,
    log: silent,
  })
  const outcomes = new JobOutcomes({ ledger, store, failures, now })
  const progress = process.wrap(new DynamoCatchupProgress(base.database, () => sleep(1)))
  const recordings = process.wrap(
    new TwitchRecordings({
      clientId: 'client',
      clientSecret: 'secret',
      playbackClientId: 'player',
      authUrl: `${vendors.twitchUrl}/id`,
      apiUrl: `${vendors.twitchUrl}/helix`,
      gqlUrl: `${vendors.twitchUrl}/gql`,
      usherUrl: `${vendors.twitchUrl}/usher`,
      mediaHosts: [vendors.origin],
      now: Date.now,
      sleep,
      limits: { segmentTimeoutMs: 3_000, retries: 1 },
    }),
  )
  const speech = process.wrap(
    new AssemblyAiSpeechJobs({
      apiKey: 'key',
      baseUrl: vendors.assemblyAiUrl,
      speechModels: ['universal-3-6-pro'],
      callbackUrl,
      callbackSecret: secret,
    }),
  )
  const model = process.wrap(
    new OpenAiLanguageModel({
      apiKey: 'key',
      baseUrl: vendors.openAiUrl,
      model: 'gpt-6-luna',
      reasoningEffort: 'low',
      timeoutMs: 5_000,
      maxRetries: 0,
      totalTimeoutMs: 5_000,
      pseudonym: id => id,
    }),
  )
  const queue = process.wrap({
    start: async (job: CatchupJob) => {
      jobs.push(structuredClone(job))
    },
  })
  const failureMeter = process.wrap({ note: async () => undefined })
  const shared = { ledger, outcomes, store, speech, model, progress, queue, failureMeter, now, log: silent }
  return {
    catchups: new Catchups({ ...shared, transcriptHoldMs: holdMs, channelHoldMs: holdMs }),
    fetcher: new CatchupFetcher({
      ...shared,
      recordings,
      backoff: () => sleep(1),
      longestRunMs: longestFetchMs,
    }),
    worker: new CatchupWorker({ ...shared, longestRunMs }),
    stalled: new StalledCatchups({ ...shared, callbackDueMs, longestRunMs, lifeAfterFetchMs: 30_000 }),
    webhook: createWebhook({
      http: { allowedOrigin: 'chrome-extension://none', log: silent, newErrorId: () => v7() },
      clips: new Clips({ ...shared, clips: clipInspector, sleep, waitMs: 0, holdMs }),
      queue,
      secretHeader: callbackSecretHeader,
      isOurSecret: candidate => candidate === secret,
    }),
  }
}

/** An account that catches up on channels, the real functions for it, and the stand-ins that call back. */
export const createChannelWorld = async (vendors: Vendors, bonusCredits = 1_000) => {
  const database = connect()
  const meter = meterWrites(database)
  const clock = { nowMs: Date.now() }
  const base = createLedger(database, () => clock.nowMs)
  const userId = await openAccount(base, clock.nowMs, bonusCredits)
  const operationId = v7({ msecs: clock.nowMs })
  const jobs: CatchupJob[] = []

  const server = createServer(async (request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://callback')
    const answer = await call(live.webhook, {
      method: 'POST',
      headers: { [callbackSecretHeader]: String(request.headers[callbackSecretHeader]) },
      query: Object.fromEntries(searchParams),
      body: await text(request),
    })
    response.writeHead(answer.statusCode ?? 500).end(answer.body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const world: World = {
    base,
    vendors,
    clock,
    jobs,
    callbackUrl: `http://127.0.0.1:${port}/webhooks/assemblyai`,
  }
  const live = boot(world, new MortalProcess())

  const take = <Kind extends CatchupJob['kind']>(kind: Kind): Extract<CatchupJob, { kind: Kind }>[] =>
    jobs.flatMap(job => (job.kind === kind ? [job as Extract<CatchupJob, { kind: Kind }>] : []))

  const progress = new DynamoCatchupProgress(database, () => sleep(1))

  return {
    base,
    clock,
    userId,
    operationId,
    /** Write units since the last time. */
    takeWrites: meter.take,
    boot: (process: MortalProcess = new MortalProcess()) => boot(world, process),

    /** Asks for a channel's last five minutes, and answers what was handed over. */
    async start(channel: string, minutes = 5): Promise<ChannelJob> {
      await live.catchups.startChannel(userId, operationId, 'hash', { channel, minutes })
      const job = take('channel').at(-1)
      if (!job) throw new Error('Nothing was handed over.')
      return job
    },

    read: () => live.catchups.read(userId, operationId),

    /** Jobs that call-backs have handed over so far; waits for the first `count`. */
    async called(count = 1): Promise<readonly TranscriptJob[]> {
      const untilMs = Date.now() + 150_000
      while (take('transcript').length < count) {
        if (Date.now() > untilMs) throw new Error('The vendor did not call back.')
        await sleep(20)
      }
      return take('transcript')
    },

    /** The same; waits for the one about the transcript that was noted. */
    async calledAboutNoted(): Promise<readonly TranscriptJob[]> {
      const noted = await progress.read(userId, operationId)
      const transcriptId = noted?.stage === 'transcribing' ? noted.transcriptId : undefined
      let jobs = await this.called()
      while (!jobs.some(job => job.transcriptId === transcriptId)) jobs = await this.called(jobs.length + 1)
      return jobs
    },

    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export type ChannelWorld = Awaited<ReturnType<typeof createChannelWorld>>

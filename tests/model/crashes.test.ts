import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { AssemblyAI } from 'assemblyai'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Segment } from '../../src/contracts/transcription.ts'
import { DynamoCatchupProgress } from '../../src/db/catchup-progress.ts'
import { Questions } from '../../src/domain/ask.ts'
import { Catchups } from '../../src/domain/catchup.ts'
import { CatchupWorker } from '../../src/domain/catchup-worker.ts'
import { Clips } from '../../src/domain/clip.ts'
import { DomainError } from '../../src/domain/errors.ts'
import { JobOutcomes } from '../../src/domain/job-outcomes.ts'
import { Ledger } from '../../src/domain/ledger.ts'
import type { CatchupJob } from '../../src/domain/ports.ts'
import { Purchases } from '../../src/domain/purchases.ts'
import { handleStripeEvent } from '../../src/domain/stripe-events/handle.ts'
import { clipInspector } from '../../src/media/clip-inspector.ts'
import { AssemblyAiSpeechJobs } from '../../src/upstream/assemblyai/speech-jobs.ts'
import { OpenAiLanguageModel } from '../../src/upstream/openai/language-model.ts'
import { lazyStripe } from '../../src/upstream/stripe/client.ts'
import { StripePayments } from '../../src/upstream/stripe/payments.ts'
import { type Death, everyDeath, MortalProcess, untilDeath } from '../support/crash.ts'
import { connect } from '../support/database.ts'
import { createLedger, imbalance, openAccount, readBooks, type TestLedger } from '../support/ledger.ts'
import { silent } from '../support/silent-log.ts'
import { fixturePath } from '../support/speech.ts'
import { SECRET_KEY, type StripeUnderTest, startStripe } from '../support/stripe-stand-in.ts'
import { startVendors, type Vendors } from '../support/vendors.ts'
import { stage, TestClock } from './support/world.ts'

const holdMs = 60_000
const bonusCredits = 200
const segments: Segment[] = [
  { start_ms: 0, end_ms: 2_000, text: 'He was not an ill disposed young man.' },
  {
    start_ms: 2_000,
    end_ms: 9_000,
    text: 'He had then leisure to consider how much there might be in his power to do.',
  },
]

let vendors: Vendors
let stripe: StripeUnderTest
let clip: Uint8Array

beforeAll(async () => {
  vendors = await startVendors()
  stripe = await startStripe()
  clip = await readFile(fixturePath('austen-0880.wav'))
})

afterAll(async () => {
  await vendors.close()
  await stripe.close()
})

/** The backend as one process runs it: each call that leaves it may be its last. */
const boot = (base: TestLedger, clock: TestClock, process: MortalProcess, queued: CatchupJob[]) => {
  const store = process.wrap(base.store)
  const failures = process.wrap(base.failures)
  const activity = process.wrap(base.activity)
  const ledger = new Ledger({
    store,
    failures,
    activity,
    now: clock.now,
    backoff: () => sleep(1),
    random: Math.random,
    log: silent,
  })
  const outcomes = new JobOutcomes({ ledger, store, failures, now: clock.now })
  const model = process.wrap(
    new OpenAiLanguageModel({
      apiKey: 'key',
      baseUrl: vendors.openAiUrl,
      model: 'gpt-6-luna',
      reasoningEffort: 'low' as const,
      timeoutMs: 5_000,
      maxRetries: 0,
      totalTimeoutMs: 5_000,
      pseudonym: id => id,
    }),
  )
  const speech = process.wrap(
    new AssemblyAiSpeechJobs({
      apiKey: 'key',
      baseUrl: vendors.assemblyAiUrl,
      speechModels: ['universal-3-6-pro'],
      callbackUrl: 'http://127.0.0.1:9/callback',
      callbackSecret: 'secret',
    }),
  )
  const payments = process.wrap(
    new StripePayments({
      load: lazyStripe({ secretKey: SECRET_KEY, apiUrl: stripe.origin }),
      stage,
      successUrl: 'http://127.0.0.1/success',
      cancelUrl: 'http://127.0.0.1/cancel',
    }),
  )
  const queue = process.wrap({
    start: async (job: CatchupJob) => {
      queued.push(job)
    },
  })
  const failureMeter = process.wrap({ note: async () => undefined })
  const progress = process.wrap(new DynamoCatchupProgress(base.database, () => sleep(1)))
  const pause = (milliseconds: number) => sleep(milliseconds / 10)
  return {
    outcomes,
    clips: new Clips({
      ledger,
      outcomes,
      clips: clipInspector,
      speech,
      now: clock.now,
      sleep: pause,
      log: silent,
      failureMeter,
      waitMs: 20_000,
      holdMs,
    }),
    questions: new Questions({ ledger, model, now: clock.now, failureMeter, holdMs }),
    catchups: new Catchups({
      ledger,
      outcomes,
      queue,
      progress,
      transcriptHoldMs: holdMs,
      channelHoldMs: holdMs,
    }),
    worker: new CatchupWorker({
      ledger,
      outcomes,
      store,
      speech,
      model,
      progress,
      failureMeter,
      now: clock.now,
      log: silent,
      longestRunMs: holdMs,
    }),
    purchases: new Purchases({
      ledger,
      store,
      users: process.wrap(base.users),
      payments,
      now: () => Date.now(),
      log: silent,
    }),
    events: { ledger, store, payments, stage, log: silent },
  }
}

type Backend = ReturnType<typeof boot>

/** One account in a world of its own, and what may happen to a process in it. */
const newWorld = async () => {
  const clock = new TestClock()
  const base = createLedger(connect(), clock.now)
  const userId = await openAccount(base, clock.now(), bonusCredits)
  const queued: CatchupJob[] = []
  return {
    base,
    clock,
    userId,
    queued,
    operationId: v7({ msecs: clock.now() }),
    boot: (process: MortalProcess = new MortalProcess()): Backend => boot(base, clock, process, queued),
  }
}

type TestWorld = Awaited<ReturnType<typeof newWorld>>

/** Time passes, everything is folded in, and the books are read. */
const afterTime = async ({ base, clock, userId }: TestWorld) => {
  clock.advance(4 * holdMs)
  const account = await base.store.readAccount(userId)
  if (!account) throw new Error('There is no such account.')
  await base.ledger.fold(account)
  return readBooks(base, userId)
}

/** Whatever happened: nothing is held, the books close, and the operation was charged `cost` or nothing, once. */
const expectExact = async (world: TestWorld, cost: number, rows: readonly number[]): Promise<number> => {
  const books = await afterTime(world)
  expect(imbalance(books)).toBe(0)
  expect(books.account.holds).toEqual({})
  expect(rows).toContain(books.usage.length)
  const charged = books.usage.reduce((sum, row) => sum + row.creditsUsed, 0)
  expect([0, cost]).toContain(charged)
  expect(books.account.creditsBalance).toBe(bonusCredits - charged)
  return charged
}

/** What happens once the process has died. */
type Aftermath =
  | 'nobody asks again'
  | 'the client asks again at once'
  | 'the client asks again after the hold expired'
const aftermaths: readonly Aftermath[] = [
  'nobody asks again',
  'the client asks again at once',
  'the client asks again after the hold expired',
]

/** Asks again as the extension does: with the same key, until there is an answer that is not "under way". */
const askAgain = async (world: TestWorld, aftermath: Aftermath, ask: () => Promise<'done' | 'under way'>) => {
  if (aftermath === 'nobody asks again') return
  if (aftermath === 'the client asks again after the hold expired') world.clock.advance(4 * holdMs)
  if ((await ask()) === 'done') return
  world.clock.advance(4 * holdMs)
  expect(await ask()).toBe('done')
}

const rowsAfter = (aftermath: Aftermath): readonly number[] =>
  aftermath === 'nobody asks again' ? [0, 1] : [1]

describe.each(aftermaths)('when the process dies at any call, and %s', aftermath => {
  it('a question is charged once or not at all', async () => {
    const steps = await everyDeath(async death => {
      const world = await newWorld()
      const mortal = new MortalProcess(death)
      const ask = ({ questions }: Backend) =>
        questions.ask(world.userId, world.operationId, 'hash', { question: 'Was he ill disposed?', segments })
      await untilDeath(() => ask(world.boot(mortal)))
      await askAgain(world, aftermath, async () => {
        try {
          const answer = await ask(world.boot())
          expect(answer.answer).not.toBe('')
          return 'done'
        } catch (error) {
          if (error instanceof DomainError && error.code === 'operation_in_progress') return 'under way'
          throw error
        }
      })
      await expectExact(world, 5, rowsAfter(aftermath))
      return mortal
    })
    expect(steps).toBe(6)
  })

  it('a clip is charged once or not at all', async () => {
    const steps = await everyDeath(async death => {
      const world = await newWorld()
      const mortal = new MortalProcess(death)
      const transcribe = ({ clips }: Backend) =>
        clips.transcribe({
          userId: world.userId,
          operationId: world.operationId,
          requestHash: 'hash',
          bytes: clip,
        })
      await untilDeath(() => transcribe(world.boot(mortal)))
      await askAgain(world, aftermath, async () => {
        const answer = await transcribe(world.boot())
        if (answer.status === 'completed') expect(answer.text).toBe('two words')
        return answer.status === 'completed' ? 'done' : 'under way'
      })
      await expectExact(world, 1, rowsAfter(aftermath))
      return mortal
    })
    expect(steps).toBeGreaterThanOrEqual(6)
  })

  it('a catch-up is charged once or not at all, also when Lambda runs its worker again', async () => {
    const start = (world: TestWorld, { catchups }: Backend) =>
      catchups.startTranscript(world.userId, world.operationId, 'hash', segments)
    const workThrough = async (world: TestWorld, backend: Backend) => {
      for (const job of world.queued) if (job.kind === 'segments') await backend.worker.run(job, 'run')
    }
    const steps = await everyDeath(async death => {
      const world = await newWorld()
      const mortal = new MortalProcess(death)
      await untilDeath(async () => {
        const backend = world.boot(mortal)
        await start(world, backend)
        await workThrough(world, backend)
      })
      if (death.atCall % 2 === 0) await workThrough(world, world.boot())
      await askAgain(world, aftermath, async () => {
        const accepted = await start(world, world.boot())
        if (accepted.status === 'completed') return 'done'
        await workThrough(world, world.boot())
        const { status } = await world.boot().catchups.read(world.userId, world.operationId)
        return status === 'completed' ? 'done' : 'under way'
      })
      await expectExact(world, 20, rowsAfter(aftermath))
      return mortal
    })
    expect(steps).toBeGreaterThanOrEqual(7)
  })
})

describe('when the process dies at any call', () => {
  it("a clip is finished by the vendor's call-back, however often it comes", async () => {
    await everyDeath(async death => {
      const world = await newWorld()
      const mortal = new MortalProcess(death)
      const { userId, operationId } = world
      await untilDeath(() =>
        world.boot(mortal).clips.transcribe({ userId, operationId, requestHash: 'hash', bytes: clip }),
      )
      const vendor = new AssemblyAI({ apiKey: 'key', baseUrl: vendors.assemblyAiUrl })
      const { transcripts } = await vendor.transcripts.list({ limit: 1 })
      const transcriptId = transcripts[0]?.id ?? ''
      for (let status = ''; transcriptId !== '' && status !== 'completed'; await sleep(20)) {
        status = (await vendor.transcripts.get(transcriptId)).status
      }
      const { clips } = world.boot()
      const callback = await callbackOf(world)
      await Promise.all([
        clips.finishFromCallback(callback, transcriptId),
        clips.finishFromCallback(callback, transcriptId),
      ])
      await expectExact(world, 1, [0, 1])
      return mortal
    })
  })

  it('a call-back that dies is finished by the next one', async () => {
    await vendors.control('assemblyai', { delay_ms: 0 })
    await everyDeath(async death => {
      const world = await newWorld()
      const speechId = await submitAndLeave(world)
      const callback = await callbackOf(world)
      const mortal = new MortalProcess(death)
      await untilDeath(() => world.boot(mortal).clips.finishFromCallback(callback, speechId))
      await world.boot().clips.finishFromCallback(callback, speechId)
      expect(await expectExact(world, 1, [1])).toBe(1)
      return mortal
    })
  })

  it('a call-back of an attempt that was given up does not end the next one under its key', async () => {
    const world = await newWorld()
    const { userId, operationId } = world
    const speechId = await submitAndLeave(world)
    const stale = await callbackOf(world)
    world.clock.advance(4 * holdMs)
    const mortal = new MortalProcess({ atCall: 8, effect: 'before' })
    await untilDeath(() =>
      world.boot(mortal).clips.transcribe({ userId, operationId, requestHash: 'other', bytes: clip }),
    )
    const before = await callbackOf(world)
    expect(before.holdExpiresAtMs).toBeGreaterThan(stale.holdExpiresAtMs)
    await world.boot().clips.finishFromCallback(stale, speechId)
    expect(await callbackOf(world)).toEqual(before)
  })

  it('a result that comes when the hold has expired and gone is delivered free', async () => {
    const world = await newWorld()
    const speechId = await submitAndLeave(world)
    const callback = await callbackOf(world)
    expect((await afterTime(world)).usage).toEqual([])
    await world.boot().clips.finishFromCallback(callback, speechId)
    await world.boot().clips.finishFromCallback(callback, speechId)
    const { clips } = world.boot()
    expect(await clips.read(world.userId, world.operationId)).toMatchObject({
      text: 'two words',
      credits_used: 0,
    })
    await expectExact(world, 1, [1])
  })

  it('a purchase is opened once, however often it is asked for', async () => {
    const steps = await everyDeath(async death => {
      const world = await newWorld()
      const mortal = new MortalProcess(death)
      const transactionId = v7()
      await untilDeath(() => world.boot(mortal).purchases.start(world.userId, transactionId, 'starter'))
      const first = await world.boot().purchases.start(world.userId, transactionId, 'starter')
      const second = await world.boot().purchases.start(world.userId, transactionId, 'starter')
      expect(second).toEqual(first)
      const sessions = await stripe.stripe.checkout.sessions.list({ limit: 100 })
      expect(
        sessions.data.filter(session => session.metadata?.transaction_id === transactionId),
      ).toHaveLength(1)
      const { transactions } = await afterTime(world)
      expect(transactions.filter(row => row.type === 'purchase')).toMatchObject([
        { status: 'pending', stripeSessionId: first.session_id },
      ])
      return mortal
    })
    expect(steps).toBeGreaterThanOrEqual(5)
  })

  it('a payment is credited once, since Stripe tells of it again', async () => {
    const steps = await everyDeath(async death => {
      const world = await newWorld()
      const transactionId = v7()
      const { session_id } = await world.boot().purchases.start(world.userId, transactionId, 'starter')
      const session = {
        eventId: 'evt_1',
        sessionId: session_id,
        createdMs: Date.now(),
        paymentStatus: 'paid',
        amountTotal: 299,
        currency: 'usd',
        transactionId,
        stage,
      }
      const event = { type: 'checkout.session.completed' as const, session }
      const mortal = new MortalProcess(death)
      await untilDeath(() => handleStripeEvent(world.boot(mortal).events, event))
      await handleStripeEvent(world.boot().events, event)
      await handleStripeEvent(world.boot().events, event)
      const books = await afterTime(world)
      expect(books.account).toMatchObject({ creditsBalance: bonusCredits + 500, totalCreditsPurchased: 500 })
      expect(imbalance(books)).toBe(0)
      return mortal
    })
    expect(steps).toBe(3)
  })
})

/** What the vendor's call-back for the world's operation says: the attempt whose hold is open, if one is. */
const callbackOf = async ({ base, userId, operationId }: TestWorld) => {
  const account = await base.store.readAccount(userId)
  const hold = account?.holds[operationId]
  const {
    expiresAtMs: holdExpiresAtMs = base.now() + holdMs,
    requestHash = 'hash',
    audioMs = 2_990,
  } = hold ?? {}
  return { userId, operationId, holdExpiresAtMs, requestHash, audioMs }
}

/** A clip whose caller has gone: its credits are held, and the vendor has finished. Answers the vendor's id. */
const submitAndLeave = async (world: TestWorld): Promise<string> => {
  const { userId, operationId } = world
  const death: Death = { atCall: 5, effect: 'before' }
  await untilDeath(() =>
    world
      .boot(new MortalProcess(death))
      .clips.transcribe({ userId, operationId, requestHash: 'hash', bytes: clip }),
  )
  const vendor = new AssemblyAI({ apiKey: 'key', baseUrl: vendors.assemblyAiUrl })
  const { transcripts } = await vendor.transcripts.list({ limit: 1 })
  const id = transcripts[0]?.id
  if (id === undefined) throw new Error('The clip was not submitted.')
  while ((await vendor.transcripts.get(id)).status !== 'completed') await sleep(20)
  return id
}

import { AssemblyAI } from 'assemblyai'
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DynamoPersonalRecords } from '../../src/db/personal-records.ts'
import { Adjustments } from '../../src/domain/adjustments.ts'
import { Purchases } from '../../src/domain/purchases.ts'
import { AssemblyAiTranscriptDeletion } from '../../src/upstream/assemblyai/transcript-deletion.ts'
import { lazyStripe } from '../../src/upstream/stripe/client.ts'
import { StripeCustomerDeletion } from '../../src/upstream/stripe/customer-deletion.ts'
import { StripePayments } from '../../src/upstream/stripe/payments.ts'
import { everyDeath, MortalProcess, untilDeath } from '../support/crash.ts'
import { connect } from '../support/database.ts'
import { createErasure } from '../support/erasure.ts'
import { createLedger, imbalance, openAccount, readBooks } from '../support/ledger.ts'
import { silent } from '../support/silent-log.ts'
import { SECRET_KEY, type StripeUnderTest, startStripe } from '../support/stripe-stand-in.ts'
import { transcribe } from '../support/transcribed.ts'
import { startVendors, type Vendors } from '../support/vendors.ts'
import { stage, TestClock } from './support/world.ts'

const noBackoff = async () => undefined
const actor = 'arn:aws:iam::123456789012:user/ann'

let vendors: Vendors
let stripe: StripeUnderTest

beforeAll(async () => {
  vendors = await startVendors()
  stripe = await startStripe()
})

afterAll(async () => {
  await vendors.close()
  await stripe.close()
})

const newWorld = async () => {
  const clock = new TestClock()
  const base = createLedger(connect(), clock.now)
  return { base, clock, userId: await openAccount(base, clock.now(), 200) }
}

type World = Awaited<ReturnType<typeof newWorld>>

const adjustmentsOf = ({ base, clock }: World, mortal = new MortalProcess()): Adjustments =>
  new Adjustments({
    ledger: base.ledger,
    store: mortal.wrap(base.store),
    now: clock.now,
    backoff: noBackoff,
    log: silent,
  })

it.each([70, -70])(
  'an adjustment of %d that dies at any call is made once by asking again',
  async credits => {
    const steps = await everyDeath(async death => {
      const world = await newWorld()
      const mortal = new MortalProcess(death)
      const request = { transaction_id: v7(), credits, reason: 'Sorry', actor }
      await untilDeath(() => adjustmentsOf(world, mortal).adjust(world.userId, request))
      expect(imbalance(await readBooks(world.base, world.userId))).toBe(0)
      await adjustmentsOf(world).adjust(world.userId, request)
      const books = await readBooks(world.base, world.userId)
      expect(books.account.creditsBalance).toBe(200 + credits)
      expect(imbalance(books)).toBe(0)
      return mortal
    })
    expect(steps).toBe(3)
  },
)

it('a grant that dies at any call is given once by asking again', async () => {
  const steps = await everyDeath(async death => {
    const world = await newWorld()
    const mortal = new MortalProcess(death)
    const expires_at = new Date(world.clock.now() + 60_000).toISOString()
    const request = { transaction_id: v7(), credits: 30, reason: 'Sorry', actor, expires_at }
    await untilDeath(() => adjustmentsOf(world, mortal).grant(world.userId, request))
    await adjustmentsOf(world).grant(world.userId, request)
    const books = await readBooks(world.base, world.userId)
    expect(Object.values(books.account.grants).map(grant => grant.remaining)).toEqual([30])
    expect(imbalance(books)).toBe(0)
    return mortal
  })
  expect(steps).toBe(3)
})

/** An account with two transcripts at AssemblyAI and an open Checkout at Stripe. */
const livedIn = async () => {
  const world = await newWorld()
  const { base, clock, userId } = world
  const transcriptIds = [await transcribe(vendors), await transcribe(vendors)]
  for (const transcript_id of transcriptIds) {
    const operationId = v7({ msecs: clock.now() })
    const opened = await base.ledger.open({
      userId,
      operationId,
      service: 'catchup',
      credits: 10,
      requestHash: 'AbCd1234',
      holdMs: 60_000,
    })
    if (opened.state !== 'reserved') throw new Error('Nothing was held.')
    const metadata = { channel: 'jane_austen', transcript_id }
    await base.ledger.settle(opened.reservation, { cost: 10, metadata, result: { summary: 'Sense.' } })
  }
  const payments = new StripePayments({
    load: lazyStripe({ secretKey: SECRET_KEY, apiUrl: stripe.origin }),
    stage,
    successUrl: 'http://127.0.0.1/success',
    cancelUrl: 'http://127.0.0.1/cancel',
  })
  const purchases = new Purchases({ ...base, payments, now: () => Date.now(), log: silent })
  const { session_id: sessionId } = await purchases.start(userId, v7(), 'starter')
  return { ...world, transcriptIds, sessionId }
}

const erasureOf = ({ base }: World, mortal = new MortalProcess()) => {
  const records = new DynamoPersonalRecords(base.database, noBackoff)
  const { close, redactUsage, forget } = mortal.wrap(records)
  return createErasure(base, stripe, vendors, {
    store: mortal.wrap(base.store),
    records: { usage: userId => records.usage(userId), close, redactUsage, forget },
    transcripts: mortal.wrap(
      new AssemblyAiTranscriptDeletion({ apiKey: 'key', baseUrl: vendors.assemblyAiUrl }),
    ),
    customers: mortal.wrap(
      new StripeCustomerDeletion({
        load: lazyStripe({ secretKey: SECRET_KEY, apiUrl: stripe.origin }),
        stage,
        now: base.now,
      }),
    ),
  })
}

it('an erasure that dies at any call is finished by asking again', async () => {
  const sdk = new AssemblyAI({ apiKey: 'key', baseUrl: vendors.assemblyAiUrl })
  const steps = await everyDeath(async death => {
    const world = await livedIn()
    const { base, userId, transcriptIds, sessionId } = world
    const before = await base.store.readAccount(userId)
    const mortal = new MortalProcess(death)
    await untilDeath(() => erasureOf(world, mortal).run(userId))
    // Whatever was done, the books close, and who it was can still be asked for, or is gone whole.
    expect(imbalance(await readBooks(base, userId))).toBe(0)
    const found = await base.users.findByEmail(before?.email ?? '')
    expect([undefined, userId]).toContain(found?.userId)

    await erasureOf(world).run(userId)
    const { account, usage } = await readBooks(base, userId)
    expect(account).toMatchObject({ email: 'erased', passwordHash: 'erased', isActive: false })
    expect(account.name ?? account.stripeCustomerId).toBeUndefined()
    expect(await base.users.findByEmail(before?.email ?? '')).toBeUndefined()
    expect(usage.map(row => [row.creditsUsed, row.metadata, row.result])).toEqual([
      [10, {}, undefined],
      [10, {}, undefined],
    ])
    for (const id of transcriptIds)
      expect((await sdk.transcripts.get(id)).audio_url).toBe('http://deleted_by_user')
    expect((await stripe.stripe.customers.list({ email: before?.email ?? '' })).data).toEqual([])
    expect((await stripe.stripe.checkout.sessions.retrieve(sessionId)).status).toBe('expired')
    return mortal
  })
  expect(steps).toBe(11)
})

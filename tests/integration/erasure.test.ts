import { GetCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { AssemblyAI } from 'assemblyai'
import { v7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { DynamoSessionStore } from '../../src/db/ephemera.ts'
import { DynamoLedgerAudit } from '../../src/db/ledger-audit.ts'
import { DynamoPersonalRecords } from '../../src/db/personal-records.ts'
import { Accounts } from '../../src/domain/accounts.ts'
import { Adjustments } from '../../src/domain/adjustments.ts'
import { DomainError } from '../../src/domain/errors.ts'
import { readPersonalData } from '../../src/domain/personal-data.ts'
import type { CustomerDeletion } from '../../src/domain/personal-ports.ts'
import { Purchases } from '../../src/domain/purchases.ts'
import { Sessions } from '../../src/domain/sessions.ts'
import { Throttle, throttleRules } from '../../src/domain/throttle.ts'
import { JwtAccessTokens } from '../../src/security/access-tokens.ts'
import { BcryptHasher } from '../../src/security/passwords.ts'
import { nodeSecrets } from '../../src/security/secrets.ts'
import { AssemblyAiSpeechJobs } from '../../src/upstream/assemblyai/speech-jobs.ts'
import { lazyStripe } from '../../src/upstream/stripe/client.ts'
import { StripeCustomerDeletion } from '../../src/upstream/stripe/customer-deletion.ts'
import { StripePayments } from '../../src/upstream/stripe/payments.ts'
import { connectToOwnTables } from '../support/database.ts'
import { createErasure } from '../support/erasure.ts'
import { createLedger, imbalance, readBooks, type TestLedger } from '../support/ledger.ts'
import { pressOnCheckout } from '../support/paid-checkout.ts'
import { silent } from '../support/silent-log.ts'
import { SECRET_KEY, type StripeUnderTest, startStripe } from '../support/stripe-stand-in.ts'
import { transcribe } from '../support/transcribed.ts'
import { startVendors, type Vendors } from '../support/vendors.ts'
import { MemoryCounters } from '../unit/support/memory-stores.ts'

const actor = 'arn:aws:iam::123456789012:user/ann'
const credentials = { password: 'a long enough password', name: 'Ann Listener' }

let nowMs = Date.now()
let test: TestLedger
let stripe: StripeUnderTest
let vendors: Vendors
let accounts: Accounts
let sessions: Sessions
let email: string
let userId: string
let refreshToken: string

beforeAll(async () => {
  stripe = await startStripe({ delayedPaymentMs: 1_500 })
  vendors = await startVendors()
  test = createLedger(await connectToOwnTables(), () => nowMs)
  const shared = { secrets: nodeSecrets, now: () => nowMs, log: silent }
  sessions = new Sessions({
    ...shared,
    sessions: new DynamoSessionStore(test.database, async () => undefined),
    accounts: test.store,
    accessTokens: new JwtAccessTokens('x'.repeat(32), undefined),
  })
  accounts = new Accounts({
    ...shared,
    users: test.users,
    accounts: test.store,
    sessions,
    passwords: new BcryptHasher(),
    throttle: new Throttle(new MemoryCounters(), () => nowMs),
    rules: throttleRules(1_000),
  })
})

afterAll(async () => {
  await stripe.close()
  await vendors.close()
})

beforeEach(async () => {
  email = `ann-${v7()}@example.com`
  const registered = await accounts.register({ email, ...credentials }, '127.0.0.1')
  userId = registered.user.user_id
  refreshToken = registered.refresh_token
})

const purchases = (): Purchases => {
  const load = lazyStripe({ secretKey: SECRET_KEY, apiUrl: stripe.origin })
  const [successUrl, cancelUrl] = ['http://127.0.0.1/success', 'http://127.0.0.1/cancel']
  const payments = new StripePayments({ load, stage: 'test', successUrl, cancelUrl })
  return new Purchases({ ...test, payments, log: silent })
}

const open = async (service: 'ask_agent' | 'catchup' | 'clip_transcription', credits: number) => {
  const opened = await test.ledger.open({
    userId,
    operationId: v7({ msecs: nowMs }),
    service,
    credits,
    requestHash: 'AbCd1234',
    holdMs: 60_000,
  })
  if (opened.state !== 'reserved') throw new Error('Nothing was held.')
  return opened.reservation
}

/** An account that has asked, caught up, sent a clip, bought, and been given credits by staff. */
const live = async (): Promise<{ transcriptIds: string[]; openSessionId: string }> => {
  const ask = await open('ask_agent', 5)
  const answer = { answer: 'He had leisure to consider.', cited: [0] }
  await test.ledger.settle(ask, { cost: 5, metadata: { segments: 12 }, result: answer })
  const transcriptIds = [await transcribe(vendors), await transcribe(vendors)]
  const clip = await open('clip_transcription', 2)
  const [first = '', second = ''] = transcriptIds
  await test.ledger.settle(clip, { cost: 2, metadata: { audio_ms: 7_100, transcript_id: first } })
  const catchup = await open('catchup', 20)
  const metadata = { channel: 'jane_austen', video_id: '9', audio_ms: 60_000, transcript_id: second }
  await test.ledger.settle(catchup, { cost: 10, metadata, result: { summary: 'Sense, then sensibility.' } })
  const { session_id } = await purchases().start(userId, v7({ msecs: nowMs }), 'starter')
  const adjustments = new Adjustments({ ...test, backoff: async () => undefined, log: silent })
  await adjustments.adjust(userId, { transaction_id: v7(), credits: 30, reason: 'Sorry', actor })
  return { transcriptIds, openSessionId: session_id }
}

const erase = () => createErasure(test, stripe, vendors).run(userId)

const rawItems = async (others: readonly string[] = []): Promise<string> => {
  const { client, tables } = test.database
  const names = [tables.users, tables.usage, tables.transactions, ...others]
  const scans = await Promise.all(names.map(TableName => client.send(new ScanCommand({ TableName }))))
  const items = scans.flatMap(scan => scan.Items ?? [])
  return JSON.stringify(items.filter(item => JSON.stringify(item).includes(userId)))
}

describe('erasing', () => {
  it('takes the person out of every table, and leaves the ledger closed', async () => {
    await live()
    const before = await readBooks(test, userId)
    expect(await erase()).toEqual({
      userId,
      wasErased: false,
      operations: 3,
      transcripts: 2,
      stripeCustomers: 1,
      creditsLeft: before.account.creditsBalance,
    })
    const kept = await rawItems()
    expect(kept).not.toContain(email)
    expect(kept).not.toMatch(/Ann|austen|Sense|leisure|\$2[aby]\$|cus_|transcript_id|AbCd1234/)
    const after = await readBooks(test, userId)
    expect(imbalance(after)).toBe(0)
    const chargedOf = (books: typeof after) =>
      books.usage.map(({ operationId, creditsUsed, balanceAfter }) => [
        operationId,
        creditsUsed,
        balanceAfter,
      ])
    expect(chargedOf(after)).toEqual(chargedOf(before))
    expect(after.transactions).toEqual(before.transactions)
    expect(after.account).toMatchObject({
      isActive: false,
      email: 'erased',
      passwordHash: 'erased',
      name: undefined,
      lastLogin: undefined,
      stripeCustomerId: undefined,
      creditsBalance: before.account.creditsBalance,
      totalUsage: 17,
    })
  })

  it('keeps of an operation what was measured, and no more', async () => {
    await live()
    await erase()
    const { usage } = await readBooks(test, userId)
    expect(
      usage.map(row => row.metadata).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    ).toEqual([{ audio_ms: 60_000 }, { audio_ms: 7_100 }, { segments: 12 }])
    expect(usage.map(row => row.result)).toEqual([undefined, undefined, undefined])
  })

  it('deletes the transcripts at AssemblyAI', async () => {
    const { transcriptIds } = await live()
    await erase()
    const sdk = new AssemblyAI({ apiKey: 'key', baseUrl: vendors.assemblyAiUrl })
    for (const id of transcriptIds) {
      expect(await sdk.transcripts.get(id)).toMatchObject({
        text: 'Deleted by user.',
        audio_url: 'http://deleted_by_user',
      })
    }
  })

  it('deletes the customer at Stripe, and closes what could still be paid', async () => {
    const { openSessionId } = await live()
    const paid = await purchases().start(userId, v7({ msecs: nowMs }), 'popular')
    await pressOnCheckout(stripe, paid.session_id)
    await erase()
    expect((await stripe.stripe.customers.list({ email })).data).toEqual([])
    expect((await stripe.stripe.checkout.sessions.retrieve(openSessionId)).status).toBe('expired')
    expect((await stripe.stripe.checkout.sessions.retrieve(paid.session_id)).payment_status).toBe('paid')
  })

  it('deletes a customer that a crash has left unnoted, and nobody else’s', async () => {
    const mine = await stripe.stripe.customers.create({ email, metadata: { user_id: userId, stage: 'test' } })
    const other = await stripe.stripe.customers.create({
      email,
      metadata: { user_id: userId, stage: 'other' },
    })
    expect((await erase()).stripeCustomers).toBe(1)
    expect(await stripe.stripe.customers.retrieve(mine.id)).toMatchObject({ deleted: true })
    expect(await stripe.stripe.customers.retrieve(other.id)).not.toHaveProperty('deleted')
  })

  it('ends the sign-in, and lets nobody sign in, spend or buy any more', async () => {
    await erase()
    const refused = { code: 'unauthenticated' }
    await expect(sessions.refresh(refreshToken)).rejects.toMatchObject(refused)
    await expect(
      accounts.login({ email, password: credentials.password }, '127.0.0.1'),
    ).rejects.toMatchObject(refused)
    await expect(accounts.login({ email: 'erased', password: 'erased' }, '127.0.0.1')).rejects.toMatchObject(
      refused,
    )
    await expect(test.ledger.readAccount(userId)).rejects.toMatchObject(refused)
    await expect(open('ask_agent', 1)).rejects.toMatchObject(refused)
    await expect(purchases().start(userId, v7({ msecs: nowMs }), 'starter')).rejects.toMatchObject(refused)
  })

  it('answers nobody with what a job has produced, whose access token is still good', async () => {
    await live()
    const { usage } = await readBooks(test, userId)
    const clip = usage.find(row => row.service === 'clip_transcription')
    expect((await test.outcomes.find(userId, clip?.operationId ?? '', 'clip_transcription')).state).toBe(
      'finished',
    )
    await erase()
    for (const row of usage) {
      await expect(test.outcomes.find(userId, row.operationId, row.service)).rejects.toMatchObject({
        code: 'unauthenticated',
      })
    }
  })

  it('frees the e-mail for another account', async () => {
    await live()
    await erase()
    const again = await accounts.register({ email, ...credentials }, '127.0.0.1')
    expect(again.user.user_id).not.toBe(userId)
    expect((await test.users.findByEmail(email))?.userId).toBe(again.user.user_id)
    expect((await erase()).wasErased).toBe(true)
    expect((await test.users.findByEmail(email))?.userId).toBe(again.user.user_id)
  })

  it('does nothing more when it is asked for again', async () => {
    await live()
    const first = await erase()
    const kept = await rawItems()
    expect(await erase()).toEqual({
      ...first,
      wasErased: true,
      operations: 0,
      transcripts: 0,
      stripeCustomers: 0,
    })
    expect(await rawItems()).toBe(kept)
  })

  it('waits for requests that were let in before it', async () => {
    const waits: { milliseconds: number; isActive: boolean | undefined }[] = []
    const sleep = async (milliseconds: number) => {
      waits.push({ milliseconds, isActive: (await test.store.readAccount(userId))?.isActive })
    }
    await createErasure(test, stripe, vendors, { sleep }).run(userId)
    expect(waits).toEqual([{ milliseconds: 30_000, isActive: false }])
  })

  it('lets no Checkout page be paid while it waits: that would buy what nobody can spend', async () => {
    const { session_id: sessionId } = await purchases().start(userId, v7({ msecs: nowMs }), 'starter')
    const sleep = () => pressOnCheckout(stripe, sessionId)
    await createErasure(test, stripe, vendors, { sleep }).run(userId)
    const { status, payment_status } = await stripe.stripe.checkout.sessions.retrieve(sessionId)
    expect({ status, payment_status }).toEqual({ status: 'expired', payment_status: 'unpaid' })
  })

  it('is refused where a Checkout page is paid just before it is closed', async () => {
    const { session_id: sessionId } = await purchases().start(userId, v7({ msecs: nowMs }), 'starter')
    const real = new StripeCustomerDeletion({
      load: lazyStripe({ secretKey: SECRET_KEY, apiUrl: stripe.origin }),
      stage: 'test',
      now: () => nowMs,
    })
    const customers: CustomerDeletion = {
      find: user => real.find(user),
      delete: customer => real.delete(customer),
      closeSessions: async customer => {
        await pressOnCheckout(stripe, sessionId)
        return real.closeSessions(customer)
      },
    }
    await expect(createErasure(test, stripe, vendors, { customers }).run(userId)).rejects.toMatchObject({
      code: 'operation_in_progress',
      message: expect.stringContaining(sessionId),
    })
    expect((await test.store.readAccount(userId))?.isActive).toBe(true)
  })

  it('is refused while something is open, and says until when; then it goes ahead', async () => {
    const reservation = await open('ask_agent', 5)
    const until = new Date(reservation.hold.expiresAtMs).toISOString()
    await expect(erase()).rejects.toMatchObject({
      code: 'operation_in_progress',
      message: expect.stringContaining(until),
    })
    expect((await test.store.readAccount(userId))?.isActive).toBe(true)
    nowMs = reservation.hold.expiresAtMs
    expect((await erase()).wasErased).toBe(false)
    expect((await test.store.readAccount(userId))?.creditsBalance).toBe(200)
  })

  it.each([
    ['by debit', 'pay_later_succeeds'],
    ['by transfer', 'pay_by_transfer'],
  ] as const)(
    'is refused while money is on its way %s: it would buy what nobody can spend',
    async (_, way) => {
      const { session_id: sessionId } = await purchases().start(userId, v7({ msecs: nowMs }), 'starter')
      await pressOnCheckout(stripe, sessionId, way)
      const refused = { code: 'operation_in_progress', message: expect.stringContaining(sessionId) }
      await expect(createErasure(test, stripe, vendors).plan(userId)).rejects.toMatchObject(refused)
      await expect(erase()).rejects.toMatchObject(refused)
      expect((await test.store.readAccount(userId))?.isActive).toBe(true)
      await vi.waitUntil(
        async () => (await stripe.stripe.checkout.sessions.retrieve(sessionId)).payment_status === 'paid',
        { timeout: 10_000 },
      )
      expect(await erase()).toMatchObject({ wasErased: false, stripeCustomers: 1 })
    },
  )

  it('goes ahead after a payment that failed: its money never comes', async () => {
    const { session_id: sessionId } = await purchases().start(userId, v7({ msecs: nowMs }), 'starter')
    await pressOnCheckout(stripe, sessionId, 'pay_later_fails')
    await expect(erase()).rejects.toMatchObject({ code: 'operation_in_progress' })
    const untilFailed = async () => {
      const { payment_intent: intent } = await stripe.stripe.checkout.sessions.retrieve(sessionId, {
        expand: ['payment_intent'],
      })
      return typeof intent === 'object' && intent?.status === 'requires_payment_method'
    }
    await vi.waitUntil(untilFailed, { timeout: 10_000 })
    expect(await erase()).toMatchObject({ wasErased: false, stripeCustomers: 1 })
  })

  it('tells what it would take away, and takes nothing', async () => {
    await live()
    const before = await rawItems()
    const plan = await createErasure(test, stripe, vendors).plan(userId)
    expect(plan).toMatchObject({ operations: 3, transcripts: 2, stripeCustomers: 1, wasErased: false })
    expect(await rawItems()).toBe(before)
  })

  it('writes nothing to tell it, where time has done something to the account that no write has said yet', async () => {
    const firstLease = (startedAtMs: number) => ({
      startedAtMs,
      lease: 1,
      paidSeconds: 60,
      leaseSeconds: 60,
      language: 'en',
    })
    const laterMs = 180_000
    const adjustments = new Adjustments({ ...test, backoff: async () => undefined, log: silent })
    const grant = { transaction_id: v7(), credits: 40, reason: 'Sorry', actor }
    const expires_at = new Date(nowMs + laterMs).toISOString()
    await adjustments.grant(userId, { ...grant, expires_at })
    const asked = { userId, requestHash: 'AbCd1234', holdMs: 60_000 }
    const operationId = () => v7({ msecs: nowMs })
    await test.ledger.open({ ...asked, operationId: operationId(), service: 'ask_agent', credits: 45 })
    const live = { ...asked, service: 'live_transcription' as const, credits: 10, firstLease }
    await test.ledger.open({ ...live, operationId: operationId() })
    nowMs += laterMs

    const everything = () => rawItems([test.database.tables.ephemera])
    const before = await everything()
    const plan = await createErasure(test, stripe, vendors).plan(userId)
    expect(plan).toMatchObject({ operations: 1, creditsLeft: 190 })
    expect(await everything()).toBe(before)
    expect(await erase()).toEqual(plan)
    expect(imbalance(await readBooks(test, userId))).toBe(0)
  })

  it('is refused for an account that there is not', async () => {
    const erasure = createErasure(test, stripe, vendors)
    await expect(erasure.run(v7())).rejects.toMatchObject({ code: 'not_found' })
    await expect(erasure.plan(v7())).rejects.toMatchObject({ code: 'not_found' })
  })

  it('leaves no row to a result that comes afterwards', async () => {
    const late = await open('ask_agent', 5)
    nowMs = late.hold.expiresAtMs
    await erase()
    const settled = test.ledger.settle(late, { cost: 5, metadata: {}, result: 'He had leisure.' })
    await expect(settled).rejects.toBeInstanceOf(DomainError)
    expect((await readBooks(test, userId)).usage).toEqual([])
    const row = {
      userId,
      operationId: late.operationId,
      service: 'ask_agent' as const,
      creditsUsed: 0,
      balanceAfter: 0,
      requestHash: 'AbCd1234',
      priceListVersion: '1',
      metadata: {},
    }
    expect(await test.store.putUsageIfAbsent(row)).toBeUndefined()
  })

  it('forgets nobody whose account is open', async () => {
    const records = new DynamoPersonalRecords(test.database, async () => undefined)
    const account = await test.store.readAccount(userId)
    if (!account) throw new Error('There is no such account.')
    expect(await records.forget(account)).toBe(false)
    expect((await test.users.findByEmail(email))?.userId).toBe(userId)
  })
})

describe('the export', () => {
  const speech = () =>
    new AssemblyAiSpeechJobs({
      apiKey: 'key',
      baseUrl: vendors.assemblyAiUrl,
      speechModels: ['universal'],
      callbackUrl: 'http://127.0.0.1/none',
    })
  const read = () =>
    readPersonalData(
      {
        store: test.store,
        records: new DynamoPersonalRecords(test.database, async () => undefined),
        audit: new DynamoLedgerAudit(test.database, async () => undefined),
        speech: speech(),
        now: () => nowMs,
      },
      userId,
    )

  it('has all that is kept about a listener', async () => {
    const { transcriptIds } = await live()
    const data = await read()
    expect(data.account).toMatchObject({ user_id: userId, email, name: 'Ann Listener', is_active: true })
    expect(data.credits).toMatchObject({ credits_balance: 213, total_usage: 17 })
    expect(data.operations).toHaveLength(3)
    expect(data.operations).toContainEqual(
      expect.objectContaining({
        service_type: 'ask_agent',
        credits_used: 5,
        result: { answer: 'He had leisure to consider.', cited: [0] },
      }),
    )
    expect(data.operations).toContainEqual(
      expect.objectContaining({
        metadata: expect.objectContaining({ channel: 'jane_austen' }),
        transcript: 'two words',
      }),
    )
    expect(data.transactions.map(row => [row.type, row.reason]).sort()).toEqual([
      ['adjustment', 'Sorry'],
      ['bonus', undefined],
      ['purchase', undefined],
    ])
    expect(data.vendors.stripe.customer_id).toMatch(/^cus_/)
    expect([...data.vendors.assemblyai.transcript_ids].sort()).toEqual([...transcriptIds].sort())
  })

  it('has neither the password’s hash nor who of the staff it was', async () => {
    await live()
    expect(JSON.stringify(await read())).not.toMatch(/\$2[aby]\$|arn:aws/)
  })

  it('tells of a transcript that the vendor has not got any more', async () => {
    const clip = await open('clip_transcription', 2)
    await test.ledger.settle(clip, { cost: 2, metadata: { transcript_id: v7() } })
    expect((await read()).operations).toMatchObject([{ transcript: null }])
  })

  it('tells what is open', async () => {
    const { operationId } = await open('ask_agent', 5)
    expect((await read()).open_operations).toMatchObject([
      { operation_id: operationId, service_type: 'ask_agent' },
    ])
  })

  it('has of who was erased the books alone', async () => {
    await live()
    await erase()
    const data = JSON.stringify(await read())
    expect(data).not.toContain(email)
    expect(data).not.toMatch(/Ann|austen|leisure/)
  })
})

it('keeps the e-mail of an account that was closed and not erased', async () => {
  const { client, tables } = test.database
  await client.send(
    new UpdateCommand({
      TableName: tables.users,
      Key: { user_id: userId },
      UpdateExpression: 'SET is_active = :no',
      ExpressionAttributeValues: { ':no': false },
    }),
  )
  await expect(accounts.register({ email, ...credentials }, '127.0.0.1')).rejects.toMatchObject({
    code: 'email_taken',
  })
  const { Item } = await client.send(
    new GetCommand({ TableName: tables.users, Key: { user_id: `email#${email}` } }),
  )
  expect(Item).toMatchObject({ owner: userId })
})

import { DeleteCommand } from '@aws-sdk/lib-dynamodb'
import { v7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Purchases } from '../../src/domain/purchases.ts'
import { Replay } from '../../src/domain/replay.ts'
import { lazyStripe } from '../../src/upstream/stripe/client.ts'
import { StripeEventArchive } from '../../src/upstream/stripe/event-archive.ts'
import { StripePayments } from '../../src/upstream/stripe/payments.ts'
import { connect } from '../support/database.ts'
import { createLedger, imbalance, openAccount, readBooks, type TestLedger } from '../support/ledger.ts'
import { pressOnCheckout } from '../support/paid-checkout.ts'
import { SECRET_KEY, type StripeUnderTest, startStripe } from '../support/stripe-stand-in.ts'
import { MemoryLog } from '../unit/support/memory-log.ts'

let test: TestLedger
let stripe: StripeUnderTest
let userId: string
let log: MemoryLog

beforeAll(async () => {
  test = createLedger(connect(), () => Date.now())
  stripe = await startStripe()
})

afterAll(() => stripe.close())

beforeEach(async () => {
  log = new MemoryLog()
  userId = await openAccount(test, Date.now())
})

const paymentsOf = (stage: string): StripePayments =>
  new StripePayments({
    load: lazyStripe({ secretKey: SECRET_KEY, apiUrl: stripe.origin }),
    stage,
    successUrl: 'http://127.0.0.1/success',
    cancelUrl: 'http://127.0.0.1/cancel',
  })

const replayOf = (stage = 'test'): Replay => {
  const load = lazyStripe({ secretKey: SECRET_KEY, apiUrl: stripe.origin })
  return new Replay({
    ...test,
    payments: paymentsOf(stage),
    stage,
    log,
    archive: new StripeEventArchive(load),
  })
}

/** A purchase that was paid, and the id of the event that would have told us. */
const missedPayment = async (): Promise<{ transactionId: string; eventId: string }> => {
  const transactionId = v7()
  const purchases = new Purchases({ ...test, payments: paymentsOf('test'), log })
  const { session_id } = await purchases.start(userId, transactionId, 'starter')
  await pressOnCheckout(stripe, session_id)
  return { transactionId, eventId: await eventOf('checkout.session.completed') }
}

const eventOf = async (type: string): Promise<string> =>
  (await stripe.stripe.events.list({ type, limit: 1 })).data[0]?.id ?? ''

it('credits a payment that we were not told of, once, however often it is replayed', async () => {
  const { transactionId, eventId } = await missedPayment()
  expect(await replayOf().find(eventId)).toMatchObject({ type: 'checkout.session.completed' })
  expect((await test.store.readTransaction(transactionId))?.status).toBe('pending')
  await Promise.all([replayOf().run(eventId), replayOf().run(eventId)])
  await replayOf().run(eventId)
  const books = await readBooks(test, userId)
  expect(books.account).toMatchObject({ creditsBalance: 700, totalCreditsPurchased: 500 })
  expect(imbalance(books)).toBe(0)
  expect(log.codes().filter(code => code === 'purchase_credited')).toHaveLength(1)
})

it('is refused for an event of another stage', async () => {
  const { transactionId, eventId } = await missedPayment()
  await expect(replayOf('prod').run(eventId)).rejects.toMatchObject({
    code: 'validation_failed',
    message: expect.stringContaining('stage test, and this is prod'),
  })
  expect((await test.store.readTransaction(transactionId))?.status).toBe('pending')
})

it('is refused for an event that is not acted on, and names its type', async () => {
  await missedPayment()
  await expect(replayOf().run(await eventOf('payment_intent.succeeded'))).rejects.toMatchObject({
    code: 'validation_failed',
    message: expect.stringContaining('payment_intent.succeeded'),
  })
})

it('is refused where Stripe has no such event', async () => {
  await expect(replayOf().run('evt_none')).rejects.toMatchObject({ code: 'not_found' })
})

it('is refused where the purchase is gone, which a restore may have lost', async () => {
  const { transactionId, eventId } = await missedPayment()
  const { client, tables } = test.database
  await client.send(
    new DeleteCommand({ TableName: tables.transactions, Key: { transaction_id: transactionId } }),
  )
  for (const asked of [replayOf().find(eventId), replayOf().run(eventId)]) {
    await expect(asked).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining(transactionId),
    })
  }
})

it('fails as a vendor does where Stripe does', async () => {
  await stripe.control({ fail_next: { count: 2, status: 500 } })
  await expect(replayOf().run('evt_none')).rejects.toMatchObject({ name: 'UpstreamError' })
})

it('records a failed renewal once, as the webhook does', async () => {
  await missedPayment()
  const customer = (await test.store.readAccount(userId))?.stripeCustomerId
  await stripe.control({ send_event: { type: 'invoice.payment_failed', customer, amount_cents: 999 } })
  const eventId = await eventOf('invoice.payment_failed')
  await replayOf().run(eventId)
  await replayOf().run(eventId)
  const { account, transactions } = await readBooks(test, userId)
  expect(account.lastPayment?.failed).toBe(true)
  expect(transactions.filter(row => row.type === 'payment_failed')).toHaveLength(1)
})

import { DeleteCommand } from '@aws-sdk/lib-dynamodb'
import { v7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OpsProblem, UsageProblem } from '../../ops/problem.ts'
import { stripeCauseOf } from '../../ops/stripe-cause.ts'
import { Adjustments } from '../../src/domain/adjustments.ts'
import { Purchases } from '../../src/domain/purchases.ts'
import { lazyStripe } from '../../src/upstream/stripe/client.ts'
import { StripePaymentRecords } from '../../src/upstream/stripe/payment-records.ts'
import { StripePayments } from '../../src/upstream/stripe/payments.ts'
import { connectToOwnTables } from '../support/database.ts'
import { createLedger, openAccount, type TestLedger } from '../support/ledger.ts'
import { pressOnCheckout } from '../support/paid-checkout.ts'
import { silent } from '../support/silent-log.ts'
import { SECRET_KEY, type StripeUnderTest, startStripe } from '../support/stripe-stand-in.ts'

const stage = 'test'
const actor = 'arn:aws:iam::123456789012:user/ann'
let test: TestLedger
let stripe: StripeUnderTest
let userId: string

beforeAll(async () => {
  stripe = await startStripe()
  test = createLedger(await connectToOwnTables(), Date.now)
})

afterAll(() => stripe.close())

beforeEach(async () => {
  userId = await openAccount(test, Date.now())
})

const load = () => lazyStripe({ secretKey: SECRET_KEY, apiUrl: stripe.origin })

/** Pays for a pack of 500 credits; nobody credits it. */
const pay = async () => {
  const [successUrl, cancelUrl] = ['http://127.0.0.1/success', 'http://127.0.0.1/cancel']
  const payments = new StripePayments({ load: load(), stage, successUrl, cancelUrl })
  const purchases = new Purchases({ ...test, payments, log: silent })
  const transactionId = v7()
  const { session_id: sessionId } = await purchases.start(userId, transactionId, 'starter')
  await pressOnCheckout(stripe, sessionId)
  const { payment_intent } = await stripe.stripe.checkout.sessions.retrieve(sessionId)
  return { transactionId, sessionId, intent: String(payment_intent) }
}

const ask = async (id: string, credits: number, by = userId) => {
  const account = await test.store.readAccount(by)
  if (!account) throw new Error('There is no such account.')
  const records = new StripePaymentRecords({ load: load(), stage })
  return stripeCauseOf({ stage, store: test.store, records }, { account, id, credits })
}

const adjust = (transaction_id: string, credits: number, by = userId) =>
  new Adjustments({ ...test, backoff: async () => undefined, log: silent }).adjust(by, {
    transaction_id,
    credits,
    reason: 'As Stripe says',
    actor,
  })

const forgetAccount = () => {
  const { client, tables } = test.database
  return client.send(new DeleteCommand({ TableName: tables.users, Key: { user_id: userId } }))
}

describe('a payment', () => {
  it('is for who paid, and for nobody else', async () => {
    const { sessionId, transactionId } = await pay()
    expect(await ask(sessionId, 500)).toEqual({
      transactionId: `session#${sessionId}`,
      paid: { sessionId, transactionId },
    })
    const other = await openAccount(test, Date.now())
    await expect(ask(sessionId, 500, other)).rejects.toThrow(`a payment of ${userId}`)
  })

  it('takes nothing, gives nothing that has gone back, and must have been paid', async () => {
    const { sessionId, intent } = await pay()
    await expect(ask(sessionId, -500)).rejects.toThrow(UsageProblem)
    await stripe.stripe.refunds.create({ payment_intent: intent, amount: 99 })
    expect(await ask(sessionId, 500)).toMatchObject({ transactionId: `session#${sessionId}` })
    await stripe.stripe.refunds.create({ payment_intent: intent })
    await expect(ask(sessionId, 500)).rejects.toThrow('has gone back')
    await expect(ask('cs_test_none', 500)).rejects.toThrow(OpsProblem)
  })

  it('of an account that is gone goes to another, and so does what Stripe takes back of it', async () => {
    const { sessionId, intent } = await pay()
    const again = await openAccount(test, Date.now())
    await expect(ask(sessionId, 500, again)).rejects.toThrow(OpsProblem)
    await forgetAccount()
    expect(await ask(sessionId, 500, again)).toMatchObject({ paidBy: userId })
    const { id } = await stripe.stripe.refunds.create({ payment_intent: intent, amount: 99 })
    await expect(ask(id, -100, again)).rejects.toThrow(`a payment of ${userId}`)
    await adjust(`session#${sessionId}`, 500, again)
    expect(await ask(id, -100, again)).toEqual({ transactionId: `refund#${id}` })
  })
})

describe('what went back', () => {
  it('takes credits while it is gone, and gives them back once it has come back, no more than it took', async () => {
    const { intent } = await pay()
    const { id } = await stripe.stripe.refunds.create({ payment_intent: intent })
    await expect(ask(id, 1)).rejects.toThrow(UsageProblem)
    expect(await ask(id, 0)).toEqual({ transactionId: `refund#${id}` })
    await adjust(`refund#${id}`, -150)
    await stripe.control({ cancel_refund: id })
    await expect(ask(id, -150)).rejects.toThrow('has come back')
    await expect(ask(id, 151)).rejects.toThrow('150 credits were taken')
    expect(await ask(id, 150)).toEqual({ transactionId: `refund#${id}#failed` })
  })

  it('is likewise for disputes, and an inquiry moves nothing', async () => {
    const { intent } = await pay()
    const inquiry = { payment_intent: intent, status: 'warning_needs_response' }
    const { dispute_id: id } = await stripe.control({ dispute: inquiry })
    await expect(ask(String(id), -1)).rejects.toThrow('moved no money')
    await stripe.control({ dispute: { payment_intent: intent } })
    expect(await ask(String(id), -150)).toEqual({ transactionId: `dispute#${id}#withdrawn` })
    await stripe.control({ win_dispute: id })
    await expect(ask(String(id), 1)).rejects.toThrow('0 credits were taken')
  })
})

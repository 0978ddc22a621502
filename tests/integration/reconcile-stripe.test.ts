import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { v7 } from 'uuid'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toTransactionItem } from '../../src/db/transaction-item.ts'
import { Adjustments } from '../../src/domain/adjustments.ts'
import { Purchases } from '../../src/domain/purchases.ts'
import { lazyStripe } from '../../src/upstream/stripe/client.ts'
import { StripePayments } from '../../src/upstream/stripe/payments.ts'
import { connectToOwnTables, emptyTables } from '../support/database.ts'
import { createLedger, openAccount, type TestLedger } from '../support/ledger.ts'
import { pressOnCheckout } from '../support/paid-checkout.ts'
import { createReconciliation, paymentsCheckOf } from '../support/reconcile.ts'
import { silent } from '../support/silent-log.ts'
import { SECRET_KEY, type StripeUnderTest, startStripe } from '../support/stripe-stand-in.ts'
import { MemoryLog } from '../unit/support/memory-log.ts'

const hourMs = 3_600_000

let nowMs = Date.now()
let startMs: number
let test: TestLedger
let stripe: StripeUnderTest
let log: MemoryLog
let userId: string

beforeAll(async () => {
  stripe = await startStripe({ now: () => nowMs })
  test = createLedger(await connectToOwnTables(), () => nowMs)
})

afterAll(() => stripe.close())

beforeEach(async () => {
  nowMs += 1_000 * hourMs
  startMs = nowMs
  log = new MemoryLog()
  userId = await openAccount(test, nowMs)
})

afterEach(() => emptyTables(test.database))

const purchasesOf = (stage: string): Purchases => {
  const load = lazyStripe({ secretKey: SECRET_KEY, apiUrl: stripe.origin })
  const [successUrl, cancelUrl] = ['http://127.0.0.1/success', 'http://127.0.0.1/cancel']
  const payments = new StripePayments({ load, stage, successUrl, cancelUrl })
  return new Purchases({ ...test, payments, log: silent })
}

/** A purchase that was paid at Stripe, of which we have not been told. */
const pay = async (stage = 'test') => {
  const transactionId = v7({ msecs: nowMs })
  const { session_id: sessionId } = await purchasesOf(stage).start(userId, transactionId, 'starter')
  await pressOnCheckout(stripe, sessionId)
  return { transactionId, sessionId }
}

const forget = async (table: 'users' | 'transactions', Key: Record<string, string>): Promise<void> => {
  const { client, tables } = test.database
  await client.send(new DeleteCommand({ TableName: tables[table], Key }))
}

const credit = async ({ transactionId, sessionId }: Awaited<ReturnType<typeof pay>>) => {
  const row = await test.store.readTransaction(transactionId)
  if (!row) throw new Error('There is no such purchase.')
  await test.ledger.creditPurchase(row, { sessionId, paidAt: new Date(nowMs).toISOString() })
}

const payAndCredit = async () => {
  const payment = await pay()
  await credit(payment)
  return payment
}

const intentOf = async (sessionId: string): Promise<string> =>
  String((await stripe.stripe.checkout.sessions.retrieve(sessionId)).payment_intent)

const run = (options: Parameters<typeof createReconciliation>[2] = {}, fromMs = startMs - hourMs) =>
  createReconciliation(test, stripe, { log, ...options }).run({ fromMs })

const expectFound = async (...mismatches: object[]) => {
  nowMs += hourMs
  const report = await run()
  expect(report.stripeMismatches).toEqual(mismatches.map(mismatch => expect.objectContaining(mismatch)))
  expect(log.codes().filter(code => code === 'stripe_mismatch')).toHaveLength(mismatches.length)
  return report
}

describe('what was paid', () => {
  it('is found to be credited, once and in full', async () => {
    await payAndCredit()
    await payAndCredit()
    const report = await expectFound()
    expect(report).toMatchObject({ payments: 2, ledgerMismatches: [], complete: true })
  })

  it('is found where it was not credited', async () => {
    const { transactionId, sessionId } = await pay()
    await expectFound({ kind: 'paid_not_credited', userId, transactionId, sessionId, amountCents: 299 })
    expect(log.lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        code: 'stripe_mismatch',
        fields: expect.objectContaining({ kind: 'paid_not_credited', transaction_id: transactionId }),
      }),
    )
  })

  it('is given ten minutes', async () => {
    await pay()
    nowMs += 9 * 60_000
    expect((await run()).stripeMismatches).toEqual([])
    nowMs += 2 * 60_000
    expect((await run()).stripeMismatches).toHaveLength(1)
  })

  it('is looked at again before it is reported', async () => {
    const payment = await pay()
    nowMs += hourMs
    const pauses: number[] = []
    const sleep = async (milliseconds: number) => {
      pauses.push(milliseconds)
      await credit(payment)
    }
    expect((await run({ sleep })).stripeMismatches).toEqual([])
    expect(pauses).toEqual([60_000])
  })

  it('is found where its row is gone', async () => {
    const { transactionId } = await pay()
    await forget('transactions', { transaction_id: transactionId })
    await expectFound({ kind: 'paid_not_credited', userId, transactionId })
  })

  it('is no finding any more once staff has given its credits to who paid', async () => {
    const { transactionId, sessionId } = await pay()
    await forget('transactions', { transaction_id: transactionId })
    const other = await pay()
    await book(`session#${sessionId}`, 500)
    await book(`session#${other.sessionId}`, 500, await openAccount(test, nowMs))
    await expectFound({ kind: 'paid_not_credited', sessionId: other.sessionId })
  })

  it('is no finding once staff has given its credits to another account, where who paid has none any more', async () => {
    const { sessionId } = await pay()
    const again = await openAccount(test, nowMs)
    await book(`session#${sessionId}`, 500, again)
    await forget('users', { user_id: userId })
    await expectFound()
  })

  it('is found where its purchase and staff have both given its credits', async () => {
    const { transactionId, sessionId } = await payAndCredit()
    const row = await test.store.readTransaction(transactionId)
    if (!row) throw new Error('There is no such purchase.')
    const madeUp = { ...row, transactionId: `session#${sessionId}`, type: 'adjustment' as const }
    await test.store.recordMovement(madeUp, { balance: 500 }, undefined)
    await expectFound({ kind: 'credited_twice', userId, transactionId, sessionId })
  })

  it('is found where who was credited has no account any more', async () => {
    const { transactionId } = await payAndCredit()
    await forget('users', { user_id: userId })
    await expectFound({ kind: 'account_missing', userId, transactionId })
  })

  it.each(['amount', 'currency'])('is found where its row names another %s', async field => {
    const { transactionId, sessionId } = await payAndCredit()
    const { client, tables } = test.database
    await client.send(
      new UpdateCommand({
        TableName: tables.transactions,
        Key: { transaction_id: transactionId },
        UpdateExpression: 'SET #field = :value',
        ExpressionAttributeNames: { '#field': field },
        ExpressionAttributeValues: { ':value': field === 'amount' ? 298 : 'eur' },
      }),
    )
    await expectFound({ kind: 'amount_differs', transactionId, sessionId, amountCents: 299 })
  })

  it('is found where it was paid in a second session of the same purchase', async () => {
    const { transactionId } = await payAndCredit()
    const metadata = { transaction_id: transactionId, user_id: userId, stage: 'test' }
    const second = await stripe.stripe.checkout.sessions.create({
      mode: 'payment',
      metadata,
      line_items: [
        { quantity: 1, price_data: { currency: 'usd', unit_amount: 299, product_data: { name: 'Starter' } } },
      ],
      success_url: 'http://127.0.0.1/success',
    })
    await pressOnCheckout(stripe, second.id)
    await expectFound({ kind: 'paid_not_credited', transactionId, sessionId: second.id })
  })

  it('is no finding once the buyer has the money back', async () => {
    const { sessionId } = await pay()
    await stripe.stripe.refunds.create({ payment_intent: await intentOf(sessionId) })
    await expectFound()
  })

  it('is another stage’s business where it was paid there', async () => {
    await pay('other')
    await expectFound()
  })

  it('is found where the session was opened before the time that is asked for', async () => {
    const transactionId = v7({ msecs: nowMs })
    const { session_id: sessionId } = await purchasesOf('test').start(userId, transactionId, 'starter')
    nowMs += 20 * hourMs
    await pressOnCheckout(stripe, sessionId)
    nowMs += hourMs
    expect((await run({}, nowMs - 2 * hourMs)).stripeMismatches).toEqual([
      expect.objectContaining({ kind: 'paid_not_credited', transactionId, sessionId }),
    ])
  })

  it('is found where the money came days after the session, and given ten minutes from then', async () => {
    const transactionId = v7({ msecs: nowMs })
    const { session_id: sessionId } = await purchasesOf('test').start(userId, transactionId, 'starter')
    await pressOnCheckout(stripe, sessionId, 'pay_later_succeeds')
    nowMs += 120 * hourMs
    // The stand-in brings what is due with the next call.
    await stripe.stripe.checkout.sessions.retrieve(sessionId)
    nowMs += 9 * 60_000
    expect((await run({}, nowMs - 72 * hourMs)).stripeMismatches).toEqual([])
    nowMs += hourMs
    expect((await run({}, nowMs - 72 * hourMs)).stripeMismatches).toEqual([
      expect.objectContaining({ kind: 'paid_not_credited', transactionId, sessionId }),
    ])
  })

  it('is no finding before the time that is asked for', async () => {
    await pay()
    nowMs += hourMs
    expect((await run({}, nowMs)).stripeMismatches).toEqual([])
  })
})

describe('what was credited', () => {
  it('is found where nobody paid', async () => {
    const transactionId = v7({ msecs: nowMs })
    const { session_id: sessionId } = await purchasesOf('test').start(userId, transactionId, 'starter')
    await credit({ transactionId, sessionId })
    await expectFound({ kind: 'credited_not_paid', userId, transactionId, sessionId })
  })

  it('is found where Stripe knows no such session', async () => {
    const { transactionId } = await pay()
    await credit({ transactionId, sessionId: 'cs_test_invented' })
    await expectFound(
      { kind: 'paid_not_credited', transactionId },
      { kind: 'credited_not_paid', transactionId, sessionId: 'cs_test_invented' },
    )
  })

  it('is no finding where its money came while accounts were proved', async () => {
    const transactionId = v7({ msecs: nowMs })
    const { session_id: sessionId } = await purchasesOf('test').start(userId, transactionId, 'starter')
    await pressOnCheckout(stripe, sessionId, 'pay_later_succeeds')
    const listed = await paymentsCheckOf(test, stripe).list(startMs - hourMs)
    expect([...listed.sessions.values()]).toMatchObject([{ sessionId, isPaid: false }])
    nowMs += 120 * hourMs
    await stripe.stripe.checkout.sessions.retrieve(sessionId)
    await credit({ transactionId, sessionId })
    nowMs += hourMs
    const row = await test.store.readTransaction(transactionId)
    if (!row) throw new Error('There is no such purchase.')
    expect(await paymentsCheckOf(test, stripe).compare(listed, [row])).toEqual([])
  })

  it('is found where one session was credited twice, though the books close', async () => {
    const { transactionId, sessionId } = await payAndCredit()
    const row = await test.store.readTransaction(transactionId)
    if (!row) throw new Error('There is no such purchase.')
    const twice = { ...row, transactionId: v7({ msecs: nowMs }) }
    await test.store.recordMovement(twice, { balance: 500, purchased: 500 }, undefined)
    const report = await expectFound({
      kind: 'credited_twice',
      userId,
      transactionId: twice.transactionId,
      sessionId,
    })
    expect(report.ledgerMismatches).toEqual([])
  })

  it('is found to be paid though the session was opened before the time that is asked for', async () => {
    const transactionId = v7({ msecs: nowMs })
    const { session_id: sessionId } = await purchasesOf('test').start(userId, transactionId, 'starter')
    nowMs += 20 * hourMs
    await pressOnCheckout(stripe, sessionId)
    await credit({ transactionId, sessionId })
    nowMs += hourMs
    const report = await run({}, nowMs - 2 * hourMs)
    expect(report).toMatchObject({ payments: 1, stripeMismatches: [], isStripeCompared: true })
  })

  it('is found to be of another amount though the session was opened before that time', async () => {
    const { transactionId, sessionId } = await payAndCredit()
    const row = await test.store.readTransaction(transactionId)
    if (!row) throw new Error('There is no such purchase.')
    nowMs += 20 * hourMs
    const item = { ...toTransactionItem(row), amount: 298, completed_at: new Date(nowMs).toISOString() }
    const { client, tables } = test.database
    await client.send(new PutCommand({ TableName: tables.transactions, Item: item }))
    nowMs += hourMs
    expect((await run({}, nowMs - 2 * hourMs)).stripeMismatches).toEqual([
      expect.objectContaining({ kind: 'amount_differs', transactionId, sessionId }),
    ])
  })
})

/** What staff does about it. */
const book = async (transaction_id: string, credits = -100, by = userId) => {
  const adjustments = new Adjustments({ ...test, backoff: async () => undefined, log: silent })
  const actor = 'arn:aws:iam::123456789012:user/ann'
  await adjustments.adjust(by, { transaction_id, credits, reason: 'Refunded', actor })
}

describe('what went back', () => {
  it('is found where a refund has no row, until it has one', async () => {
    const { transactionId, sessionId } = await payAndCredit()
    const { id } = await stripe.stripe.refunds.create({
      payment_intent: await intentOf(sessionId),
      amount: 99,
    })
    await expectFound({
      kind: 'refund_not_booked',
      userId,
      transactionId,
      takenBackId: id,
      amountCents: 99,
    })
    await book(`refund#${id}`)
    expect((await run()).stripeMismatches).toEqual([])
  })

  it('is found where a refund took credits and failed weeks later, until they are given back', async () => {
    const { transactionId, sessionId } = await payAndCredit()
    const { id } = await stripe.stripe.refunds.create({ payment_intent: await intentOf(sessionId) })
    await book(`refund#${id}`)
    nowMs += 400 * hourMs
    expect(await stripe.control({ fail_refund: id })).toMatchObject({ refund_id: id })
    nowMs += hourMs
    const found = async () => (await run({}, nowMs - 72 * hourMs)).stripeMismatches
    expect(await found()).toEqual([
      expect.objectContaining({ kind: 'refund_not_returned', userId, transactionId, takenBackId: id }),
    ])
    await book(`refund#${id}#failed`, 100)
    expect(await found()).toEqual([])
  })

  it('is no finding where a refund failed that had taken none', async () => {
    const { sessionId } = await payAndCredit()
    const { id } = await stripe.stripe.refunds.create({ payment_intent: await intentOf(sessionId) })
    await stripe.control({ fail_refund: id })
    await expectFound()
  })

  it('is found where staff had given the credits of what was paid', async () => {
    const { transactionId, sessionId } = await pay()
    await book(`session#${sessionId}`, 500)
    const { id } = await stripe.stripe.refunds.create({
      payment_intent: await intentOf(sessionId),
      amount: 99,
    })
    await expectFound({ kind: 'refund_not_booked', userId, transactionId, takenBackId: id })
    await book(`refund#${id}`)
    expect((await run()).stripeMismatches).toEqual([])
  })

  it('is no finding where nobody had been credited', async () => {
    const { sessionId } = await pay()
    await stripe.stripe.refunds.create({ payment_intent: await intentOf(sessionId) })
    await expectFound()
  })

  it('is found where its row has taken somebody else’s credits', async () => {
    const { transactionId, sessionId } = await payAndCredit()
    const { id } = await stripe.stripe.refunds.create({ payment_intent: await intentOf(sessionId) })
    await book(`refund#${id}`, -100, await openAccount(test, nowMs))
    await expectFound({ kind: 'refund_not_booked', userId, transactionId, takenBackId: id })
  })

  it('is settled by a row of no credits, where all are spent', async () => {
    const { sessionId } = await payAndCredit()
    const { id } = await stripe.stripe.refunds.create({ payment_intent: await intentOf(sessionId) })
    await book(v7(), -700)
    await book(`refund#${id}`, 0)
    await expectFound()
    await expect(book(v7(), 0)).rejects.toMatchObject({ code: 'validation_failed' })
  })

  it('is found where a dispute has no row, until it has one', async () => {
    const { transactionId, sessionId } = await payAndCredit()
    const { dispute_id: id } = await stripe.control({
      dispute: { payment_intent: await intentOf(sessionId) },
    })
    await expectFound({ kind: 'dispute_not_booked', userId, transactionId, takenBackId: id })
    await book(`dispute#${id}#withdrawn`)
    expect((await run()).stripeMismatches).toEqual([])
  })

  it('is found where an inquiry became a dispute weeks later', async () => {
    const { transactionId, sessionId } = await payAndCredit()
    const payment_intent = await intentOf(sessionId)
    const { dispute_id: id } = await stripe.control({
      dispute: { payment_intent, status: 'warning_needs_response' },
    })
    nowMs += hourMs
    expect((await run()).stripeMismatches).toEqual([])
    nowMs += 400 * hourMs
    expect(await stripe.control({ dispute: { payment_intent } })).toMatchObject({ dispute_id: id })
    nowMs += hourMs
    expect((await run({}, nowMs - 72 * hourMs)).stripeMismatches).toEqual([
      expect.objectContaining({ kind: 'dispute_not_booked', transactionId, takenBackId: id }),
    ])
  })

  it('is found where a dispute that took credits was won, until they are given back', async () => {
    const { transactionId, sessionId } = await payAndCredit()
    const payment_intent = await intentOf(sessionId)
    const { dispute_id: id } = await stripe.control({ dispute: { payment_intent } })
    await book(`dispute#${id}#withdrawn`)
    nowMs += 400 * hourMs
    expect(await stripe.control({ win_dispute: id })).toMatchObject({ dispute_id: id })
    nowMs += hourMs
    const found = async () => (await run({}, nowMs - 72 * hourMs)).stripeMismatches
    expect(await found()).toEqual([
      expect.objectContaining({ kind: 'dispute_not_returned', userId, transactionId, takenBackId: id }),
    ])
    await book(`dispute#${id}#reinstated`, 100)
    expect(await found()).toEqual([])
  })

  it('is no finding where a dispute was won that had taken none', async () => {
    const { sessionId } = await payAndCredit()
    const payment_intent = await intentOf(sessionId)
    await stripe.control({ dispute: { payment_intent, status: 'won' } })
    await expectFound()
  })

  it('is found though the payment was made long before', async () => {
    const { sessionId } = await payAndCredit()
    nowMs += 100 * hourMs
    await stripe.stripe.refunds.create({ payment_intent: await intentOf(sessionId) })
    nowMs += hourMs
    expect((await run({}, nowMs - 2 * hourMs)).stripeMismatches).toMatchObject([
      { kind: 'refund_not_booked' },
    ])
  })
})

it('compares the payments of one account alone where it is told to', async () => {
  await pay()
  const other = await openAccount(test, nowMs)
  nowMs += hourMs
  const reconciliation = createReconciliation(test, stripe, { log })
  expect(await reconciliation.run({ fromMs: startMs, userId: other })).toMatchObject({ stripeMismatches: [] })
  expect(await reconciliation.run({ fromMs: startMs, userId })).toMatchObject({
    stripeMismatches: [{ kind: 'paid_not_credited' }],
  })
})

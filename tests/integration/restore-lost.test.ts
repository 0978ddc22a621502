import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { v7 } from 'uuid'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eraseLate, isProved, type Verified, verify } from '../../ops/restore-verification.ts'
import { Adjustments } from '../../src/domain/adjustments.ts'
import { Purchases } from '../../src/domain/purchases.ts'
import { lazyStripe } from '../../src/upstream/stripe/client.ts'
import { StripePayments } from '../../src/upstream/stripe/payments.ts'
import { createErasure } from '../support/erasure.ts'
import { openAccount, type TestLedger } from '../support/ledger.ts'
import { pressOnCheckout } from '../support/paid-checkout.ts'
import { type RestoredTables, startRestoredTables } from '../support/restored-tables.ts'
import { silent } from '../support/silent-log.ts'
import { SECRET_KEY } from '../support/stripe-stand-in.ts'

const dayMs = 24 * 3_600_000
const atMs = Date.now()
const actor = 'arn:aws:iam::123456789012:user/ann'
const reason = 'It cost $5 too much'
const tomorrow = new Date(atMs + dayMs).toISOString()

let stripeMs = atMs
let test: RestoredTables
let userId: string

beforeAll(async () => {
  test = await startRestoredTables(atMs, () => stripeMs)
})

afterAll(() => test.close())

afterEach(() => test.empty())

beforeEach(async () => {
  stripeMs = atMs
  userId = await openAccount(test.serving, atMs)
})

const adjustmentsIn = (ledger: TestLedger): Adjustments =>
  new Adjustments({ ...ledger, backoff: async () => undefined, log: silent })

/** What staff does where it serves, after the moment that is restored. */
const adjust = (credits: number, transaction_id = v7()) =>
  adjustmentsIn(test.serving).adjust(userId, { transaction_id, credits, reason, actor })

const grant = (expires_at = tomorrow, transaction_id = v7()) =>
  adjustmentsIn(test.serving).grant(userId, { transaction_id, credits: 30, reason, actor, expires_at })

/** A purchase that is paid at Stripe, some days ago, and not credited. */
const pay = async (daysAgo: number) => {
  stripeMs = atMs - daysAgo * dayMs
  const load = lazyStripe({ secretKey: SECRET_KEY, apiUrl: test.stripe.origin })
  const [successUrl, cancelUrl] = ['http://127.0.0.1/success', 'http://127.0.0.1/cancel']
  const payments = new StripePayments({ load, stage: 'test', successUrl, cancelUrl })
  const transactionId = v7({ msecs: stripeMs })
  const purchases = new Purchases({ ...test.serving, now: () => stripeMs, payments, log: silent })
  const { session_id: sessionId } = await purchases.start(userId, transactionId, 'starter')
  await pressOnCheckout(test.stripe, sessionId)
  return { transactionId, sessionId }
}

const credit = async ({ transactionId, sessionId }: Awaited<ReturnType<typeof pay>>) => {
  const row = await test.serving.store.readTransaction(transactionId)
  if (!row) throw new Error('There is no such purchase.')
  await test.serving.ledger.creditPurchase(row, { sessionId, paidAt: new Date(stripeMs).toISOString() })
}

const refund = async (sessionId: string): Promise<string> => {
  const { stripe } = test.stripe
  const { payment_intent } = await stripe.checkout.sessions.retrieve(sessionId)
  return (await stripe.refunds.create({ payment_intent: String(payment_intent) })).id
}

const run = (): Promise<Verified> => verify(test.operation(), test.plan())

/** Every command that makes up for something of the listener's. */
const remediesOf = ({ lost, missed }: Verified): readonly string[] => [
  ...lost.movements.filter(({ row }) => row.userId === userId).map(({ remedy }) => remedy),
  ...missed.filter(payment => payment.userId === userId).map(({ remedy }) => remedy),
]

describe('what staff did after the moment', () => {
  it('is told with the command that does the same again, once', async () => {
    await test.restore()
    const { row } = await adjust(50)
    const { row: given } = await grant()
    const verified = await run()
    expect(isProved(verified)).toBe(true)
    expect(remediesOf(verified)).toEqual([
      `adjust ${userId} 50 --reason '${reason}' --id ${row.transactionId} --apply`,
      `grant ${userId} 30 --expires ${tomorrow} --reason '${reason}' --id ${given.transactionId} --apply`,
    ])
  })

  it('is not told once it was done again', async () => {
    await test.restore()
    const { row } = await adjust(50)
    const { transactionId: transaction_id } = row
    await adjustmentsIn(test.restored).adjust(userId, { transaction_id, credits: 50, reason, actor })
    expect(remediesOf(await run())).toEqual([])
  })

  it('is told for what was refunded long before, and booked late', async () => {
    const payment = await pay(10)
    await credit(payment)
    const refundId = await refund(payment.sessionId)
    await test.restore()
    await adjust(-500, `refund#${refundId}`)
    expect(remediesOf(await run())).toEqual([
      `adjust ${userId} -500 --reason '${reason}' --books ${refundId} --apply`,
    ])
  })

  it('is not told where what it took was given back', async () => {
    const payment = await pay(10)
    await credit(payment)
    const refundId = await refund(payment.sessionId)
    await test.restore()
    await adjust(-500, `refund#${refundId}`)
    await test.stripe.control({ fail_refund: refundId })
    await adjust(500, `refund#${refundId}#failed`)
    expect(remediesOf(await run())).toEqual([])
  })

  it('is told for a payment long before that was credited late', async () => {
    const payment = await pay(10)
    await test.restore()
    await credit(payment)
    const verified = await run()
    expect(remediesOf(verified)).toEqual([expect.stringMatching(/^replay evt_\w+ --apply$/)])
  })

  it('is told for a payment that is older than what Stripe is asked for', async () => {
    const payment = await pay(80)
    await test.restore()
    await credit(payment)
    expect(remediesOf(await run())).toEqual([
      `adjust ${userId} 500 --reason Paid --books ${payment.sessionId} --apply`,
    ])
  })

  it('is told again after the switch, with what came between', async () => {
    await test.restore()
    await adjust(50)
    const verified = await run()
    await adjust(60)
    const after = await eraseLate(test.operation(), test.plan(), verified)
    expect(after.lost.movements.map(({ row }) => row.credits)).toEqual([50, 60])
  })

  it('is left out where nobody can spend it any more', async () => {
    await test.restore()
    await grant(new Date(Date.now() + 200).toISOString())
    await adjust(50)
    await createErasure(test.serving, test.stripe, test.vendors).run(userId)
    await new Promise(resolve => setTimeout(resolve, 250))
    expect(remediesOf(await run())).toEqual([])
  })

  it('is counted where it can not be read', async () => {
    await test.restore()
    const { row } = await adjust(50)
    const { client, tables } = test.serving.database
    await client.send(
      new UpdateCommand({
        TableName: tables.transactions,
        Key: { transaction_id: row.transactionId },
        UpdateExpression: 'REMOVE credits',
      }),
    )
    expect((await run()).lost).toEqual({ movements: [], unreadable: 1 })
  })

  it('is for another account of theirs where that one is gone', async () => {
    await test.restore()
    userId = await openAccount(test.serving, Date.now())
    const { row } = await adjust(50)
    await credit(await pay(0))
    expect(remediesOf(await run())).toEqual([
      `adjust <who> 50 --reason '${reason}' --id ${row.transactionId} --apply`,
      expect.stringMatching(/^adjust <who> 500 --reason Paid --books cs_\w+ --apply$/),
    ])
  })
})

it('is for another account of theirs, too, where their payment was credited nowhere', async () => {
  await test.restore()
  userId = await openAccount(test.serving, Date.now())
  const { sessionId } = await pay(1)
  expect(remediesOf(await run())).toEqual([
    `adjust <who> <credits> --reason "Paid" --books ${sessionId} --apply`,
  ])
})

describe('an account that is not there, and whose rows are', () => {
  it('keeps restored tables from being taken for proved', async () => {
    await test.restore()
    const { client, tables } = test.restored.database
    await client.send(new DeleteCommand({ TableName: tables.users, Key: { user_id: userId } }))
    const verified = await run()
    expect(verified.differences.ownerless).toEqual([userId])
    expect(isProved(verified)).toBe(false)
  })
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { lazyStripe } from '../../../../src/upstream/stripe/client.ts'
import { StripeCustomerDeletion } from '../../../../src/upstream/stripe/customer-deletion.ts'
import { startVendorServer, type VendorServer } from '../../support/vendor-server.ts'

const nowMs = 1_780_000_000_000
const dayMs = 24 * 3_600_000
let vendor: VendorServer

beforeAll(async () => {
  vendor = await startVendorServer()
})

afterAll(() => vendor.close())

const listOf = (...data: object[]) => ({ body: { object: 'list', data, has_more: false } })

const findPending = async (session: object): Promise<readonly string[]> => {
  const created = nowMs / 1_000
  const complete = { id: 'cs_1', object: 'checkout.session', status: 'complete', created, ...session }
  vendor.replies = [
    listOf({ id: 'cus_1', object: 'customer', metadata: { user_id: 'user-1', stage: 'test' } }),
    listOf(),
    listOf(complete),
  ]
  const [customer] = await new StripeCustomerDeletion({
    load: lazyStripe({ secretKey: 'sk_test_1', apiUrl: vendor.url }),
    stage: 'test',
    now: () => nowMs,
  }).find({ userId: 'user-1', email: 'ann@example.com', stripeCustomerId: 'cus_1' })
  return customer?.pendingSessionIds ?? []
}

const unpaid = (status: string) => ({ payment_status: 'unpaid', payment_intent: { id: 'pi_1', status } })

test.each(['processing', 'requires_action', 'requires_confirmation', 'requires_capture', 'succeeded', 'new'])(
  'money may yet come of an unpaid session whose intent is %s',
  async status => {
    expect(await findPending(unpaid(status))).toEqual(['cs_1'])
  },
)

test.each(['canceled', 'requires_payment_method'])(
  'none comes of an unpaid session whose intent is %s',
  async status => {
    expect(await findPending(unpaid(status))).toEqual([])
  },
)

test.each([
  [6, ['cs_1']],
  [8, []],
])('of a transfer that nobody sends, money may come for %i days: %j', async (daysAgo, pending) => {
  const created = (nowMs - daysAgo * dayMs) / 1_000
  expect(await findPending({ ...unpaid('requires_action'), created })).toEqual(pending)
})

test('none is on its way of a session that is paid, or was free', async () => {
  const intent = { id: 'pi_1', status: 'succeeded' }
  expect(await findPending({ payment_status: 'paid', payment_intent: intent })).toEqual([])
  expect(await findPending({ payment_status: 'no_payment_required', payment_intent: null })).toEqual([])
})

test('an unpaid session that does not tell its intent is taken for one whose money may come', async () => {
  expect(await findPending({ payment_status: 'unpaid', payment_intent: null })).toEqual(['cs_1'])
})

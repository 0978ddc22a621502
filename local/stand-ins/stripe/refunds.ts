import type { Stripe } from 'stripe'
import * as z from 'zod'
import { type Account, nowSeconds } from './account.ts'
import { refundedAmount, toCharge } from './charges.ts'
import { byId, type RefundRecord } from './data.ts'
import { invalidRequest, noSuch } from './errors.ts'
import { emit } from './events.ts'
import { newId } from './ids.ts'
import { listPage, listParams, matchesCreated } from './lists.ts'
import { formatAmount } from './money.ts'
import { type Call, operation } from './operations.ts'
import { createdFilter, expand, integer, mergeMetadata, metadata, text } from './params.ts'
import { findPaymentIntent, toPaymentIntent } from './payment-intents.ts'
import type { Wire } from './wire.ts'

const createParams = z.strictObject({
  payment_intent: text(255),
  amount: integer({ min: 1 }).optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  metadata: metadata.optional(),
  expand: expand('payment_intent'),
})

/** `/v1/refunds`: create for a payment intent, retrieve, list. A refund succeeds at once. */
export const refundOperations = [
  operation({
    method: 'POST',
    path: '/refunds',
    params: createParams,
    run: (call, params) => toRefund(call.account, createRefund(call, params), params.expand),
  }),
  operation({
    method: 'GET',
    path: '/refunds',
    params: z.strictObject({
      ...listParams,
      created: createdFilter.optional(),
      payment_intent: text(255).optional(),
      expand: expand('data.payment_intent'),
    }),
    run({ account }, params) {
      const rows = Object.values(account.data.refunds).filter(
        refund =>
          matchesCreated(refund.created, params.created) &&
          (params.payment_intent === undefined || params.payment_intent === refund.paymentIntentId),
      )
      const expanded = params.expand.map(name => name.replace('data.', ''))
      return listPage(rows, params, {
        url: '/v1/refunds',
        what: 'refund',
        render: refund => toRefund(account, refund, expanded),
      })
    },
  }),
  operation({
    method: 'GET',
    path: '/refunds/:id',
    params: z.strictObject({ expand: expand('payment_intent') }),
    run({ account, id }, params) {
      const refund = byId(account.data.refunds, id)
      if (refund === undefined) throw noSuch('refund', id)
      return toRefund(account, refund, params.expand)
    },
  }),
]

function createRefund(call: Call, params: z.output<typeof createParams>): RefundRecord {
  const { account } = call
  const intent = findPaymentIntent(account, params.payment_intent)
  const charge = toCharge(account, intent)
  const left = intent.status === 'succeeded' ? intent.amount - refundedAmount(account, intent) : 0
  if (charge === null || left === 0) {
    throw invalidRequest('This PaymentIntent does not have a successful charge to refund.', {
      code: 'charge_already_refunded',
    })
  }
  const amount = params.amount ?? left
  if (amount > left) {
    throw invalidRequest(
      `Refund amount (${formatAmount(amount, intent.currency)}) is greater than unrefunded amount on charge (${formatAmount(left, intent.currency)})`,
      { param: 'amount' },
    )
  }
  const refund: RefundRecord = {
    id: newId('re'),
    created: nowSeconds(account),
    paymentIntentId: intent.id,
    amount,
    reason: params.reason ?? null,
    metadata: mergeMetadata({}, params.metadata),
  }
  account.data.refunds[refund.id] = refund
  emit(account, 'refund.created', toRefund(account, refund), { by: call })
  emit(account, 'charge.refunded', toCharge(account, intent) ?? charge, { by: call })
  return refund
}

function toRefund(
  account: Account,
  record: RefundRecord,
  expanded: readonly string[] = [],
): Wire<Stripe.Refund> {
  const intent = findPaymentIntent(account, record.paymentIntentId)
  return {
    id: record.id,
    object: 'refund',
    amount: record.amount,
    balance_transaction: null,
    charge: intent.latestChargeId,
    created: record.created,
    currency: intent.currency,
    customer: intent.customerId,
    customer_account: null,
    metadata: record.metadata,
    payment_intent: expanded.includes('payment_intent') ? toPaymentIntent(intent) : intent.id,
    payment_method: intent.paymentMethodId,
    reason: record.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  } satisfies Wire<Stripe.Refund>
}

import type { Stripe } from 'stripe'
import * as z from 'zod'
import { type Account, nowSeconds } from './account.ts'
import { refundedAmount, toCharge } from './charges.ts'
import type { RefundRecord } from './data.ts'
import { invalidRequest } from './errors.ts'
import { emit } from './events.ts'
import { newId } from './ids.ts'
import { formatAmount } from './money.ts'
import { type Call, operation } from './operations.ts'
import { expand, integer, mergeMetadata, metadata, text } from './params.ts'
import { findPaymentIntent, toPaymentIntent } from './payment-intents.ts'
import { reversalOperations } from './reversal-operations.ts'
import type { Wire } from './wire.ts'

const createParams = z.strictObject({
  payment_intent: text(255),
  amount: integer({ min: 1 }).optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  metadata: metadata.optional(),
  expand: expand('payment_intent'),
})

/** `/v1/refunds`: create for a payment intent, retrieve, list. A refund succeeds at once, and may fail later. */
export const refundOperations = [
  operation({
    method: 'POST',
    path: '/refunds',
    params: createParams,
    run: (call, params) => toRefund(call.account, createRefund(call, params), params.expand),
  }),
  ...reversalOperations({ what: 'refund', rowsOf: account => account.data.refunds, render: toRefund }),
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
    // Of what was not paid by card it is `pyr_…`.
    id: newId(intent.latestChargeId?.startsWith('py_') ? 'pyr' : 're'),
    created: nowSeconds(account),
    paymentIntentId: intent.id,
    amount,
    status: 'succeeded',
    reason: params.reason ?? null,
    metadata: mergeMetadata({}, params.metadata),
  }
  account.data.refunds[refund.id] = refund
  emit(account, 'refund.created', toRefund(account, refund), { by: call })
  emit(account, 'charge.refunded', toCharge(account, intent) ?? charge, { by: call })
  return refund
}

/** The bank could not take it: the money is back with whoever refunded it. */
export function failRefund(account: Account, refund: RefundRecord): void {
  refund.status = 'failed'
  emit(account, 'refund.failed', toRefund(account, refund))
}

/** Whoever made it has called it off before it reached the buyer. */
export function cancelRefund(account: Account, refund: RefundRecord): void {
  refund.status = 'canceled'
  emit(account, 'refund.updated', toRefund(account, refund))
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
    status: record.status,
    transfer_reversal: null,
  } satisfies Wire<Stripe.Refund>
}

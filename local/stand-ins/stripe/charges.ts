import type { Stripe } from 'stripe'
import type { Account } from './account.ts'
import type { DisputeRecord, PaymentIntentRecord, RefundRecord } from './data.ts'
import type { Wire } from './wire.ts'

/** What was given back of a payment. */
export function refundsOf(account: Account, intent: PaymentIntentRecord): RefundRecord[] {
  return Object.values(account.data.refunds).filter(refund => refund.paymentIntentId === intent.id)
}

function disputesOf(account: Account, intent: PaymentIntentRecord): DisputeRecord[] {
  return Object.values(account.data.disputes).filter(dispute => dispute.paymentIntentId === intent.id)
}

/** What was given back of a payment so far, in the currency's smallest unit. */
export function refundedAmount(account: Account, intent: PaymentIntentRecord): number {
  const standing = refundsOf(account, intent).filter(({ status }) => status === 'succeeded')
  return standing.reduce((sum, refund) => sum + refund.amount, 0)
}

/** A payment intent's latest charge as JSON; null before the first attempt to pay. */
export function toCharge(account: Account, intent: PaymentIntentRecord): Wire<Stripe.Charge> | null {
  if (intent.latestChargeId === null) return null
  const paid = intent.status === 'succeeded'
  const refunded = refundedAmount(account, intent)
  return {
    id: intent.latestChargeId,
    object: 'charge',
    amount: intent.amount,
    amount_captured: paid ? intent.amount : 0,
    amount_refunded: refunded,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: null,
    captured: paid,
    created: intent.chargedAt ?? intent.created,
    currency: intent.currency,
    customer: intent.customerId,
    description: intent.description,
    disputed: disputesOf(account, intent).length > 0,
    failure_balance_transaction: null,
    failure_code: intent.lastError?.code ?? null,
    failure_message: intent.lastError?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: null,
    paid,
    payment_intent: intent.id,
    payment_method: intent.paymentMethodId,
    payment_method_details: null,
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: refunded === intent.amount,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: chargeStatus(intent),
    transfer_data: null,
    transfer_group: null,
  } as const satisfies Wire<Stripe.Charge>
}

function chargeStatus({ status }: PaymentIntentRecord): 'succeeded' | 'pending' | 'failed' {
  if (status === 'succeeded') return 'succeeded'
  return status === 'processing' ? 'pending' : 'failed'
}

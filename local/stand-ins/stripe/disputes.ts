import type { Stripe } from 'stripe'
import { type Account, nowSeconds } from './account.ts'
import type { DisputeRecord, PaymentIntentRecord } from './data.ts'
import { emit } from './events.ts'
import { newId } from './ids.ts'
import { findPaymentIntent, toPaymentIntent } from './payment-intents.ts'
import { reversalOperations } from './reversal-operations.ts'
import type { Wire } from './wire.ts'

const DAYS_TO_ANSWER = 9

/** The payer's bank takes a payment back: there is no API for that, it happens. */
export function openDispute(
  account: Account,
  intent: PaymentIntentRecord,
  status: DisputeRecord['status'],
): DisputeRecord {
  const dispute: DisputeRecord = {
    id: newId('du'),
    created: nowSeconds(account),
    paymentIntentId: intent.id,
    amount: intent.amount,
    status,
  }
  account.data.disputes[dispute.id] = dispute
  emit(account, 'charge.dispute.created', toDispute(account, dispute))
  if (!isInquiry(status)) emit(account, 'charge.dispute.funds_withdrawn', toDispute(account, dispute))
  return dispute
}

/** The bank was not content with the answer to its inquiry, and takes the payment back after all. */
export function escalate(account: Account, inquiry: DisputeRecord, status: DisputeRecord['status']): void {
  inquiry.status = status
  emit(account, 'charge.dispute.updated', toDispute(account, inquiry))
  emit(account, 'charge.dispute.funds_withdrawn', toDispute(account, inquiry))
}

/** The bank gives a payment back that it had taken. */
export function win(account: Account, dispute: DisputeRecord): void {
  dispute.status = 'won'
  emit(account, 'charge.dispute.funds_reinstated', toDispute(account, dispute))
  emit(account, 'charge.dispute.closed', toDispute(account, dispute))
}

/** A bank's question about a payment: no money has moved. */
export const isInquiry = (status: DisputeRecord['status']): boolean => status.startsWith('warning_')

/** `/v1/disputes`: retrieve, list. */
export const disputeOperations = reversalOperations({
  what: 'dispute',
  rowsOf: account => account.data.disputes,
  render: toDispute,
})

function toDispute(
  account: Account,
  record: DisputeRecord,
  expanded: readonly string[] = [],
): Wire<Stripe.Dispute> {
  const intent = findPaymentIntent(account, record.paymentIntentId)
  const isOpen = record.status === 'needs_response' || record.status === 'warning_needs_response'
  return {
    id: record.id,
    object: 'dispute',
    amount: record.amount,
    balance_transactions: [],
    charge: intent.latestChargeId ?? '',
    created: record.created,
    currency: intent.currency,
    enhanced_eligibility_types: [],
    evidence: NO_EVIDENCE,
    evidence_details: {
      due_by: isOpen ? record.created + DAYS_TO_ANSWER * 86_400 : null,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: record.status === 'warning_needs_response',
    livemode: false,
    metadata: {},
    payment_intent: expanded.includes('payment_intent') ? toPaymentIntent(intent) : intent.id,
    reason: 'general',
    status: record.status,
  } satisfies Wire<Stripe.Dispute>
}

const NO_EVIDENCE = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
} satisfies Wire<Stripe.Dispute.Evidence>

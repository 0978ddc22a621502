import type { Stripe } from 'stripe'
import * as z from 'zod'
import type { Account } from './account.ts'
import { toCharge } from './charges.ts'
import { toCustomerOrDeleted } from './customers.ts'
import { byId, type PaymentIntentRecord } from './data.ts'
import { noSuch } from './errors.ts'
import { operation } from './operations.ts'
import { expand } from './params.ts'
import type { Wire } from './wire.ts'

/** The payment intent with this id. */
export function findPaymentIntent(account: Account, id: string): PaymentIntentRecord {
  const intent = byId(account.data.paymentIntents, id)
  if (intent === undefined) throw noSuch('payment_intent', id)
  return intent
}

/** How the buyer's bank sends a transfer, by currency. Elsewhere the Checkout page offers none. */
const TRANSFER_TYPES = new Map<
  string,
  Stripe.PaymentIntent.NextAction.DisplayBankTransferInstructions['type']
>([
  ['usd', 'us_bank_transfer'],
  ['eur', 'eu_bank_transfer'],
  ['gbp', 'gb_bank_transfer'],
])

/** The bank transfer that a session in this currency offers. */
export function transferTypeOf(currency: string) {
  return TRANSFER_TYPES.get(currency)
}

/** A payment intent as JSON. */
export function toPaymentIntent(record: PaymentIntentRecord): Wire<Stripe.PaymentIntent> {
  return {
    id: record.id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: record.amount,
    amount_capturable: 0,
    amount_received: record.status === 'succeeded' ? record.amount : 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: record.canceledAt,
    cancellation_reason: record.status === 'canceled' ? 'automatic' : null,
    capture_method: 'automatic_async',
    client_secret: `${record.id}_secret_${record.id.slice(-16)}`,
    confirmation_method: 'automatic',
    created: record.created,
    currency: record.currency,
    customer: record.customerId,
    customer_account: null,
    description: record.description,
    excluded_payment_method_types: null,
    last_payment_error: toLastPaymentError(record),
    latest_charge: record.latestChargeId,
    livemode: false,
    managed_payments: null,
    metadata: record.metadata,
    next_action: toNextAction(record),
    on_behalf_of: null,
    payment_method: record.paymentMethodId,
    payment_method_configuration_details: null,
    payment_method_options: { card: emptyCardOptions },
    payment_method_types: record.methodTypes,
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: record.status,
    transfer_group: null,
  } satisfies Wire<Stripe.PaymentIntent>
}

/** `GET /v1/payment_intents/:id`. */
export const paymentIntentOperations = [
  operation({
    method: 'GET',
    path: '/payment_intents/:id',
    params: z.strictObject({ expand: expand('customer', 'latest_charge') }),
    run({ account, id }, params) {
      const intent = findPaymentIntent(account, id)
      const customer = byId(account.data.customers, intent.customerId)
      const expandsCustomer = customer !== undefined && params.expand.includes('customer')
      return {
        ...toPaymentIntent(intent),
        ...(expandsCustomer ? { customer: toCustomerOrDeleted(customer) } : {}),
        ...(params.expand.includes('latest_charge') ? { latest_charge: toCharge(account, intent) } : {}),
      }
    },
  }),
]

const emptyCardOptions = {
  installments: null,
  mandate_options: null,
  network: null,
  request_three_d_secure: 'automatic',
} satisfies Wire<Stripe.PaymentIntent.PaymentMethodOptions.Card>

/** Until the money has come, the buyer is told where to send it. */
function toNextAction(record: PaymentIntentRecord): Wire<Stripe.PaymentIntent.NextAction> | null {
  const type = transferTypeOf(record.currency)
  if (record.status !== 'requires_action' || type === undefined) return null
  return {
    type: 'display_bank_transfer_instructions',
    display_bank_transfer_instructions: {
      amount_remaining: record.amount,
      currency: record.currency,
      hosted_instructions_url: null,
      reference: record.id.slice(-12).toUpperCase(),
      type,
    },
  }
}

function toLastPaymentError(record: PaymentIntentRecord): Wire<Stripe.PaymentIntent.LastPaymentError> | null {
  if (record.lastError === null) return null
  const { code, declineCode, message, methodType } = record.lastError
  return {
    ...(record.latestChargeId === null ? {} : { charge: record.latestChargeId }),
    code,
    ...(declineCode === null ? {} : { decline_code: declineCode }),
    doc_url: `https://docs.stripe.com/error-codes#${code.replaceAll('_', '-')}`,
    message,
    payment_method_type: methodType,
    type: methodType === 'card' ? 'card_error' : 'invalid_request_error',
  }
}

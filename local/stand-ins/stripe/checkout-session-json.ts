import type { Stripe } from 'stripe'
import type { Account } from './account.ts'
import { toCharge } from './charges.ts'
import { toCustomerOrDeleted } from './customers.ts'
import { byId, type SessionRecord } from './data.ts'
import { findPaymentIntent, toPaymentIntent, transferTypeOf } from './payment-intents.ts'
import { findPrice, toPrice } from './prices.ts'
import type { Wire } from './wire.ts'

/**
 * Payment methods that confirm days after the customer is done, by currency. Elsewhere the Checkout page
 * offers cards only.
 */
const DELAYED_METHODS = new Map([
  ['usd', 'us_bank_account'],
  ['eur', 'sepa_debit'],
  ['gbp', 'bacs_debit'],
  ['cad', 'acss_debit'],
  ['aud', 'au_becs_debit'],
])

/** The delayed payment method that a session in this currency offers. */
export function delayedMethodOf(currency: string): string | undefined {
  return DELAYED_METHODS.get(currency)
}

/** The payment methods that a session in this currency offers. */
export function methodTypesOf(currency: string): string[] {
  const delayed = delayedMethodOf(currency)
  const transfer = transferTypeOf(currency) && 'customer_balance'
  return ['card', delayed, transfer].filter(method => method !== undefined)
}

/** Where the customer pays for this session. */
export function checkoutUrl(account: Account, session: SessionRecord): string {
  return `${account.publicUrl}/c/pay/${session.id}`
}

/**
 * A session as JSON. `expand` may hold `customer`, `line_items`, `payment_intent` and
 * `payment_intent.latest_charge`; line items are left out without it.
 */
export function toSession(
  account: Account,
  record: SessionRecord,
  expand: readonly string[] = [],
): Wire<Stripe.Checkout.Session> {
  return {
    id: record.id,
    object: 'checkout.session',
    adaptive_pricing: null,
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: record.amountTotal,
    amount_total: record.amountTotal,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: record.cancelUrl,
    client_reference_id: record.clientReferenceId,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: record.created,
    currency: record.currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer: customerOf(account, record, expand.includes('customer')),
    customer_account: null,
    customer_creation: record.customerId === null ? 'if_required' : null,
    customer_details: customerDetailsOf(account, record),
    customer_email: record.customerEmail,
    discounts: [],
    expires_at: record.expiresAt,
    integration_identifier: null,
    invoice: null,
    invoice_creation: NO_INVOICE,
    ...(expand.includes('line_items') ? { line_items: lineItemsOf(account, record) } : {}),
    livemode: false,
    locale: record.locale,
    managed_payments: null,
    metadata: record.metadata,
    mode: 'payment',
    origin_context: null,
    payment_intent: paymentIntentOf(account, record, expand),
    payment_link: null,
    payment_method_collection: 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: methodTypesOf(record.currency),
    payment_status: record.paymentStatus,
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: record.status,
    submit_type: null,
    subscription: null,
    success_url: record.successUrl,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: record.status === 'open' ? checkoutUrl(account, record) : null,
    wallet_options: null,
  } satisfies Wire<Stripe.Checkout.Session>
}

const NO_INVOICE = {
  enabled: false,
  invoice_data: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: null,
    metadata: {},
    rendering_options: null,
  },
} satisfies Wire<Stripe.Checkout.Session.InvoiceCreation>

function customerOf(account: Account, record: SessionRecord, expanded: boolean) {
  const customer = byId(account.data.customers, record.customerId)
  return customer !== undefined && expanded ? toCustomerOrDeleted(customer) : record.customerId
}

function paymentIntentOf(account: Account, record: SessionRecord, expand: readonly string[]) {
  const withCharge = expand.includes('payment_intent.latest_charge')
  const expanded = withCharge || expand.includes('payment_intent')
  if (record.paymentIntentId === null || !expanded) return record.paymentIntentId
  const intent = findPaymentIntent(account, record.paymentIntentId)
  if (!withCharge) return toPaymentIntent(intent)
  return { ...toPaymentIntent(intent), latest_charge: toCharge(account, intent) }
}

function customerDetailsOf(
  account: Account,
  record: SessionRecord,
): Wire<Stripe.Checkout.Session.CustomerDetails> | null {
  const customer = byId(account.data.customers, record.customerId)
  const email = customer?.email ?? record.customerEmail
  if (email === null && record.status !== 'complete') return null
  return {
    address: null,
    business_name: null,
    email,
    individual_name: null,
    name: customer?.name ?? null,
    phone: customer?.phone ?? null,
    tax_exempt: 'none',
    tax_ids: null,
  }
}

function lineItemsOf(account: Account, record: SessionRecord): Wire<Stripe.ApiList<Stripe.LineItem>> {
  const data = record.lineItems.map(item => {
    const price = findPrice(account, item.priceId)
    const amount = price.unitAmount * item.quantity
    return {
      id: item.id,
      object: 'item',
      adjustable_quantity: null,
      amount_discount: 0,
      amount_subtotal: amount,
      amount_tax: 0,
      amount_total: amount,
      currency: price.currency,
      description: price.productName,
      metadata: item.metadata,
      price: toPrice(price),
      quantity: item.quantity,
    } satisfies Wire<Stripe.LineItem>
  })
  return { object: 'list', data, has_more: false, url: `/v1/checkout/sessions/${record.id}/line_items` }
}

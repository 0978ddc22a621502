import type { Stripe } from 'stripe'
import { type Account, nowSeconds } from './account.ts'
import type { CustomerRecord, EventRecord } from './data.ts'
import { emit } from './events.ts'
import { newId } from './ids.ts'
import type { Wire } from './wire.ts'

const PERIOD_SECONDS = 30 * 24 * 60 * 60
const RETRY_AFTER_SECONDS = 3 * 24 * 60 * 60

/**
 * Emits `invoice.payment_failed` for a monthly invoice of `customer` in US dollars whose first charge was
 * declined, as Stripe does when a renewal fails.
 */
export function emitInvoicePaymentFailed(
  account: Account,
  customer: CustomerRecord,
  amountCents: number,
): EventRecord {
  return emit(account, 'invoice.payment_failed', failedInvoice(account, customer, amountCents))
}

function failedInvoice(
  account: Account,
  customer: CustomerRecord,
  amountCents: number,
): Wire<Stripe.Invoice> {
  const id = newId('in')
  const now = nowSeconds(account)
  const subscription = newId('sub')
  return {
    id,
    object: 'invoice',
    account_country: 'US',
    account_name: null,
    account_tax_ids: null,
    amount_due: amountCents,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: amountCents,
    amount_shipping: 0,
    application: null,
    attempt_count: 1,
    attempted: true,
    auto_advance: true,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: 'subscription_cycle',
    collection_method: 'charge_automatically',
    created: now,
    currency: 'usd',
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: null,
    customer_email: customer.email,
    customer_name: customer.name,
    customer_phone: customer.phone,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: now,
    ending_balance: 0,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: listOf(`/v1/invoices/${id}/lines`, invoiceLine({ id, subscription, amountCents, now })),
    livemode: false,
    metadata: {},
    next_payment_attempt: now + RETRY_AFTER_SECONDS,
    number: `${customer.id.slice(-8).toUpperCase()}-0001`,
    on_behalf_of: null,
    parent: {
      quote_details: null,
      subscription_details: { metadata: {}, subscription },
      type: 'subscription_details',
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    payments: listOf('/v1/invoice_payments', openPayment({ id, amountCents, now })),
    period_end: now,
    period_start: now - PERIOD_SECONDS,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'open',
    status_transitions: { finalized_at: now, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: amountCents,
    subtotal_excluding_tax: amountCents,
    test_clock: null,
    total: amountCents,
    total_discount_amounts: [],
    total_excluding_tax: amountCents,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: now,
  } satisfies Wire<Stripe.Invoice>
}

function invoiceLine(of: { id: string; subscription: string; amountCents: number; now: number }) {
  return {
    id: newId('il'),
    object: 'line_item',
    amount: of.amountCents,
    currency: 'usd',
    description: '1 × monthly plan',
    discount_amounts: [],
    discountable: true,
    discounts: [],
    invoice: of.id,
    livemode: false,
    metadata: {},
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: false,
        proration_details: null,
        subscription: of.subscription,
        subscription_item: newId('si', 14),
      },
      type: 'subscription_item_details',
    },
    period: { start: of.now, end: of.now + PERIOD_SECONDS },
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: newId('price'), product: newId('prod', 14) },
      type: 'price_details',
      unit_amount_decimal: String(of.amountCents),
    },
    quantity: 1,
    quantity_decimal: '1',
    subscription: of.subscription,
    subtotal: of.amountCents,
    taxes: [],
  } satisfies Wire<Stripe.InvoiceLineItem>
}

function openPayment(of: { id: string; amountCents: number; now: number }) {
  return {
    id: newId('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: of.amountCents,
    created: of.now,
    currency: 'usd',
    invoice: of.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: newId('pi'), type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  } satisfies Wire<Stripe.InvoicePayment>
}

function listOf<Item>(url: string, item: Item) {
  return { object: 'list' as const, data: [item], has_more: false, url }
}

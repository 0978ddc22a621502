import type { Stripe } from 'stripe'
import * as z from 'zod'
import { type Account, nowSeconds } from './account.ts'
import { expireSession } from './checkout.ts'
import { toSession } from './checkout-session-json.ts'
import { findCustomer } from './customers.ts'
import { byId, type PriceRecord, type SessionRecord } from './data.ts'
import { invalidRequest, noSuch } from './errors.ts'
import { newId } from './ids.ts'
import { listPage, listParams, matchesCreated } from './lists.ts'
import { formatAmount } from './money.ts'
import { type Call, operation } from './operations.ts'
import {
  clearableEmail,
  createdFilter,
  expand,
  integer,
  mergeMetadata,
  metadata,
  text,
  url,
} from './params.ts'
import { findPrice, MAX_AMOUNT, newPrice, priceData } from './prices.ts'

const MIN_LIFE_SECONDS = 30 * 60
const MAX_LIFE_SECONDS = 24 * 60 * 60
/** Stripe's smallest charge is 50 cents or about as much: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const MIN_CHARGE = 50
const EXPANDABLE = ['customer', 'line_items', 'payment_intent', 'payment_intent.latest_charge']

const lineItem = z.strictObject({
  price: text(255).optional(),
  price_data: priceData.optional(),
  quantity: integer({ min: 1, max: 999_999 }),
  metadata: metadata.optional(),
})

const createParams = z.strictObject({
  mode: z.enum(['payment'] satisfies Stripe.Checkout.Session.Mode[]),
  ui_mode: z.enum(['hosted_page'] satisfies Stripe.Checkout.Session.UiMode[]).optional(),
  line_items: z.array(lineItem).min(1).max(100),
  currency: text(3).optional(),
  customer: text(255).optional(),
  customer_email: clearableEmail.optional(),
  client_reference_id: text(200).optional(),
  metadata: metadata.optional(),
  payment_intent_data: z
    .strictObject({ metadata: metadata.optional(), description: text(1_000).optional() })
    .optional(),
  success_url: url,
  cancel_url: url.optional(),
  expires_at: integer().optional(),
  locale: text(10).optional(),
  expand: expand(...EXPANDABLE),
})

type CreateParams = z.output<typeof createParams>

/** `/v1/checkout/sessions`: create, retrieve, list, expire. Payments only, on the hosted page. */
export const checkoutSessionOperations = [
  operation({
    method: 'POST',
    path: '/checkout/sessions',
    params: createParams,
    run: (call, params) => toSession(call.account, createSession(call, params), params.expand),
  }),
  operation({
    method: 'GET',
    path: '/checkout/sessions',
    params: z.strictObject({
      ...listParams,
      created: createdFilter.optional(),
      customer: text(255).optional(),
      customer_details: z.strictObject({ email: text(512) }).optional(),
      payment_intent: text(255).optional(),
      status: z.enum(['open', 'complete', 'expired']).optional(),
      expand: expand(...EXPANDABLE.map(name => `data.${name}`)),
    }),
    run({ account }, params) {
      const email = params.customer_details?.email
      const rows = Object.values(account.data.sessions).filter(
        session =>
          matchesCreated(session.created, params.created) &&
          isIfGiven(params.customer, session.customerId) &&
          isIfGiven(params.payment_intent, session.paymentIntentId) &&
          isIfGiven(params.status, session.status) &&
          isIfGiven(email, toSession(account, session).customer_details?.email),
      )
      const expanded = params.expand.map(name => name.replace('data.', ''))
      return listPage(rows, params, {
        url: '/v1/checkout/sessions',
        what: 'checkout.session',
        render: session => toSession(account, session, expanded),
      })
    },
  }),
  operation({
    method: 'GET',
    path: '/checkout/sessions/:id',
    params: z.strictObject({ expand: expand(...EXPANDABLE) }),
    run: ({ account, id }, params) => toSession(account, findSession(account, id), params.expand),
  }),
  operation({
    method: 'POST',
    path: '/checkout/sessions/:id/expire',
    params: z.strictObject({ expand: expand(...EXPANDABLE) }),
    run(call, params) {
      const session = findSession(call.account, call.id)
      if (session.status !== 'open') {
        throw invalidRequest(
          `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of "${session.status}".`,
        )
      }
      expireSession(call.account, session, call)
      return toSession(call.account, session, params.expand)
    },
  }),
]

function findSession(account: Account, id: string): SessionRecord {
  const session = byId(account.data.sessions, id)
  if (session === undefined) throw noSuch('checkout.session', id)
  return session
}

function createSession({ account }: Call, params: CreateParams): SessionRecord {
  if (params.customer !== undefined && params.customer_email !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: customer, customer_email.')
  }
  if (params.customer !== undefined) findCustomer(account, params.customer, 'customer')
  const created = nowSeconds(account)
  const expiresAt = expiryOf(params.expires_at, created)
  const { lineItems, currency, amountTotal } = addLineItems(account, params)

  const session: SessionRecord = {
    id: newId('cs_test', 58),
    created,
    expiresAt,
    status: 'open',
    paymentStatus: 'unpaid',
    currency,
    amountTotal,
    lineItems,
    customerId: params.customer ?? null,
    customerEmail: params.customer_email ?? null,
    clientReferenceId: params.client_reference_id ?? null,
    locale: params.locale ?? null,
    metadata: mergeMetadata({}, params.metadata),
    paymentIntentData: {
      metadata: mergeMetadata({}, params.payment_intent_data?.metadata),
      description: params.payment_intent_data?.description ?? null,
    },
    paymentIntentId: null,
    successUrl: params.success_url,
    cancelUrl: params.cancel_url ?? null,
  }
  account.data.sessions[session.id] = session
  return session
}

function expiryOf(requested: number | undefined, created: number): number {
  if (requested === undefined) return created + MAX_LIFE_SECONDS
  if (requested < created + MIN_LIFE_SECONDS) {
    throw invalidRequest(
      'The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.',
      {
        param: 'expires_at',
      },
    )
  }
  if (requested > created + MAX_LIFE_SECONDS) {
    throw invalidRequest(
      'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.',
      {
        param: 'expires_at',
      },
    )
  }
  return requested
}

type PricedItem = { price: PriceRecord; quantity: number; metadata: Record<string, string> }

/** Checks all line items before it keeps the inline prices, so that a refused session leaves nothing behind. */
function addLineItems(account: Account, params: CreateParams) {
  const priced = params.line_items.map((item, index) => pricedItem(account, item, `line_items[${index}]`))
  const currencies = new Set(priced.map(item => item.price.currency))
  const currency = params.currency?.toLowerCase() ?? priced[0]?.price.currency ?? ''
  if (currencies.size > 1 || !currencies.has(currency)) {
    throw invalidRequest('All line items must have the currency of the Checkout Session.', {
      param: 'line_items',
    })
  }
  const amountTotal = priced.reduce((sum, item) => sum + item.price.unitAmount * item.quantity, 0)
  checkTotal(amountTotal, currency)
  const lineItems = priced.map(({ price, quantity, metadata: itemMetadata }) => {
    account.data.prices[price.id] = price
    return { id: newId('li'), priceId: price.id, quantity, metadata: itemMetadata }
  })
  return { lineItems, currency, amountTotal }
}

function pricedItem(account: Account, item: z.output<typeof lineItem>, param: string): PricedItem {
  const rest = { quantity: item.quantity, metadata: mergeMetadata({}, item.metadata) }
  if (item.price !== undefined && item.price_data !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: price, price_data.', { param })
  }
  if (item.price_data !== undefined) {
    return { price: newPrice(account, item.price_data, { active: false, metadata: {} }), ...rest }
  }
  if (item.price === undefined) {
    throw invalidRequest(`Missing required param: ${param}[price].`, {
      code: 'parameter_missing',
      param: `${param}[price]`,
    })
  }
  const price = findPrice(account, item.price, `${param}[price]`)
  if (!price.active) {
    throw invalidRequest('The price specified is inactive. This field only accepts active prices.', {
      param: `${param}[price]`,
    })
  }
  return { price, ...rest }
}

function checkTotal(amountTotal: number, currency: string): void {
  if (amountTotal < MIN_CHARGE) {
    throw invalidRequest(`The total amount must be at least ${formatAmount(MIN_CHARGE, currency)}.`, {
      code: 'amount_too_small',
    })
  }
  if (amountTotal > MAX_AMOUNT) {
    throw invalidRequest(`The total amount must be at most ${formatAmount(MAX_AMOUNT, currency)}.`, {
      code: 'amount_too_large',
    })
  }
}

function isIfGiven<Value>(wanted: Value | undefined, actual: Value | null | undefined): boolean {
  return wanted === undefined || wanted === actual
}

import * as z from 'zod'
import { EVENT_TYPES } from './wire.ts'

const metadata = z.record(z.string(), z.string())
const seconds = z.int()
const milliseconds = z.number()

const customer = z.object({
  id: z.string(),
  created: seconds,
  email: z.string().nullable(),
  name: z.string().nullable(),
  phone: z.string().nullable(),
  description: z.string().nullable(),
  metadata,
  /** Stripe goes on answering for who was deleted, with the id alone. */
  deleted: z.boolean().default(false),
})

const price = z.object({
  id: z.string(),
  created: seconds,
  /** False for prices made inline with a session, which cannot be used again. */
  active: z.boolean(),
  currency: z.string(),
  unitAmount: z.int(),
  productId: z.string(),
  productName: z.string(),
  productDescription: z.string().nullable(),
  metadata,
})

const lineItem = z.object({ id: z.string(), priceId: z.string(), quantity: z.int(), metadata })

const checkoutSession = z.object({
  id: z.string(),
  created: seconds,
  expiresAt: seconds,
  status: z.enum(['open', 'complete', 'expired']),
  paymentStatus: z.enum(['paid', 'unpaid']),
  currency: z.string(),
  amountTotal: z.int(),
  lineItems: z.array(lineItem),
  customerId: z.string().nullable(),
  customerEmail: z.string().nullable(),
  clientReferenceId: z.string().nullable(),
  locale: z.string().nullable(),
  metadata,
  paymentIntentData: z.object({ metadata, description: z.string().nullable() }),
  /** Null until the first attempt to pay. */
  paymentIntentId: z.string().nullable(),
  successUrl: z.string(),
  cancelUrl: z.string().nullable(),
})

const paymentIntent = z.object({
  id: z.string(),
  created: seconds,
  amount: z.int(),
  currency: z.string(),
  customerId: z.string().nullable(),
  description: z.string().nullable(),
  metadata,
  status: z.enum(['requires_payment_method', 'requires_action', 'processing', 'succeeded', 'canceled']),
  canceledAt: seconds.nullable(),
  methodTypes: z.array(z.string()),
  paymentMethodId: z.string().nullable(),
  latestChargeId: z.string().nullable(),
  /** When the latest charge was made. */
  chargedAt: seconds.nullable().default(null),
  lastError: z
    .object({
      code: z.string(),
      declineCode: z.string().nullable(),
      message: z.string(),
      methodType: z.string(),
    })
    .nullable(),
  /** Set while a delayed payment is under way. */
  delayed: z.object({ outcome: z.enum(['succeeds', 'fails']), dueMs: milliseconds }).nullable(),
})

const refund = z.object({
  id: z.string(),
  created: seconds,
  paymentIntentId: z.string(),
  amount: z.int(),
  status: z.enum(['succeeded', 'failed', 'canceled']).default('succeeded'),
  reason: z.string().nullable(),
  metadata,
})

const dispute = z.object({
  id: z.string(),
  created: seconds,
  paymentIntentId: z.string(),
  amount: z.int(),
  status: z.enum(['needs_response', 'under_review', 'won', 'lost', 'warning_needs_response']),
})

const webhookEndpoint = z.object({
  id: z.string(),
  created: seconds,
  url: z.string(),
  secret: z.string(),
  enabledEvents: z.array(z.string()),
  apiVersion: z.string().nullable(),
  description: z.string().nullable(),
  metadata,
  enabled: z.boolean(),
})

const event = z.object({
  id: z.string(),
  created: seconds,
  type: z.enum(EVENT_TYPES),
  object: z.record(z.string(), z.json()),
  previousAttributes: z.record(z.string(), z.json()).nullable(),
  requestId: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
})

const delivery = z.object({
  id: z.string(),
  eventId: z.string(),
  endpointId: z.string(),
  /** `failed`: every try was used up. `canceled`: the endpoint is gone or disabled. */
  state: z.enum(['pending', 'delivered', 'failed', 'canceled']),
  nextTryMs: milliseconds,
  tries: z.array(
    z.object({
      atMs: milliseconds,
      /** HTTP status; null when no answer came. */
      status: z.int().nullable(),
      /** Beginning of the answer, or why there was none. */
      answer: z.string(),
    }),
  ),
})

const savedResponse = z.object({
  key: z.string(),
  createdMs: milliseconds,
  path: z.string(),
  fingerprint: z.string(),
  requestId: z.string(),
  statusCode: z.int(),
  body: z.string(),
})

/** Everything that the stand-in remembers, each kind by id in the order of creation. */
export const stripeData = z.object({
  customers: z.record(z.string(), customer),
  prices: z.record(z.string(), price),
  sessions: z.record(z.string(), checkoutSession),
  paymentIntents: z.record(z.string(), paymentIntent),
  refunds: z.record(z.string(), refund).default({}),
  disputes: z.record(z.string(), dispute).default({}),
  webhookEndpoints: z.record(z.string(), webhookEndpoint),
  events: z.record(z.string(), event),
  deliveries: z.record(z.string(), delivery),
  savedResponses: z.array(savedResponse),
})

export type StripeData = z.infer<typeof stripeData>
export type CustomerRecord = z.infer<typeof customer>
export type PriceRecord = z.infer<typeof price>
export type SessionRecord = z.infer<typeof checkoutSession>
export type PaymentIntentRecord = z.infer<typeof paymentIntent>
export type RefundRecord = z.infer<typeof refund>
export type DisputeRecord = z.infer<typeof dispute>
export type WebhookEndpointRecord = z.infer<typeof webhookEndpoint>
export type EventRecord = z.infer<typeof event>
export type DeliveryRecord = z.infer<typeof delivery>
export type SavedResponse = z.infer<typeof savedResponse>

/** The state of an account in which nothing has happened yet. */
export function emptyData(): StripeData {
  return {
    customers: {},
    prices: {},
    sessions: {},
    paymentIntents: {},
    refunds: {},
    disputes: {},
    webhookEndpoints: {},
    events: {},
    deliveries: {},
    savedResponses: [],
  }
}

/** The record with this id, which may be any text that a client sent; none for null. */
export function byId<Item>(records: Record<string, Item>, id: string | null): Item | undefined {
  return id !== null && Object.hasOwn(records, id) ? records[id] : undefined
}

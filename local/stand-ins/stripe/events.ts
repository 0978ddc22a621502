import type { Stripe } from 'stripe'
import * as z from 'zod'
import { type Account, type Caller, NOBODY, nowSeconds } from './account.ts'
import { byId, type EventRecord, type WebhookEndpointRecord } from './data.ts'
import { noSuch } from './errors.ts'
import { newId } from './ids.ts'
import { listPage, listParams, matchesCreated } from './lists.ts'
import { operation } from './operations.ts'
import { createdFilter, expand, flag, text } from './params.ts'
import { API_VERSION, type EventObject, type EventType, type Wire } from './wire.ts'

/** An event as its endpoints get it. */
export type EventJson = Wire<Stripe.EventBase>

/**
 * Records that something happened, with `object` as it is now, and queues the event for every enabled
 * endpoint that asked for its type.
 */
export function emit<Type extends EventType>(
  account: Account,
  type: Type,
  object: EventObject<Type>,
  caused: { by?: Caller; previousAttributes?: Partial<EventObject<Type>> } = {},
): EventRecord {
  const { requestId, idempotencyKey } = caused.by ?? NOBODY
  const event: EventRecord = {
    id: newId('evt'),
    created: nowSeconds(account),
    type,
    object: asJson(object),
    previousAttributes: caused.previousAttributes === undefined ? null : asJson(caused.previousAttributes),
    requestId,
    idempotencyKey,
  }
  account.data.events[event.id] = event
  queueDeliveries(account, event)
  return event
}

/** Queues an event for every endpoint that asks for its type now. */
export function queueDeliveries(account: Account, event: EventRecord): void {
  const copies = account.control.duplicateWebhooks ? 2 : 1
  for (const endpoint of Object.values(account.data.webhookEndpoints)) {
    if (!wants(endpoint, event.type)) continue
    for (let copy = 0; copy < copies; copy++) queueDelivery(account, event, endpoint)
  }
}

/** An event as JSON, with the number of endpoints that have yet to take it. */
export function toEvent(account: Account, record: EventRecord): EventJson {
  const pending = Object.values(account.data.deliveries).filter(
    delivery => delivery.eventId === record.id && delivery.state === 'pending',
  )
  return {
    id: record.id,
    object: 'event',
    api_version: API_VERSION,
    created: record.created,
    data: {
      object: record.object,
      ...(record.previousAttributes === null ? {} : { previous_attributes: record.previousAttributes }),
    },
    livemode: false,
    pending_webhooks: new Set(pending.map(delivery => delivery.endpointId)).size,
    request: { id: record.requestId, idempotency_key: record.idempotencyKey },
    type: record.type,
  } satisfies EventJson
}

/** `GET /v1/events` and `GET /v1/events/:id`. */
export const eventOperations = [
  operation({
    method: 'GET',
    path: '/events',
    params: z.strictObject({
      ...listParams,
      created: createdFilter.optional(),
      delivery_success: flag.optional(),
      type: text(100).optional(),
      types: z.array(text(100)).max(20).optional(),
      expand: expand(),
    }),
    run({ account }, params) {
      const types = params.types ?? (params.type === undefined ? undefined : [params.type])
      const rows = Object.values(account.data.events).filter(
        event =>
          matchesCreated(event.created, params.created) &&
          (types === undefined || types.some(pattern => typeMatches(pattern, event.type))) &&
          (params.delivery_success === undefined || params.delivery_success === isDelivered(account, event)),
      )
      return listPage(rows, params, {
        url: '/v1/events',
        what: 'event',
        render: event => toEvent(account, event),
      })
    },
  }),
  operation({
    method: 'GET',
    path: '/events/:id',
    params: z.strictObject({ expand: expand() }),
    run({ account, id }) {
      const event = byId(account.data.events, id)
      if (event === undefined) throw noSuch('event', id)
      return toEvent(account, event)
    },
  }),
]

function wants(endpoint: WebhookEndpointRecord, type: string): boolean {
  return endpoint.enabled && endpoint.enabledEvents.some(enabled => enabled === '*' || enabled === type)
}

function queueDelivery(account: Account, event: EventRecord, endpoint: WebhookEndpointRecord): void {
  const id = newId('dlv')
  account.data.deliveries[id] = {
    id,
    eventId: event.id,
    endpointId: endpoint.id,
    state: 'pending',
    nextTryMs: account.nowMs(),
    tries: [],
  }
}

/** `type` may be a group: `checkout.session.*`. */
function typeMatches(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type
}

function isDelivered(account: Account, event: EventRecord): boolean {
  return Object.values(account.data.deliveries)
    .filter(delivery => delivery.eventId === event.id)
    .every(delivery => delivery.state === 'delivered')
}

const jsonObject = z.record(z.string(), z.json())

/** A copy that later changes do not reach. */
function asJson(object: unknown): z.infer<typeof jsonObject> {
  return jsonObject.parse(JSON.parse(JSON.stringify(object)))
}

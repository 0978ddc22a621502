import { randomBytes } from 'node:crypto'
import type { Stripe } from 'stripe'
import * as z from 'zod'
import { type Account, nowSeconds } from './account.ts'
import { byId, type WebhookEndpointRecord } from './data.ts'
import { noSuch } from './errors.ts'
import { newId } from './ids.ts'
import { listPage, listParams } from './lists.ts'
import { operation } from './operations.ts'
import { clearableText, expand, flag, mergeMetadata, metadata, url } from './params.ts'
import { API_VERSION, type Wire } from './wire.ts'

const enabledEvents = z
  .array(
    z.string().refine(type => type === '*' || /^[a-z0-9_]+(\.[a-z0-9_]+)+$/.test(type), {
      error: issue => `Not a type of event: ${String(issue.input)}`,
    }),
  )
  .min(1, { error: 'Name at least one type of event, or * for all.' })

/** A webhook endpoint as JSON. Its secret is told at creation only. */
function toWebhookEndpoint(record: WebhookEndpointRecord): Wire<Stripe.WebhookEndpoint> {
  return {
    id: record.id,
    object: 'webhook_endpoint',
    api_version: record.apiVersion,
    application: null,
    created: record.created,
    description: record.description,
    enabled_events: record.enabledEvents,
    livemode: false,
    metadata: record.metadata,
    status: record.enabled ? 'enabled' : 'disabled',
    url: record.url,
  } satisfies Wire<Stripe.WebhookEndpoint>
}

/** `/v1/webhook_endpoints`: create, retrieve, update, list, delete. */
export const webhookEndpointOperations = [
  operation({
    method: 'POST',
    path: '/webhook_endpoints',
    params: z.strictObject({
      url,
      enabled_events: enabledEvents,
      api_version: z.enum([API_VERSION]).optional(),
      description: clearableText(500).optional(),
      metadata: metadata.optional(),
      expand: expand(),
    }),
    run({ account }, params) {
      const endpoint: WebhookEndpointRecord = {
        id: newId('we'),
        created: nowSeconds(account),
        url: params.url,
        secret: `whsec_${randomBytes(24).toString('base64url')}`,
        enabledEvents: params.enabled_events,
        apiVersion: params.api_version ?? null,
        description: params.description ?? null,
        metadata: mergeMetadata({}, params.metadata),
        enabled: true,
      }
      account.data.webhookEndpoints[endpoint.id] = endpoint
      return { ...toWebhookEndpoint(endpoint), secret: endpoint.secret }
    },
  }),
  operation({
    method: 'GET',
    path: '/webhook_endpoints',
    params: z.strictObject({ ...listParams, expand: expand() }),
    run: ({ account }, params) =>
      listPage(Object.values(account.data.webhookEndpoints), params, {
        url: '/v1/webhook_endpoints',
        what: 'webhook endpoint',
        render: toWebhookEndpoint,
      }),
  }),
  operation({
    method: 'GET',
    path: '/webhook_endpoints/:id',
    params: z.strictObject({ expand: expand() }),
    run: ({ account, id }) => toWebhookEndpoint(findEndpoint(account, id)),
  }),
  operation({
    method: 'POST',
    path: '/webhook_endpoints/:id',
    params: z.strictObject({
      url: url.optional(),
      enabled_events: enabledEvents.optional(),
      disabled: flag.optional(),
      description: clearableText(500).optional(),
      metadata: metadata.optional(),
      expand: expand(),
    }),
    run({ account, id }, params) {
      const endpoint = findEndpoint(account, id)
      if (params.url !== undefined) endpoint.url = params.url
      if (params.enabled_events !== undefined) endpoint.enabledEvents = params.enabled_events
      if (params.disabled !== undefined) endpoint.enabled = !params.disabled
      if (params.description !== undefined) endpoint.description = params.description
      endpoint.metadata = mergeMetadata(endpoint.metadata, params.metadata)
      return toWebhookEndpoint(endpoint)
    },
  }),
  operation({
    method: 'DELETE',
    path: '/webhook_endpoints/:id',
    params: z.strictObject({}),
    run({ account, id }) {
      findEndpoint(account, id)
      delete account.data.webhookEndpoints[id]
      return { id, object: 'webhook_endpoint', deleted: true } satisfies Wire<Stripe.DeletedWebhookEndpoint>
    },
  }),
]

function findEndpoint(account: Account, id: string): WebhookEndpointRecord {
  const endpoint = byId(account.data.webhookEndpoints, id)
  if (endpoint === undefined) throw noSuch('webhook endpoint', id)
  return endpoint
}

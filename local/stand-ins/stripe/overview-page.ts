import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import type { Account } from './account.ts'
import { checkoutUrl } from './checkout-session-json.ts'
import {
  byId,
  type CustomerRecord,
  type DeliveryRecord,
  type EventRecord,
  type SessionRecord,
  type WebhookEndpointRecord,
} from './data.ts'
import { queueDeliveries, toEvent } from './events.ts'
import { type Html, html } from './html.ts'
import { formatAmount } from './money.ts'
import { sendPage } from './page.ts'
import { findPrice } from './prices.ts'
import type { Service } from './service.ts'

const SHOWN_MAX = 50
const pathParams = z.object({ id: z.string() })

/** Registers `/stripe`, which shows what the stand-in knows and what it sent. */
export function registerOverviewPage(app: FastifyInstance, service: Service): void {
  const { account } = service

  app.get('/stripe', async (_request, reply) => {
    await service.wake()
    return sendPage(reply, {
      title: 'Stripe (local stand-in)',
      bodyClass: 'overview',
      body: overview(account),
    })
  })

  app.post('/stripe/events/:id/resend', async (request, reply) => {
    const event = byId(account.data.events, pathParams.parse(request.params).id)
    if (event !== undefined) {
      queueDeliveries(account, event)
      await service.save()
      await service.wake()
    }
    return reply.redirect(`${account.publicUrl}/stripe#events`, 303)
  })
}

function overview(account: Account): Html {
  const { sessions, customers, webhookEndpoints, events } = account.data
  return html`<main>
<div class="top"><h1>Stripe</h1><a href="/stripe">Refresh</a></div>
${account.control.holdWebhooks ? html`<p class="notice wait">Webhooks are held. They go out once <code>hold_webhooks</code> is set to false.</p>` : undefined}
${listSection('sessions', 'Checkout sessions', Object.values(sessions), 'None yet. Buy a pack to see one.', session => sessionRow(account, session))}
${listSection('events', 'Events', Object.values(events), 'None yet.', event => eventRow(account, event))}
${listSection('customers', 'Customers', Object.values(customers), 'None yet.', customerRow)}
${listSection('endpoints', 'Webhook endpoints', Object.values(webhookEndpoints), 'None. Events go nowhere.', endpointRow)}
</main>`
}

function listSection<Record>(
  id: string,
  heading: string,
  records: Record[],
  none: string,
  row: (record: Record) => Html,
): Html {
  const shown = records.slice(-SHOWN_MAX).reverse()
  const count = records.length > shown.length ? ` (the last ${shown.length} of ${records.length})` : ''
  return html`<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${heading}${count}</h2>
${shown.length === 0 ? html`<p class="muted">${none}</p>` : html`<ul class="rows">${shown.map(row)}</ul>`}
</section>`
}

function sessionRow(account: Account, session: SessionRecord): Html {
  const names = session.lineItems.map(item => findPrice(account, item.priceId).productName).join(', ')
  return html`<li class="row">
<div class="line"><strong>${formatAmount(session.amountTotal, session.currency)}</strong> <span>${names}</span>
<span class="push">${sessionBadge(account, session)}</span></div>
<div class="line small muted">${time(session.created)}
${session.status === 'open' ? html`<a href="${checkoutUrl(account, session)}">Open the Checkout page</a>` : undefined}</div>
<code class="id">${session.id}</code>
</li>`
}

function sessionBadge(account: Account, session: SessionRecord): Html {
  if (session.status === 'open') return html`<span class="badge wait">open</span>`
  if (session.status === 'expired') return html`<span class="badge">expired</span>`
  if (session.paymentStatus === 'paid') return html`<span class="badge good">paid</span>`
  const intent = byId(account.data.paymentIntents, session.paymentIntentId)
  return intent?.delayed
    ? html`<span class="badge wait">payment on its way</span>`
    : html`<span class="badge bad">payment failed</span>`
}

function customerRow(customer: CustomerRecord): Html {
  return html`<li class="row">
<div class="line"><strong>${customer.email ?? 'No e-mail'}</strong> <span>${customer.name ?? undefined}</span></div>
<div class="small muted">${time(customer.created)}</div>
<code class="id">${customer.id}</code>
</li>`
}

function endpointRow(endpoint: WebhookEndpointRecord): Html {
  return html`<li class="row">
<div class="line"><code>${endpoint.url}</code>
<span class="push badge ${endpoint.enabled ? 'good' : ''}">${endpoint.enabled ? 'enabled' : 'disabled'}</span></div>
<div class="small muted">${endpoint.enabledEvents.join(', ')}</div>
<code class="id">${endpoint.id}</code>
</li>`
}

function eventRow(account: Account, event: EventRecord): Html {
  const deliveries = Object.values(account.data.deliveries).filter(delivery => delivery.eventId === event.id)
  return html`<li class="row">
<div class="line"><strong>${event.type}</strong> ${eventBadge(deliveries)}
<form class="push" method="post" action="/stripe/events/${event.id}/resend"><button aria-label="Send again: ${event.type}">Send again</button></form></div>
<div class="small muted">${time(event.created)}</div>
<code class="id">${event.id}</code>
<details><summary>Deliveries and content</summary>
<ul class="tries">${deliveries.map(delivery => deliveryItem(account, delivery))}</ul>
<pre>${JSON.stringify(toEvent(account, event), null, 2)}</pre>
</details>
</li>`
}

function eventBadge(deliveries: DeliveryRecord[]): Html {
  if (deliveries.length === 0) return html`<span class="badge">no endpoint wanted it</span>`
  const states = new Set(deliveries.map(delivery => delivery.state))
  if (states.has('pending')) return html`<span class="badge wait">waiting</span>`
  if (states.has('failed')) return html`<span class="badge bad">failed</span>`
  if (states.has('canceled')) return html`<span class="badge">endpoint gone</span>`
  return html`<span class="badge good">delivered</span>`
}

function deliveryItem(account: Account, delivery: DeliveryRecord): Html {
  const target = byId(account.data.webhookEndpoints, delivery.endpointId)?.url ?? 'an endpoint that is gone'
  const tries = delivery.tries.map(
    ({ atMs, status, answer }) =>
      html`<li>${time(atMs / 1_000)}: ${status ?? 'no answer'} <span class="muted">${answer}</span></li>`,
  )
  const next =
    delivery.state === 'pending'
      ? html`<li class="muted">Next try: ${time(delivery.nextTryMs / 1_000)}</li>`
      : undefined
  return html`<li>${delivery.state}: <code>${target}</code><ul>${tries}${next}</ul></li>`
}

function time(seconds: number): Html {
  const iso = new Date(seconds * 1_000).toISOString()
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`
}

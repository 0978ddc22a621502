import type { FastifyInstance, FastifyReply } from 'fastify'
import * as z from 'zod'
import type { Account } from './account.ts'
import { decline, expireSession, pay, payByTransfer, payLater } from './checkout.ts'
import { delayedMethodOf } from './checkout-session-json.ts'
import { byId, type PaymentIntentRecord, type SessionRecord } from './data.ts'
import { type Html, html } from './html.ts'
import { formatAmount } from './money.ts'
import { sendPage } from './page.ts'
import { parseForm } from './params.ts'
import { transferTypeOf } from './payment-intents.ts'
import { findPrice } from './prices.ts'
import type { Service } from './service.ts'

const pathParams = z.object({ id: z.string() })
const formBody = z.object({
  action: z.enum(['pay', 'decline', 'pay_later_succeeds', 'pay_later_fails', 'pay_by_transfer', 'expire']),
})
type Action = z.infer<typeof formBody>['action']

const ACTIONS: Record<Action, (service: Service, session: SessionRecord) => void> = {
  pay: ({ account }, session) => pay(account, session),
  decline: ({ account }, session) => decline(account, session),
  pay_later_succeeds: (service, session) =>
    payLater(service.account, session, { outcome: 'succeeds', dueMs: delayedPaymentDueMs(service) }),
  pay_later_fails: (service, session) =>
    payLater(service.account, session, { outcome: 'fails', dueMs: delayedPaymentDueMs(service) }),
  pay_by_transfer: (service, session) =>
    payByTransfer(service.account, session, delayedPaymentDueMs(service)),
  expire: ({ account }, session) => expireSession(account, session),
}

/** Registers the hosted Checkout page, `/c/pay/:id`. It is plain forms, and works without scripts. */
export function registerCheckoutPage(app: FastifyInstance, service: Service): void {
  const { account } = service

  app.get('/c/pay/:id', async (request, reply) => {
    await service.wake()
    const session = byId(account.data.sessions, pathParams.parse(request.params).id)
    return session === undefined ? sendUnknown(reply) : sendSession(reply, account, session)
  })

  app.post('/c/pay/:id', async (request, reply) => {
    await service.wake()
    const session = byId(account.data.sessions, pathParams.parse(request.params).id)
    if (session === undefined) return sendUnknown(reply)
    const form = formBody.safeParse(parseForm(String(request.body)))
    if (!form.success || session.status === 'expired') return toCheckout(reply, account, session)

    if (session.status === 'open') {
      ACTIONS[form.data.action](service, session)
      await service.save()
      await service.wake()
    }
    return session.status === 'complete' ? toSuccess(reply, session) : toCheckout(reply, account, session)
  })
}

function delayedPaymentDueMs(service: Service): number {
  return service.account.nowMs() + service.delayedPaymentMs
}

/** Also the answer to a second press of the button, so that the customer ends on the shop's page. */
function toSuccess(reply: FastifyReply, session: SessionRecord): FastifyReply {
  return reply.redirect(successUrl(session), 303)
}

function toCheckout(reply: FastifyReply, account: Account, session: SessionRecord): FastifyReply {
  return reply.redirect(`${account.publicUrl}/c/pay/${session.id}`, 303)
}

function successUrl(session: SessionRecord): string {
  return session.successUrl.replaceAll('{CHECKOUT_SESSION_ID}', session.id)
}

function sendUnknown(reply: FastifyReply): FastifyReply {
  return sendVerdict(reply, {
    statusCode: 404,
    mark: html`<span class="mark bad" aria-hidden="true">?</span>`,
    heading: 'There is no such checkout',
    text: 'The address may be incomplete. Go back to where you came from and start the purchase again.',
  })
}

function sendSession(reply: FastifyReply, account: Account, session: SessionRecord): FastifyReply {
  const intent = byId(account.data.paymentIntents, session.paymentIntentId)
  if (session.status === 'expired') return sendExpired(reply, session)
  if (session.status === 'complete') return sendComplete(reply, session, intent)
  const amount = formatAmount(session.amountTotal, session.currency)
  const declined = intent?.lastError?.message
  return sendPage(reply, {
    title: `${declined ?? `Pay ${amount}`} · Checkout (local stand-in)`,
    bodyClass: 'checkout',
    body: html`<main>
${orderSummary(account, session, amount)}
${paymentCard(session, amount, declined)}
</main>`,
  })
}

function sendExpired(reply: FastifyReply, session: SessionRecord): FastifyReply {
  return sendVerdict(reply, {
    mark: html`<span class="mark wait" aria-hidden="true">!</span>`,
    heading: 'This checkout has expired',
    text: 'Nothing was paid. Go back to start the purchase again.',
    ...(session.cancelUrl === null ? {} : { link: { url: session.cancelUrl, label: 'Go back' } }),
  })
}

function sendComplete(
  reply: FastifyReply,
  session: SessionRecord,
  intent: PaymentIntentRecord | undefined,
): FastifyReply {
  const amount = formatAmount(session.amountTotal, session.currency)
  const link = { url: successUrl(session), label: 'Continue' }
  if (session.paymentStatus === 'paid') {
    return sendVerdict(reply, {
      mark: html`<span class="mark good" aria-hidden="true">✓</span>`,
      heading: 'Payment complete',
      text: `You have already paid ${amount}. There is nothing more to do here.`,
      link,
    })
  }
  if (intent?.lastError) {
    return sendVerdict(reply, {
      mark: html`<span class="mark bad" aria-hidden="true">✕</span>`,
      heading: 'The payment failed',
      text: `${intent.lastError.message} Nothing was paid. Start the purchase again to try another way.`,
      link,
    })
  }
  return sendVerdict(reply, {
    mark: html`<span class="mark wait" aria-hidden="true">…</span>`,
    heading: 'Payment on its way',
    text: `${amount} are on their way. The outcome comes in a few seconds: reload to see it.`,
    link,
  })
}

function sendVerdict(
  reply: FastifyReply,
  verdict: {
    statusCode?: number
    mark: Html
    heading: string
    text: string
    link?: { url: string; label: string }
  },
): FastifyReply {
  const { statusCode = 200, mark, heading, text, link } = verdict
  return sendPage(reply, {
    statusCode,
    title: `${heading} · Checkout (local stand-in)`,
    bodyClass: 'checkout',
    body: html`<main class="single">
<div class="card verdict">
${mark}
<h1>${heading}</h1>
<p>${text}</p>
${link && html`<a class="button" href="${link.url}">${link.label}</a>`}
</div>
</main>`,
  })
}

function orderSummary(account: Account, session: SessionRecord, amount: string): Html {
  const items = session.lineItems.map(item => {
    const price = findPrice(account, item.priceId)
    const each = item.quantity > 1 && `${item.quantity} × ${formatAmount(price.unitAmount, session.currency)}`
    return html`<li>
<div><strong>${price.productName}</strong>
${price.productDescription === null ? undefined : html`<p class="muted small">${price.productDescription}</p>`}
${each ? html`<p class="muted small">${each}</p>` : undefined}</div>
<div>${formatAmount(price.unitAmount * item.quantity, session.currency)}</div>
</li>`
  })
  return html`<section aria-labelledby="order">
${session.cancelUrl === null ? undefined : html`<a class="back" href="${session.cancelUrl}">← Cancel and go back</a>`}
<h1 id="order">Your order</h1>
<p class="amount">${amount}</p>
<ul class="items">
${items}
${isOneThing(session) ? undefined : html`<li class="total"><div>Total</div><div>${amount}</div></li>`}
</ul>
${buyerLine(account, session)}
</section>`
}

/** Its price is the total, which stands above it already. */
function isOneThing(session: SessionRecord): boolean {
  return session.lineItems.length === 1 && session.lineItems[0]?.quantity === 1
}

function buyerLine(account: Account, session: SessionRecord): Html | undefined {
  const customer = byId(account.data.customers, session.customerId)
  const email = customer?.email ?? session.customerEmail
  return email === null ? undefined : html`<p class="muted small">Buyer: ${email}</p>`
}

interface PaymentOption {
  readonly action: Action
  readonly label: string
  readonly effect: string
  /** Everywhere, when left out. */
  readonly isOffered?: (session: SessionRecord) => boolean
}

const offersDebit = ({ currency }: SessionRecord): boolean => delayedMethodOf(currency) !== undefined
/** It is a customer that has an account to transfer to. */
const offersTransfer = ({ currency, customerId }: SessionRecord): boolean =>
  transferTypeOf(currency) !== undefined && customerId !== null

const OPTIONS: readonly PaymentOption[] = [
  {
    action: 'decline',
    label: 'Decline',
    effect: 'The bank refuses the card. You stay on this page and can try again.',
  },
  {
    action: 'pay_later_succeeds',
    label: 'Pay later, succeeds',
    effect: 'A bank debit: you are sent on at once, the money comes a few seconds later.',
    isOffered: offersDebit,
  },
  {
    action: 'pay_later_fails',
    label: 'Pay later, fails',
    effect: 'A bank debit that comes back unpaid a few seconds later.',
    isOffered: offersDebit,
  },
  {
    action: 'pay_by_transfer',
    label: 'Pay by bank transfer',
    effect: 'You are sent on at once, and your bank sends the money a few seconds later.',
    isOffered: offersTransfer,
  },
  {
    action: 'expire',
    label: 'Let it expire',
    effect: 'As if you had left this page open for too long.',
  },
]

/** `pay` is the first button, so that Enter pays. */
function paymentCard(session: SessionRecord, amount: string, declined: string | undefined): Html {
  const options = OPTIONS.filter(({ isOffered }) => isOffered?.(session) ?? true)
  return html`<form method="post" class="card">
<section class="stack" aria-labelledby="payment">
<h2 id="payment">Payment</h2>
${declined === undefined ? undefined : html`<p class="notice bad" role="alert"><strong>${declined}</strong> Nothing was paid. Press Pay to try again.</p>`}
<button name="action" value="pay">Pay ${amount}</button>
<p class="muted small">One press pays. There is nothing to fill in.</p>
</section>
<section class="stack" aria-labelledby="otherwise">
<h2 id="otherwise">Or try another outcome</h2>
${options.map(
  option => html`<button class="option" name="action" value="${option.action}">
<span>${option.label}</span>
<span class="muted">${option.effect}</span>
</button>`,
)}
</section>
</form>`
}

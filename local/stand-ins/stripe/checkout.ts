import { type Account, type Caller, NOBODY, nowSeconds } from './account.ts'
import { delayedMethodOf, methodTypesOf, toSession } from './checkout-session-json.ts'
import { byId, type PaymentIntentRecord, type SessionRecord } from './data.ts'
import { emit } from './events.ts'
import { newId } from './ids.ts'
import { findPaymentIntent, toPaymentIntent } from './payment-intents.ts'

/** What can happen to an open session. Each function expects one, and changes `account.data` in place. */

/** The card is charged: the session is complete and paid. */
export function pay(account: Account, session: SessionRecord): void {
  const intent = attempt(account, session)
  succeed(account, intent)
  complete(session, 'paid')
  emit(account, 'checkout.session.completed', toSession(account, session))
}

/**
 * The customer is done, the money comes later: the session is complete and unpaid, and `settleDelayed` brings
 * the outcome at `dueMs`.
 */
export function payLater(
  account: Account,
  session: SessionRecord,
  delayed: { outcome: 'succeeds' | 'fails'; dueMs: number },
): void {
  const intent = attempt(account, session, 'py')
  intent.status = 'processing'
  intent.lastError = null
  intent.delayed = delayed
  complete(session, 'unpaid')
  emit(account, 'payment_intent.processing', toPaymentIntent(intent))
  emit(account, 'checkout.session.completed', toSession(account, session))
}

/**
 * The customer is told where to send the money: the session is complete and unpaid, and its intent waits for the
 * transfer, without a charge. It comes at `dueMs`.
 */
export function payByTransfer(account: Account, session: SessionRecord, dueMs: number): void {
  const intent = intentOf(account, session)
  intent.status = 'requires_action'
  intent.paymentMethodId = newId('pm')
  intent.lastError = null
  intent.delayed = { outcome: 'succeeds', dueMs }
  complete(session, 'unpaid')
  emit(account, 'payment_intent.requires_action', toPaymentIntent(intent))
  emit(account, 'checkout.session.completed', toSession(account, session))
}

/** The bank refuses the card. The session stays open, for another try. */
export function decline(account: Account, session: SessionRecord): void {
  const intent = attempt(account, session)
  fail(account, intent, {
    code: 'card_declined',
    declineCode: 'generic_decline',
    message: 'Your card was declined.',
    methodType: 'card',
  })
}

/** Nobody can pay for the session any more. */
export function expireSession(account: Account, session: SessionRecord, by: Caller = NOBODY): void {
  session.status = 'expired'
  if (session.paymentIntentId !== null) {
    const intent = findPaymentIntent(account, session.paymentIntentId)
    intent.status = 'canceled'
    intent.canceledAt = nowSeconds(account)
    emit(account, 'payment_intent.canceled', toPaymentIntent(intent), { by })
  }
  emit(account, 'checkout.session.expired', toSession(account, session), { by })
}

/** Expires the open sessions whose time is over. Returns whether there were any. */
export function expireOverdue(account: Account): boolean {
  const overdue = openSessions(account).filter(session => session.expiresAt <= nowSeconds(account))
  for (const session of overdue) expireSession(account, session)
  return overdue.length > 0
}

/** Brings the outcome of the delayed payments that are due. Returns whether there were any. */
export function settleDelayed(account: Account): boolean {
  const due = delayedSessions(account).filter(({ dueMs }) => dueMs <= account.nowMs())
  for (const { session, intent, outcome } of due) settle(account, session, intent, outcome)
  return due.length > 0
}

/** When the next session expires or the next delayed payment comes in, in milliseconds; Infinity for never. */
export function nextChangeMs(account: Account): number {
  return Math.min(
    ...openSessions(account).map(session => session.expiresAt * 1_000),
    ...delayedSessions(account).map(({ dueMs }) => dueMs),
  )
}

function settle(
  account: Account,
  session: SessionRecord,
  intent: PaymentIntentRecord,
  outcome: 'succeeds' | 'fails',
): void {
  intent.delayed = null
  if (intent.status === 'requires_action') charge(account, intent, 'py')
  if (outcome === 'succeeds') {
    succeed(account, intent)
    session.paymentStatus = 'paid'
    emit(account, 'checkout.session.async_payment_succeeded', toSession(account, session))
    return
  }
  fail(account, intent, {
    code: 'payment_intent_payment_attempt_failed',
    declineCode: null,
    message: 'The bank did not make the payment.',
    methodType: delayedMethodOf(intent.currency) ?? 'card',
  })
  emit(account, 'checkout.session.async_payment_failed', toSession(account, session))
}

/** The session's payment intent with a new payment method on it, and a charge. */
function attempt(
  account: Account,
  session: SessionRecord,
  chargePrefix: ChargePrefix = 'ch',
): PaymentIntentRecord {
  const intent = intentOf(account, session)
  intent.paymentMethodId = newId('pm')
  charge(account, intent, chargePrefix)
  return intent
}

/** The session's payment intent; the first attempt makes it. */
function intentOf(account: Account, session: SessionRecord): PaymentIntentRecord {
  return session.paymentIntentId === null
    ? newPaymentIntent(account, session)
    : findPaymentIntent(account, session.paymentIntentId)
}

/** Of a card's charge, and of one by another method. */
type ChargePrefix = 'ch' | 'py'

function charge(account: Account, intent: PaymentIntentRecord, prefix: ChargePrefix): void {
  intent.latestChargeId = newId(prefix)
  intent.chargedAt = nowSeconds(account)
}

function newPaymentIntent(account: Account, session: SessionRecord): PaymentIntentRecord {
  const intent: PaymentIntentRecord = {
    id: newId('pi'),
    created: nowSeconds(account),
    amount: session.amountTotal,
    currency: session.currency,
    customerId: session.customerId,
    ...session.paymentIntentData,
    status: 'requires_payment_method',
    canceledAt: null,
    methodTypes: methodTypesOf(session.currency),
    paymentMethodId: null,
    latestChargeId: null,
    chargedAt: null,
    lastError: null,
    delayed: null,
  }
  account.data.paymentIntents[intent.id] = intent
  session.paymentIntentId = intent.id
  emit(account, 'payment_intent.created', toPaymentIntent(intent))
  return intent
}

function succeed(account: Account, intent: PaymentIntentRecord): void {
  intent.status = 'succeeded'
  intent.lastError = null
  emit(account, 'payment_intent.succeeded', toPaymentIntent(intent))
}

function fail(
  account: Account,
  intent: PaymentIntentRecord,
  error: NonNullable<PaymentIntentRecord['lastError']>,
): void {
  intent.status = 'requires_payment_method'
  intent.paymentMethodId = null
  intent.lastError = error
  emit(account, 'payment_intent.payment_failed', toPaymentIntent(intent))
}

function complete(session: SessionRecord, paymentStatus: SessionRecord['paymentStatus']): void {
  session.status = 'complete'
  session.paymentStatus = paymentStatus
}

function openSessions(account: Account): SessionRecord[] {
  return Object.values(account.data.sessions).filter(session => session.status === 'open')
}

function delayedSessions(account: Account) {
  return Object.values(account.data.sessions).flatMap(session => {
    const intent = byId(account.data.paymentIntents, session.paymentIntentId)
    return intent?.delayed ? [{ session, intent, ...intent.delayed }] : []
  })
}

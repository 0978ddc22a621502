import type { Stripe } from 'stripe'

/** The API version that this stand-in speaks: the one that the installed SDK sends. */
export const API_VERSION = '2026-10-28.endive' satisfies Stripe.LatestApiVersion

/**
 * A Stripe object as it travels in JSON. The SDK's types describe it after parsing, when the SDK has made
 * `Decimal` objects of decimal strings; everything else is the same.
 */
export type Wire<T> = T extends Stripe.Decimal
  ? string
  : T extends Primitive
    ? T
    : T extends Array<infer Item>
      ? Array<Wire<Item>>
      : { [Key in keyof T]: Wire<T[Key]> }

// biome-ignore lint/suspicious/noConfusingVoidType: the SDK declares `deleted?: void` on what is not deleted
type Primitive = string | number | boolean | null | undefined | void

/** The types of event that the stand-in sends. */
export const EVENT_TYPES = [
  'charge.dispute.closed',
  'charge.dispute.created',
  'charge.dispute.funds_reinstated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.updated',
  'charge.refunded',
  'checkout.session.async_payment_failed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.completed',
  'checkout.session.expired',
  'customer.created',
  'customer.deleted',
  'customer.updated',
  'invoice.payment_failed',
  'payment_intent.canceled',
  'payment_intent.created',
  'payment_intent.payment_failed',
  'payment_intent.processing',
  'payment_intent.requires_action',
  'payment_intent.succeeded',
  'refund.created',
  'refund.failed',
  'refund.updated',
] as const satisfies readonly Stripe.Event['type'][]

export type EventType = (typeof EVENT_TYPES)[number]

/** The type of `data.object` of an event, as JSON. */
export type EventObject<Type extends EventType> = Wire<
  Extract<Stripe.Event, { type: Type }>['data']['object']
>

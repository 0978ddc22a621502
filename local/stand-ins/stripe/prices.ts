import type { Stripe } from 'stripe'
import * as z from 'zod'
import { type Account, nowSeconds } from './account.ts'
import { byId, type PriceRecord } from './data.ts'
import { noSuch } from './errors.ts'
import { newId } from './ids.ts'
import { operation } from './operations.ts'
import { expand, integer, mergeMetadata, metadata, text } from './params.ts'
import type { Wire } from './wire.ts'

/** Stripe's largest amount has eight digits. */
export const MAX_AMOUNT = 99_999_999

const currency = z
  .string()
  .refine(value => /^[a-z]{3}$/i.test(value), {
    error: issue => `Invalid currency: ${String(issue.input)}. It must be a three-letter ISO code.`,
  })
  .transform(value => value.toLowerCase())

/** What both a price and a session's inline `price_data` take. */
export const priceData = z.strictObject({
  currency,
  unit_amount: integer({ min: 0, max: MAX_AMOUNT }),
  product_data: z.strictObject({
    name: text(250),
    description: text(500).optional(),
    metadata: metadata.optional(),
  }),
})

/** A new price, not yet kept. Inline prices are inactive: they belong to their session, for one use. */
export function newPrice(
  account: Account,
  params: z.output<typeof priceData>,
  kind: { active: boolean; metadata: Record<string, string> },
): PriceRecord {
  return {
    id: newId('price'),
    created: nowSeconds(account),
    currency: params.currency,
    unitAmount: params.unit_amount,
    productId: newId('prod', 14),
    productName: params.product_data.name,
    productDescription: params.product_data.description ?? null,
    ...kind,
  }
}

/** The price with this id, which came in the parameter `param` (`id`: in the path). */
export function findPrice(account: Account, id: string, param = 'id'): PriceRecord {
  const price = byId(account.data.prices, id)
  if (price === undefined) throw noSuch('price', id, param)
  return price
}

/** A one-time price as JSON. */
export function toPrice(record: PriceRecord): Wire<Stripe.Price> {
  return {
    id: record.id,
    object: 'price',
    active: record.active,
    billing_scheme: 'per_unit',
    created: record.created,
    currency: record.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: record.metadata,
    nickname: null,
    product: record.productId,
    recurring: null,
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: 'one_time',
    unit_amount: record.unitAmount,
    unit_amount_decimal: String(record.unitAmount),
  } satisfies Wire<Stripe.Price>
}

/** `/v1/prices`: create and retrieve one-time prices. */
export const priceOperations = [
  operation({
    method: 'POST',
    path: '/prices',
    params: z.strictObject({ ...priceData.shape, metadata: metadata.optional(), expand: expand() }),
    run({ account }, params) {
      const price = newPrice(account, params, { active: true, metadata: mergeMetadata({}, params.metadata) })
      account.data.prices[price.id] = price
      return toPrice(price)
    },
  }),
  operation({
    method: 'GET',
    path: '/prices/:id',
    params: z.strictObject({ expand: expand() }),
    run: ({ account, id }) => toPrice(findPrice(account, id)),
  }),
]

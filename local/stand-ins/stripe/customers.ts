import type { Stripe } from 'stripe'
import * as z from 'zod'
import { type Account, nowSeconds } from './account.ts'
import { byId, type CustomerRecord } from './data.ts'
import { noSuch } from './errors.ts'
import { emit } from './events.ts'
import { newId } from './ids.ts'
import { listPage, listParams, matchesCreated } from './lists.ts'
import { operation } from './operations.ts'
import {
  clearableEmail,
  clearableText,
  createdFilter,
  expand,
  mergeMetadata,
  metadata,
  text,
} from './params.ts'
import type { Wire } from './wire.ts'

const fields = {
  email: clearableEmail.optional(),
  name: clearableText(256).optional(),
  phone: clearableText(20).optional(),
  description: clearableText(350).optional(),
  metadata: metadata.optional(),
  expand: expand(),
}

/** The customer with this id, which came in the parameter `param` (`id`: in the path). */
export function findCustomer(account: Account, id: string, param = 'id'): CustomerRecord {
  const customer = byId(account.data.customers, id)
  if (customer === undefined || customer.deleted) throw noSuch('customer', id, param)
  return customer
}

/** What Stripe answers for a customer that may have been deleted. */
export function toCustomerOrDeleted(record: CustomerRecord): Wire<Stripe.Customer | Stripe.DeletedCustomer> {
  return record.deleted ? toDeleted(record.id) : toCustomer(record)
}

function toDeleted(id: string): Wire<Stripe.DeletedCustomer> {
  return { id, object: 'customer', deleted: true }
}

/** A customer as JSON. */
export function toCustomer(record: CustomerRecord): Wire<Stripe.Customer> {
  return {
    id: record.id,
    object: 'customer',
    address: null,
    balance: 0,
    created: record.created,
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: record.description,
    discount: null,
    email: record.email,
    invoice_prefix: record.id.slice(-8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: record.metadata,
    name: record.name,
    phone: record.phone,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  } satisfies Wire<Stripe.Customer>
}

/** `/v1/customers`: create, retrieve, update, list, delete. */
export const customerOperations = [
  operation({
    method: 'POST',
    path: '/customers',
    params: z.strictObject(fields),
    run(call, params) {
      const customer: CustomerRecord = {
        id: newId('cus', 14),
        created: nowSeconds(call.account),
        email: params.email ?? null,
        name: params.name ?? null,
        phone: params.phone ?? null,
        description: params.description ?? null,
        metadata: mergeMetadata({}, params.metadata),
        deleted: false,
      }
      call.account.data.customers[customer.id] = customer
      emit(call.account, 'customer.created', toCustomer(customer), { by: call })
      return toCustomer(customer)
    },
  }),
  operation({
    method: 'GET',
    path: '/customers',
    params: z.strictObject({
      ...listParams,
      created: createdFilter.optional(),
      email: text(512).optional(),
      expand: expand(),
    }),
    run({ account }, params) {
      const rows = Object.values(account.data.customers).filter(
        customer =>
          !customer.deleted &&
          matchesCreated(customer.created, params.created) &&
          (params.email === undefined || customer.email === params.email),
      )
      return listPage(rows, params, { url: '/v1/customers', what: 'customer', render: toCustomer })
    },
  }),
  operation({
    method: 'GET',
    path: '/customers/:id',
    params: z.strictObject({ expand: expand() }),
    run({ account, id }) {
      const customer = byId(account.data.customers, id)
      return customer?.deleted ? toDeleted(id) : toCustomer(findCustomer(account, id))
    },
  }),
  operation({
    method: 'POST',
    path: '/customers/:id',
    params: z.strictObject(fields),
    run(call, params) {
      const customer = findCustomer(call.account, call.id)
      const before = toCustomer(customer)
      if (params.email !== undefined) customer.email = params.email
      if (params.name !== undefined) customer.name = params.name
      if (params.phone !== undefined) customer.phone = params.phone
      if (params.description !== undefined) customer.description = params.description
      customer.metadata = mergeMetadata(customer.metadata, params.metadata)
      const after = toCustomer(customer)
      const previousAttributes = changedFrom(before, after)
      if (Object.keys(previousAttributes).length > 0) {
        emit(call.account, 'customer.updated', after, { by: call, previousAttributes })
      }
      return after
    },
  }),
  operation({
    method: 'DELETE',
    path: '/customers/:id',
    params: z.strictObject({}),
    run(call) {
      const customer = findCustomer(call.account, call.id)
      emit(call.account, 'customer.deleted', toCustomer(customer), { by: call })
      Object.assign(customer, forgotten)
      return toDeleted(customer.id)
    },
  }),
]

const forgotten = {
  deleted: true,
  email: null,
  name: null,
  phone: null,
  description: null,
  metadata: {},
} satisfies Partial<CustomerRecord>

/** The former values of the top-level fields that differ. */
function changedFrom<Item extends object>(before: Item, after: Item): Partial<Item> {
  const changed: Partial<Item> = {}
  for (const key in before) {
    if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) changed[key] = before[key]
  }
  return changed
}

import type { Stripe } from 'stripe'
import type * as z from 'zod'
import { noSuch } from './errors.ts'
import { type createdFilter, integer, text } from './params.ts'

/** The parameters that every list takes: https://docs.stripe.com/api/pagination */
export const listParams = {
  limit: integer({ min: 1, max: 100 }).optional(),
  starting_after: text(255).optional(),
  ending_before: text(255).optional(),
}

/** A list of objects that are JSON already. */
export type ListJson<Item> = Omit<Stripe.ApiList<never>, 'data'> & { data: Item[] }

interface PageParams {
  limit?: number | undefined
  starting_after?: string | undefined
  ending_before?: string | undefined
}

/**
 * One page of `records` (given oldest first), newest first as Stripe lists them.
 *
 * @throws StripeApiError when a cursor names no record of the kind `what`
 */
export function listPage<Record extends { id: string }, Item>(
  records: Iterable<Record>,
  params: PageParams,
  list: { url: string; what: string; render: (record: Record) => Item },
): ListJson<Item> {
  const limit = params.limit ?? 10
  const newestFirst = [...records].reverse()
  const { rows, hasMore } = params.ending_before
    ? pageBefore(newestFirst, indexOf(newestFirst, params.ending_before, 'ending_before', list.what), limit)
    : pageAfter(newestFirst, startOf(newestFirst, params.starting_after, list.what), limit)
  return { object: 'list', data: rows.map(list.render), has_more: hasMore, url: list.url }
}

/** Whether a time in seconds passes a `created` filter. */
export function matchesCreated(created: number, filter: z.output<typeof createdFilter> | undefined): boolean {
  if (filter === undefined) return true
  if (typeof filter === 'number') return created === filter
  return (
    created > (filter.gt ?? -Infinity) &&
    created >= (filter.gte ?? -Infinity) &&
    created < (filter.lt ?? Infinity) &&
    created <= (filter.lte ?? Infinity)
  )
}

function startOf(rows: { id: string }[], startingAfter: string | undefined, what: string): number {
  return startingAfter === undefined ? 0 : indexOf(rows, startingAfter, 'starting_after', what) + 1
}

function pageAfter<Row>(rows: Row[], start: number, limit: number): { rows: Row[]; hasMore: boolean } {
  return { rows: rows.slice(start, start + limit), hasMore: rows.length > start + limit }
}

function pageBefore<Row>(rows: Row[], end: number, limit: number): { rows: Row[]; hasMore: boolean } {
  return { rows: rows.slice(Math.max(0, end - limit), end), hasMore: end > limit }
}

function indexOf(rows: { id: string }[], id: string, param: string, what: string): number {
  const index = rows.findIndex(row => row.id === id)
  if (index < 0) throw noSuch(what, id, param)
  return index
}

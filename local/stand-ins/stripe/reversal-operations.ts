import * as z from 'zod'
import type { Account } from './account.ts'
import { byId } from './data.ts'
import { noSuch } from './errors.ts'
import { listPage, listParams, matchesCreated } from './lists.ts'
import { type Operation, operation } from './operations.ts'
import { createdFilter, expand, text } from './params.ts'

/** What takes a payment back: a refund, a dispute. */
interface ReversalRecord {
  readonly id: string
  readonly created: number
  readonly paymentIntentId: string
}

/** Listing and retrieving reversals of one kind, with their payment intents expanded where that is asked for. */
export function reversalOperations<Row extends ReversalRecord>(kind: {
  what: 'refund' | 'dispute'
  rowsOf: (account: Account) => Record<string, Row>
  render: (account: Account, row: Row, expanded: readonly string[]) => object
}): Operation[] {
  const { what, rowsOf, render } = kind
  return [
    operation({
      method: 'GET',
      path: `/${what}s`,
      params: z.strictObject({
        ...listParams,
        created: createdFilter.optional(),
        payment_intent: text(255).optional(),
        expand: expand('data.payment_intent'),
      }),
      run({ account }, params) {
        const rows = Object.values(rowsOf(account)).filter(
          ({ created, paymentIntentId }) =>
            matchesCreated(created, params.created) &&
            (params.payment_intent === undefined || params.payment_intent === paymentIntentId),
        )
        const expanded = params.expand.map(name => name.replace('data.', ''))
        return listPage(rows, params, {
          url: `/v1/${what}s`,
          what,
          render: row => render(account, row, expanded),
        })
      },
    }),
    operation({
      method: 'GET',
      path: `/${what}s/:id`,
      params: z.strictObject({ expand: expand('payment_intent') }),
      run({ account, id }, params) {
        const row = byId(rowsOf(account), id)
        if (row === undefined) throw noSuch(what, id)
        return render(account, row, params.expand)
      },
    }),
  ]
}

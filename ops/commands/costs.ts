import * as z from 'zod'
import { countActiveListeners } from '../../src/db/active-listeners.ts'
import { type Amount, perThousand, sumOf, toCents, toDecimal } from '../amount.ts'
import { type Bill, readBill } from '../bill.ts'
import { defineCommand } from '../command.ts'
import { type Month, monthNameAt, monthOf } from '../month.ts'
import { dollars, fieldsOf, paragraphs, tableOf } from '../print.ts'
import { UsageProblem } from '../problem.ts'

export const registerCosts = defineCommand({
  usage: 'costs',
  description:
    "What AWS bills for a month, by service and per 1,000 active listeners, with this month's forecast.",
  options: [['--month <YYYY-MM>', 'which month; this one without it']],
  examples: ['costs --stage prod', 'costs --stage prod --month 2026-10'],
  input: z.object({
    month: z
      .string()
      .regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, 'must be a month such as 2026-11')
      .optional(),
  }),
  run: async ({ target, progress, now }, input) => {
    const month = monthOf(input.month ?? monthNameAt(now()))
    if (month.fromMs > now()) throw new UsageProblem(`month ${month.name} has not begun`)
    progress('Asking for the bill, and counting who used something: that reads the whole Usage table …')
    const [bill, listeners] = await Promise.all([
      readBill(target, month, now()),
      countActiveListeners(target.database, month.fromMs, month.toMs),
    ])
    return { ok: true, text: textOf(bill, month, listeners), data: dataOf(bill, month, listeners) }
  },
})

const expectedOf = ({ total, forecast }: Bill): Amount | undefined =>
  forecast === undefined ? undefined : sumOf([total, forecast])

const centsOf = (amount: Amount | undefined): number | null => (amount === undefined ? null : toCents(amount))

const dataOf = (bill: Bill, month: Month, listeners: number) => ({
  month: month.name,
  currency: 'usd',
  services: bill.services.map(({ service, amount }) => ({ service, dollars: toDecimal(amount) })),
  total_cents: toCents(bill.total),
  expected_cents: centsOf(expectedOf(bill)),
  active_listeners: listeners,
  per_1000_listeners_cents: centsOf(perThousand(bill.total, listeners)),
})

const textOf = (bill: Bill, month: Month, listeners: number): string => {
  const expected = expectedOf(bill)
  const perListeners = perThousand(bill.total, listeners)
  return paragraphs(
    tableOf(
      ['Service', 'Dollars'],
      bill.services.map(({ service, amount }) => [service, toDecimal(amount)]),
      'AWS has billed nothing under the tags service and stage. Tags count from the day after they are activated: ' +
        'Billing, Cost allocation tags.',
    ),
    fieldsOf({
      Month: month.name,
      Total: dollars(toCents(bill.total)),
      'Expected by its end': expected === undefined ? undefined : dollars(toCents(expected)),
      'Active listeners': listeners,
      'Per 1,000 of them': perListeners === undefined ? undefined : dollars(toCents(perListeners)),
    }),
    "The vendors' bills (AssemblyAI, OpenAI, Stripe's fees) are not in it: docs/cost-model.md.",
  )
}

import { listeners, usage } from './assumptions.ts'
import { awsPrices } from './aws-prices-2026-11.ts'
import { billOf, monthlyBill } from './bill.ts'
import { bonusCost, creditsUsed, type PackMonth, packMonths, packsNeeded, vendorBill } from './margin.ts'
import type { Measured } from './measured.ts'
import { dollars, format, type NanoDollars, scaled } from './money.ts'
import { type MonthOptions, monthOf } from './month.ts'
import { stripeFee, vendorPrices } from './vendor-prices-2026-11.ts'

/** What a month of a thousand listeners should cost at most. */
export const goal = dollars('4')

/** A table that is printed and written into the document. */
export interface Table {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const whole = (value: bigint): string => value.toLocaleString('en-US')
/** A total over samples, for one of them. */
const each = (total: number, samples: number, decimals = 1): string => (total / samples).toFixed(decimals)
const percent = (tenths: bigint): string => `${tenths / 10n}.${tenths % 10n} %`

const gigabyte = 1_073_741_824
const megabytesAnMs = 1_024_000

/** Quantities as people read them. */
const readable = (unit: string, quantity: bigint): string => {
  if (unit === 'bytes' || unit === 'byte-months') return `${(Number(quantity) / gigabyte).toFixed(2)} GB`
  if (unit === 'MB·ms') return `${whole(BigInt(Math.round(Number(quantity) / megabytesAnMs)))} GB·s`
  if (unit === 'half units') return `${whole((quantity + 1n) / 2n)} units`
  return `${whole(quantity)} ${unit}`
}

const readableAllowance = (unit: string, quantity: bigint): string =>
  quantity === 0n ? '–' : readable(unit, quantity)

const totalsTable = (measured: Measured): Table => {
  const first = monthOf(measured)
  const parts = [
    ['what listeners do', billOf(first.ofUse)],
    ['the sweep, and the nightly proof of the books', billOf(first.ofSchedules)],
    ['what stands still: alarms, metrics, dashboard, storage, copies', billOf(first.standing)],
  ] as const
  const months: readonly (readonly [string, MonthOptions])[] = [
    ['the first month, all together', {}],
    ['the same, were KMS asked for every key every five minutes', { keyRule: 'each_five_minutes' }],
    ['the sixth month, all together', { months: 6n }],
    ['the twelfth month, all together', { months: 12n }],
  ]
  return {
    name: 'totals',
    columns: ['of a month', 'without allowances', 'with the allowances that every account has'],
    rows: [
      ...parts.map(([name, { beforeAllowance }]) => [name, format(beforeAllowance), '']),
      ...months.map(([name, options]) => {
        const bill = monthlyBill(monthOf(measured, options))
        return [name, format(bill.beforeAllowance), `**${format(bill.afterAllowance)}**`]
      }),
      ['the first month that is not under the goal', '', `the ${firstMonthOver(measured)}`],
    ],
  }
}

const ordinals = new Intl.PluralRules('en', { type: 'ordinal' })
const suffixes: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' }

/** What is stored grows, so there is one. */
const firstMonthOver = (measured: Measured): string => {
  let month = 1
  while (monthlyBill(monthOf(measured, { months: BigInt(month) })).afterAllowance < goal) month++
  return `${month}${suffixes[ordinals.select(month)]}`
}

const linesTable = (measured: Measured): Table => {
  const first = monthlyBill(monthOf(measured))
  const twelfth = monthlyBill(monthOf(measured, { months: 12n }))
  return {
    name: 'lines',
    columns: ['', 'quantity', 'always free', 'without allowances', 'with them', 'in the twelfth month'],
    rows: first.lines.map((line, index) => {
      const { name, unit, alwaysFree } = awsPrices[line.service]
      return [
        name,
        readable(unit, line.quantity),
        readableAllowance(unit, alwaysFree),
        format(line.beforeAllowance, 3),
        format(line.afterAllowance, 3),
        format(twelfth.lines[index]?.afterAllowance ?? 0n, 3),
      ]
    }),
  }
}

const callsTable = (measured: Measured): Table => ({
  name: 'calls',
  columns: ['call', 'a month', 'write units', 'read units', 'CPU here, ms', 'billed, ms', 'log, bytes'],
  rows: monthOf(measured).calls.flatMap(({ name, times, billedMs, logBytes }) => {
    const call = measured.calls[name]
    if (!call) return []
    return [
      [
        name,
        whole(times),
        each(call.write_units, call.samples),
        each(call.read_half_units / 2, call.samples),
        each(call.cpu_us / 1_000, call.warm_samples),
        String(billedMs),
        whole(scaled(logBytes, times, 1n)),
      ],
    ]
  }),
})

const channelShares = [0n, 1n, 2n, 3n, 4n, 10n, 20n, 40n]

const channelsTable = (measured: Measured): Table => ({
  name: 'channels',
  columns: ['of 40 catch-ups from a channel', 'data out', 'without allowances', 'with allowances'],
  rows: channelShares.map(channelCatchups => {
    const bill = monthlyBill(monthOf(measured, { channelCatchups }))
    const out = bill.lines.find(({ service }) => service === 'dataOut')?.quantity ?? 0n
    return [
      String(channelCatchups),
      readable('bytes', out),
      format(bill.beforeAllowance),
      format(bill.afterAllowance),
    ]
  }),
})

const vendorsTable = (measured: Measured): Table => {
  const bill = vendorBill(monthOf(measured).calls)
  const row = (name: string, amount: NanoDollars): string[] => [
    name,
    format(amount, 4),
    format(amount * listeners),
  ]
  return {
    name: 'vendors',
    columns: ['', 'a listener', '1,000 listeners'],
    rows: [
      row(vendorPrices.streaming.name, bill.streaming),
      row(vendorPrices.recordings.name, bill.recordings),
      row(
        `OpenAI, ${whole(bill.tokensInOfAll / listeners)} tokens in and ${whole(bill.tokensOutOfAll / listeners)} out`,
        bill.tokens,
      ),
      row('together', bill.total),
      row('once for each new account: its free credits, all of them used for captions', bonusCost()),
    ],
  }
}

const packRow = (month: PackMonth): string[] => [
  `${(Number(month.packsThousandths) / 1_000).toFixed(2)} × ${month.pack}`,
  whole(month.credits),
  percent(month.coversTenthsOfAPercent),
  format(month.paid),
  format(month.stripe),
  format(month.vendors),
  format(month.aws, 4),
  format(month.left),
]

const packsTable = (measured: Measured): Table => {
  const month = monthOf(measured)
  const costs = {
    vendors: vendorBill(month.calls).total,
    aws: scaled(monthlyBill(month).beforeAllowance, listeners, 1n),
  }
  return {
    name: 'packs',
    columns: [
      'bought in a month',
      'credits',
      'of the use',
      'paid',
      'Stripe (2.9 % and 30 cents)',
      'vendors',
      'AWS, without allowances',
      'left',
    ],
    rows: [...packMonths(costs), ...packsNeeded(costs)].map(packRow),
  }
}

const creditsTable = (): Table => {
  const used = creditsUsed()
  const { sessions, channelCatchups, catchups } = usage
  return {
    name: 'credits',
    columns: ['one listener in a month', 'credits'],
    rows: [
      [`${sessions} hours of captions`, whole(used.live)],
      [`${channelCatchups} catch-ups from a channel`, whole(used.channel)],
      [`${catchups - channelCatchups} catch-ups from the transcript`, whole(used.transcript)],
      ['together', whole(used.total)],
    ],
  }
}

const sourcesTable = (): Table => ({
  name: 'sources',
  columns: ['', 'price', 'where the vendor has it', 'where it was read'],
  rows: [
    ...Object.values(awsPrices).map(({ name, unit, price, source, readAt }) => [
      name,
      `${format(price.nanoDollars, 9).replace(/0{1,7}$/, '')} for ${readable(unit, price.per)}`,
      source,
      readAt,
    ]),
    ...Object.values(vendorPrices).map(({ name, price, source, readAt }) => [
      name,
      `${format(price.nanoDollars)} for ${price.per === 3_600_000n ? 'an hour' : 'a million'}`,
      source,
      readAt,
    ]),
    [stripeFee.name, '', stripeFee.source, stripeFee.readAt],
  ],
})

const measuredTable = (measured: Measured): Table => ({
  name: 'measured',
  columns: ['measured on', 'machine', 'Node'],
  rows: [[measured.measured_on, measured.machine, measured.node]],
})

/** Everything that the document shows of a measurement, reckoned anew. */
export const tablesOf = (measured: Measured): Table[] => [
  measuredTable(measured),
  totalsTable(measured),
  linesTable(measured),
  callsTable(measured),
  channelsTable(measured),
  vendorsTable(measured),
  creditsTable(),
  packsTable(measured),
  sourcesTable(),
]

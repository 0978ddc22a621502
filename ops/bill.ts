import {
  CostExplorerClient,
  type Expression,
  GetCostAndUsageCommand,
  GetCostForecastCommand,
} from '@aws-sdk/client-cost-explorer'
import { type Amount, readAmount, sumOf } from './amount.ts'
import { dayName, dayStart, daysSoFar, type Month } from './month.ts'
import { OpsProblem } from './problem.ts'
import type { Target } from './target.ts'

export interface Bill {
  /** What each of AWS's services has cost, the dearest first. */
  readonly services: readonly { readonly service: string; readonly amount: Amount }[]
  readonly total: Amount
  /** What the days that are left will add, today among them; undefined for a past month, or where AWS can't tell yet. */
  readonly forecast: Amount | undefined
}

/** Cost Explorer is in one region, whatever region is billed. */
const costExplorerRegion = 'us-east-1'
const cost = 'UnblendedCost'

/** Reads what a stage costs by its tags. Each of the two questions costs a cent. */
export const readBill = async (target: Target, month: Month, nowMs: number): Promise<Bill> => {
  const client = new CostExplorerClient({ ...target.clientOptions('ce'), region: costExplorerRegion })
  const filter = tagged(target.stage)
  try {
    const services = await readServices(client, filter, daysSoFar(month, nowMs))
    const isOver = month.toMs <= nowMs
    return {
      services,
      total: sumOf(services.map(({ amount }) => amount)),
      forecast: isOver ? undefined : await readForecast(client, filter, month, nowMs),
    }
  } finally {
    client.destroy()
  }
}

const tagged = (stage: string): Expression => ({
  And: [
    { Tags: { Key: 'service', Values: ['live-transcription'] } },
    { Tags: { Key: 'stage', Values: [stage] } },
  ],
})

const readServices = async (
  client: CostExplorerClient,
  Filter: Expression,
  days: { readonly from: string; readonly to: string },
): Promise<Bill['services']> => {
  const amounts = new Map<string, Amount>()
  let NextPageToken: string | undefined
  do {
    const page = await client.send(
      new GetCostAndUsageCommand({
        TimePeriod: { Start: days.from, End: days.to },
        Granularity: 'MONTHLY',
        Metrics: [cost],
        GroupBy: [{ Type: 'DIMENSION', Key: 'SERVICE' }],
        Filter,
        NextPageToken,
      }),
    )
    for (const { Keys: [service = 'unknown'] = [], Metrics } of (page.ResultsByTime ?? []).flatMap(
      ({ Groups = [] }) => Groups,
    )) {
      const amount = inDollars(Metrics?.[cost]?.Amount, Metrics?.[cost]?.Unit)
      amounts.set(service, (amounts.get(service) ?? 0n) + amount)
    }
    NextPageToken = page.NextPageToken
  } while (NextPageToken !== undefined)
  return [...amounts]
    .map(([service, amount]) => ({ service, amount }))
    .sort((a, b) => (b.amount > a.amount ? 1 : -1))
}

/** By days: by months AWS would count the days that are over once more. */
const readForecast = async (
  client: CostExplorerClient,
  Filter: Expression,
  month: Month,
  nowMs: number,
): Promise<Amount | undefined> => {
  try {
    const { ForecastResultsByTime = [] } = await client.send(
      new GetCostForecastCommand({
        TimePeriod: { Start: dayName(dayStart(nowMs)), End: dayName(month.toMs) },
        Granularity: 'DAILY',
        Metric: 'UNBLENDED_COST',
        Filter,
      }),
    )
    return sumOf(ForecastResultsByTime.map(({ MeanValue = '0' }) => readAmount(MeanValue)))
  } catch (error) {
    // A stage of a few days has too little past.
    if (error instanceof Error && error.name === 'DataUnavailableException') return undefined
    throw error
  }
}

const inDollars = (amount = '0', currency = 'USD'): Amount => {
  if (currency !== 'USD' && currency !== 'N/A')
    throw new OpsProblem(`AWS bills in ${currency}, not in dollars.`)
  return readAmount(amount)
}

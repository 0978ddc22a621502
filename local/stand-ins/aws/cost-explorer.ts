import * as z from 'zod'
import type { State } from '../state.ts'
import { AwsError } from './errors.ts'
import { type JsonService, operation } from './json-protocol.ts'

/** What this machine's cloud would cost, made up: US dollars a day by service. */
export const costData = z.object({ dollarsPerDay: z.record(z.string(), z.number().min(0)) })
export type CostData = z.infer<typeof costData>

/** Each name says that it is made up: a bill is nothing to be taken for real. */
export const madeUpCosts = (): CostData => ({
  dollarsPerDay: {
    'AWS Lambda (made up)': 0.021,
    'Amazon API Gateway (made up)': 0.018,
    'Amazon DynamoDB (made up)': 0.034,
    'AmazonCloudWatch (made up)': 0.029,
    'AWS Backup (made up)': 0.006,
  },
})

const dayMs = 24 * 60 * 60_000
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)
const period = z.object({ Start: date, End: date })
type Period = z.infer<typeof period>
const granularity = z.enum(['DAILY', 'MONTHLY'])
const costInput = z.object({
  TimePeriod: period,
  Granularity: granularity,
  Metrics: z.array(z.string()).min(1),
  GroupBy: z.array(z.object({ Type: z.string(), Key: z.string() })).default([]),
})
const forecastInput = z.object({ TimePeriod: period, Granularity: granularity, Metric: z.string() })

/** Cost Explorer, over figures that are made up; they are the same for each day and whatever it is filtered by. */
export function costExplorerService(options: {
  accessKeyId: string
  state: State<CostData>
  nowMs: () => number
}): JsonService {
  const { accessKeyId, state, nowMs } = options
  const tomorrow = (): string => isoDate(nowMs() + dayMs)
  return {
    path: '/ce',
    target: 'AWSInsightsIndexService',
    namespace: 'com.amazonaws.costexplorer',
    version: '1.1',
    accessKeyId,
    operations: {
      GetCostAndUsage: operation(costInput, input => {
        requireOrder(input.TimePeriod)
        const grouped = input.GroupBy.some(({ Key }) => Key === 'SERVICE')
        const results = periodsOf(input.TimePeriod, input.Granularity).map(part => {
          const days = daysIn({ Start: part.Start, End: earlier(part.End, tomorrow()) })
          const amounts = Object.entries(state.data.dollarsPerDay).map(
            ([service, dollars]) => [service, dollars * days] as const,
          )
          const total = amounts.reduce((sum, [, dollars]) => sum + dollars, 0)
          return {
            TimePeriod: part,
            Estimated: part.End >= tomorrow(),
            Total: grouped ? {} : metrics(input.Metrics, total),
            Groups: grouped
              ? amounts
                  .filter(([, dollars]) => dollars > 0)
                  .map(([service, dollars]) => ({
                    Keys: [service],
                    Metrics: metrics(input.Metrics, dollars),
                  }))
              : [],
          }
        })
        return { ResultsByTime: results, GroupDefinitions: input.GroupBy, DimensionValueAttributes: [] }
      }),
      GetCostForecast: operation(forecastInput, input => {
        requireOrder(input.TimePeriod)
        if (input.TimePeriod.End < tomorrow()) {
          throw new AwsError(400, 'ValidationException', 'The end of a forecast must be in the future.')
        }
        const perDay = Object.values(state.data.dollarsPerDay).reduce((sum, dollars) => sum + dollars, 0)
        return {
          Total: amount(perDay * daysIn(input.TimePeriod)),
          ForecastResultsByTime: periodsOf(input.TimePeriod, input.Granularity).map(part => ({
            TimePeriod: part,
            MeanValue: amount(perDay * daysIn(part)).Amount,
          })),
        }
      }),
    },
  }
}

function requireOrder({ Start, End }: Period): void {
  if (Start < End) return
  throw new AwsError(400, 'ValidationException', 'Start date (and hour) should be before end date (and hour)')
}

/** A period cut at the days' or months' borders. */
function periodsOf({ Start, End }: Period, by: z.infer<typeof granularity>): Period[] {
  const parts: Period[] = []
  for (let start = Start; start < End; ) {
    const end = earlier(End, by === 'DAILY' ? isoDate(Date.parse(start) + dayMs) : nextMonth(start))
    parts.push({ Start: start, End: end })
    start = end
  }
  return parts
}

function nextMonth(day: string): string {
  const next = new Date(`${day.slice(0, 7)}-01T00:00:00Z`)
  next.setUTCMonth(next.getUTCMonth() + 1)
  return isoDate(next.getTime())
}

function daysIn({ Start, End }: Period): number {
  return Math.max(0, Math.round((Date.parse(End) - Date.parse(Start)) / dayMs))
}

function earlier(one: string, other: string): string {
  return one < other ? one : other
}

function isoDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function metrics(names: readonly string[], dollars: number) {
  return Object.fromEntries(names.map(name => [name, amount(dollars)]))
}

function amount(dollars: number) {
  return { Amount: dollars.toFixed(10), Unit: 'USD' }
}

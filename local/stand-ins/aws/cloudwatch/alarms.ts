import * as z from 'zod'
import type { Sample } from './embedded-metrics.ts'
import { datapoints, matching } from './statistics.ts'

/** An alarm as serverless.yml describes it. */
export const alarmSchema = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().optional(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]),
  /** Of what is computed. */
  Metrics: z
    .array(z.object({ Expression: z.string().optional(), Period: z.number().optional() }))
    .default([]),
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Period: z.number().optional(),
  EvaluationPeriods: z.number().default(1),
  DatapointsToAlarm: z.number().optional(),
  Threshold: z.number().optional(),
  ComparisonOperator: z.string().optional(),
  TreatMissingData: z.string().optional(),
})
export type Alarm = z.infer<typeof alarmSchema>

/** How an alarm is, and why. */
export interface AlarmState {
  value: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'
  reason: string
}

const comparisons: Record<string, (value: number, threshold: number) => boolean> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
}

/** What this machine measures. */
export interface Measured {
  samples: readonly Sample[]
  /** Whether what is in a namespace is measured at all. */
  has(namespace: string): boolean
  /** From when on. */
  sinceMs: number
}

/** What an alarm looks at: one metric, or each series of a metric by the values of one dimension. */
interface Watched {
  statistic: string
  periodMs: number
  series: readonly (readonly Sample[])[]
}

/** How an alarm is at `nowMs` by what was measured; periods from before that began don't count as missing. */
export function stateOf(alarm: Alarm, measured: Measured, nowMs: number): AlarmState {
  const watched = watchedBy(alarm, measured)
  const breaches = comparisons[alarm.ComparisonOperator ?? '']
  const { Threshold: threshold } = alarm
  if (watched === undefined || breaches === undefined || threshold === undefined) {
    return { value: 'INSUFFICIENT_DATA', reason: 'This is not measured on this machine.' }
  }
  const { statistic, periodMs, series } = watched
  const startMs = nowMs - alarm.EvaluationPeriods * periodMs
  const values = series.map(samples =>
    (datapoints(samples, statistic, { startMs, endMs: nowMs + 1, periodMs }) ?? []).map(({ value }) => value),
  )
  const periods = Math.floor((nowMs - Math.max(startMs, measured.sinceMs)) / periodMs)
  const needed = alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods
  const sounds = values.some(ofSeries => {
    const missing = alarm.TreatMissingData === 'breaching' ? Math.max(0, periods - ofSeries.length) : 0
    return ofSeries.filter(value => breaches(value, threshold)).length + missing >= needed
  })
  const seen = values.flat().join(', ') || 'no data'
  return {
    value: sounds ? 'ALARM' : 'OK',
    reason: `${statistic} in ${alarm.EvaluationPeriods} × ${periodMs / 1_000} s: ${seen}; the threshold is ${threshold}.`,
  }
}

function watchedBy(alarm: Alarm, measured: Measured): Watched | undefined {
  return watchedMetric(alarm, measured) ?? watchedQuery(alarm, measured)
}

function watchedMetric(alarm: Alarm, { samples, has }: Measured): Watched | undefined {
  const { Namespace: namespace, MetricName: metric, Period: period } = alarm
  const statistic = alarm.Statistic ?? alarm.ExtendedStatistic
  if (namespace === undefined || metric === undefined || period === undefined) return undefined
  if (statistic === undefined || !has(namespace)) return undefined
  const dimensions = Object.fromEntries(alarm.Dimensions.map(({ Name, Value }) => [Name, String(Value)]))
  const series = [matching(samples, { namespace, metric, dimensions })]
  return { statistic, periodMs: period * 1_000, series }
}

const query =
  /^SELECT SUM\((?<metric>\w+)\) FROM SCHEMA\("(?<namespace>[^"]+)", "?(?<dimension>\w+)"?\) GROUP BY "?\k<dimension>"?/

/** The one form of Metrics Insights that the alarms of serverless.yml use over our own metrics. */
function watchedQuery({ Metrics }: Alarm, { samples, has }: Measured): Watched | undefined {
  const [asked, ...more] = Metrics
  const parts = query.exec(asked?.Expression ?? '')?.groups
  if (asked?.Period === undefined || parts === undefined || more.length > 0) return undefined
  const { metric = '', namespace = '', dimension = '' } = parts
  if (!has(namespace)) return undefined
  const values = new Set(samples.map(({ dimensions }) => dimensions[dimension]))
  const series = [...values].flatMap(value =>
    value === undefined ? [] : [matching(samples, { namespace, metric, dimensions: { [dimension]: value } })],
  )
  return { statistic: 'Sum', periodMs: asked.Period * 1_000, series }
}

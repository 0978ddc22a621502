import * as z from 'zod'
import type { Sample } from './embedded-metrics.ts'
import { datapoints, matching } from './statistics.ts'

/** An alarm on one metric as serverless.yml describes it. */
export const alarmSchema = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().optional(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]),
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

/**
 * How an alarm is at `nowMs` by the samples there are.
 *
 * @param isMeasured whether this machine measures what is in a namespace at all
 */
export function stateOf(
  alarm: Alarm,
  samples: readonly Sample[],
  isMeasured: (namespace: string) => boolean,
  nowMs: number,
): AlarmState {
  const { Namespace: namespace, MetricName: metric, Period: period, Threshold: threshold } = alarm
  const statistic = alarm.Statistic ?? alarm.ExtendedStatistic
  const breaches = comparisons[alarm.ComparisonOperator ?? '']
  if (
    namespace === undefined ||
    metric === undefined ||
    period === undefined ||
    threshold === undefined ||
    statistic === undefined ||
    breaches === undefined ||
    !isMeasured(namespace)
  ) {
    return { value: 'INSUFFICIENT_DATA', reason: 'This is not measured on this machine.' }
  }
  const periodMs = period * 1_000
  const startMs = nowMs - alarm.EvaluationPeriods * periodMs
  const dimensions = Object.fromEntries(alarm.Dimensions.map(({ Name, Value }) => [Name, String(Value)]))
  const points = datapoints(matching(samples, { namespace, metric, dimensions }), statistic, {
    startMs,
    endMs: nowMs + 1,
    periodMs,
  })
  const breaching = (points ?? []).filter(({ value }) => breaches(value, threshold))
  const missing = Math.max(0, alarm.EvaluationPeriods - (points ?? []).length)
  const count = breaching.length + (alarm.TreatMissingData === 'breaching' ? missing : 0)
  const needed = alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods
  const seen = `${statistic} of ${metric}: ${(points ?? []).map(({ value }) => value).join(', ') || 'no data'}`
  return { value: count >= needed ? 'ALARM' : 'OK', reason: `${seen}; the threshold is ${threshold}.` }
}

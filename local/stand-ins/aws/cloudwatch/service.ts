import * as z from 'zod'
import { AwsError } from '../errors.ts'
import { type JsonService, operation } from '../json-protocol.ts'
import { type Alarm, type Measured, stateOf } from './alarms.ts'
import type { Sample } from './embedded-metrics.ts'
import { datapoints, type MetricName, matching } from './statistics.ts'

export interface CloudWatchOptions {
  accessKeyId: string
  measured(): Promise<Measured>
  alarms(): Promise<readonly Alarm[]>
  nowMs: () => number
}

const metricSchema = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
})
const querySchema = z.object({
  Id: z.string(),
  Label: z.string().optional(),
  Expression: z.string().optional(),
  ReturnData: z.boolean().default(true),
  MetricStat: z.object({ Metric: metricSchema, Period: z.int().positive(), Stat: z.string() }).optional(),
})
type Query = z.infer<typeof querySchema>
const dataInput = z.object({
  MetricDataQueries: z.array(querySchema).min(1).max(500),
  StartTime: z.number(),
  EndTime: z.number(),
  ScanBy: z.enum(['TimestampAscending', 'TimestampDescending']).default('TimestampDescending'),
})
const alarmsInput = z.object({
  AlarmNames: z.array(z.string()).optional(),
  AlarmNamePrefix: z.string().default(''),
  StateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']).optional(),
})

/** CloudWatch, over the metrics that the backend's log carries. */
export function cloudWatchService(options: CloudWatchOptions): JsonService {
  return {
    path: '/cloudwatch',
    target: 'GraniteServiceVersion20100801',
    namespace: 'com.amazonaws.cloudwatch',
    version: '1.0',
    accessKeyId: options.accessKeyId,
    operations: {
      DescribeAlarms: operation(alarmsInput, async input => ({
        MetricAlarms: await describeAlarms(options, input),
        CompositeAlarms: [],
      })),
      ListMetrics: operation(
        z.object({ Namespace: z.string().optional(), MetricName: z.string().optional() }),
        async ({ Namespace: namespace, MetricName: metric }) => {
          const wanted = (await options.measured()).samples.filter(
            sample =>
              (namespace === undefined || sample.namespace === namespace) &&
              (metric === undefined || sample.metric === metric),
          )
          return { Metrics: distinct(wanted).map(metricToJson) }
        },
      ),
      GetMetricData: operation(dataInput, async input => {
        if (input.StartTime >= input.EndTime) {
          throw invalid('The start time must be before the end time.')
        }
        const { samples } = await options.measured()
        const results = input.MetricDataQueries.filter(query => query.ReturnData).map(query =>
          resultOf(query, samples, input),
        )
        return { MetricDataResults: results, Messages: [] }
      }),
    },
  }
}

async function describeAlarms(
  { alarms, measured, nowMs }: CloudWatchOptions,
  { AlarmNames: names, AlarmNamePrefix: prefix, StateValue: wanted }: z.infer<typeof alarmsInput>,
) {
  const known = await measured()
  return (await alarms())
    .filter(({ AlarmName: name }) => name.startsWith(prefix) && (names === undefined || names.includes(name)))
    .map(alarm => ({ alarm, state: stateOf(alarm, known, nowMs()) }))
    .filter(({ state }) => wanted === undefined || state.value === wanted)
    .map(({ alarm, state }) => ({
      ...alarm,
      // What only CloudFormation can fill in is not known here.
      Dimensions: alarm.Dimensions.filter(({ Value }) => typeof Value === 'string'),
      StateValue: state.value,
      StateReason: state.reason,
      StateUpdatedTimestamp: nowMs() / 1_000,
    }))
}

function resultOf(
  { Id, Label, Expression, MetricStat: stat }: Query,
  samples: readonly Sample[],
  { StartTime, EndTime, ScanBy }: z.infer<typeof dataInput>,
) {
  if (stat === undefined) {
    throw invalid(`The stand-in can’t compute the expression ${Expression}.`)
  }
  const name: MetricName = {
    namespace: stat.Metric.Namespace,
    metric: stat.Metric.MetricName,
    dimensions: Object.fromEntries(stat.Metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
  }
  const points = datapoints(matching(samples, name), stat.Stat, {
    startMs: StartTime * 1_000,
    endMs: EndTime * 1_000,
    periodMs: stat.Period * 1_000,
  })
  if (points === undefined) throw invalid(`Unknown statistic: ${stat.Stat}`)
  if (ScanBy === 'TimestampDescending') points.reverse()
  return {
    Id,
    Label: Label ?? name.metric,
    Timestamps: points.map(({ atMs }) => atMs / 1_000),
    Values: points.map(({ value }) => value),
    StatusCode: 'Complete',
  }
}

function invalid(message: string): AwsError {
  return new AwsError(400, 'ValidationException', message, 'ValidationError')
}

function distinct(samples: readonly Sample[]): MetricName[] {
  const found = new Map<string, MetricName>()
  for (const { namespace, metric, dimensions } of samples) {
    found.set(JSON.stringify([namespace, metric, dimensions]), { namespace, metric, dimensions })
  }
  return [...found.values()]
}

function metricToJson({ namespace, metric, dimensions }: MetricName) {
  return {
    Namespace: namespace,
    MetricName: metric,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  }
}

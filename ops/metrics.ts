import {
  CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch'
import { serviceTypes } from '../src/contracts/service-types.ts'
import { metricsNamespace } from '../src/http/log-metrics.ts'
import type { Target } from './target.ts'

/** What a stage has sold and delivered in a time. */
export interface Business {
  readonly accountsOpened: number
  readonly checkoutsOpened: number
  readonly creditsSold: number
  readonly priceCentsSold: number
  readonly creditsUsed: Readonly<Record<string, number>>
}

const hourSeconds = 3_600

/** Names of the alarms that sound, without the stage's prefix. */
export const readAlarms = async (target: Target): Promise<readonly string[]> => {
  const client = new CloudWatchClient(target.clientOptions('cloudwatch'))
  const AlarmNamePrefix = `live-transcription-${target.stage}-`
  try {
    const names: string[] = []
    const pages = paginateDescribeAlarms(
      { client },
      { AlarmNamePrefix, StateValue: 'ALARM', AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
    )
    for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages) {
      names.push(...[...MetricAlarms, ...CompositeAlarms].map(({ AlarmName = 'unnamed' }) => AlarmName))
    }
    return names.map(name => name.replace(AlarmNamePrefix, '')).sort()
  } finally {
    client.destroy()
  }
}

/** Counts that the functions' log lines carry, by CloudWatch: a minute or two behind. */
export const readBusiness = async (target: Target, fromMs: number, toMs: number): Promise<Business> => {
  const MetricDataQueries = queriesFor(metricsNamespace(target.stage))
  const client = new CloudWatchClient(target.clientOptions('cloudwatch'))
  const sums = new Map<string, number>()
  try {
    let NextToken: string | undefined
    do {
      const page = await client.send(
        new GetMetricDataCommand({
          StartTime: new Date(fromMs),
          EndTime: new Date(toMs),
          MetricDataQueries,
          NextToken,
        }),
      )
      for (const { Id = '', Values = [] } of page.MetricDataResults ?? []) {
        sums.set(
          Id,
          Values.reduce((sum, value) => sum + value, sums.get(Id) ?? 0),
        )
      }
      NextToken = page.NextToken
    } while (NextToken !== undefined)
  } finally {
    client.destroy()
  }
  const sum = (id: string): number => sums.get(id) ?? 0
  return {
    accountsOpened: sum('accounts'),
    checkoutsOpened: sum('checkouts'),
    creditsSold: sum('sold'),
    priceCentsSold: sum('cents'),
    creditsUsed: Object.fromEntries(serviceTypes.map(service => [service, sum(`used_${service}`)])),
  }
}

const queriesFor = (Namespace: string): MetricDataQuery[] => {
  const sum = (Id: string, MetricName: string, Dimensions: { Name: string; Value: string }[] = []) => ({
    Id,
    MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: hourSeconds, Stat: 'Sum' },
  })
  const used = serviceTypes.map(service =>
    sum(`used_${service}`, 'CreditsUsed', [{ Name: 'Service', Value: service }]),
  )
  return [
    sum('accounts', 'AccountsOpened'),
    sum('checkouts', 'CheckoutsOpened'),
    sum('sold', 'CreditsSold'),
    sum('cents', 'PriceCentsSold'),
    ...used,
  ]
}

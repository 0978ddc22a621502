import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'
import { embeddedMetrics, metricCodes, metricsNamespace } from '../../src/http/log-metrics.ts'
import { functionsOf, readTemplate, resourcesOf } from '../support/cloudformation.ts'

const template = await readTemplate(inject('packagedStages').prod)
const functions = functionsOf(template, 'prod')
const runbooks = await readdir(join(projectDir, 'docs/runbooks'))

const metricSchema = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]),
})
const querySchema = z.object({
  Id: z.string(),
  Expression: z.string().optional(),
  MetricStat: z.object({ Metric: metricSchema, Period: z.int(), Stat: z.string() }).optional(),
  Period: z.int().optional(),
  ReturnData: z.boolean(),
})
const alarmSchema = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  Metrics: z.array(querySchema).default([]),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: metricSchema.shape.Dimensions,
  Period: z.int().optional(),
  EvaluationPeriods: z.int(),
  DatapointsToAlarm: z.int(),
  Threshold: z.number(),
  TreatMissingData: z.string(),
  AlarmActions: z.unknown(),
  OKActions: z.unknown(),
})
type Alarm = z.infer<typeof alarmSchema>

const prefix = 'live-transcription-prod-'
const alarms = new Map(
  [...resourcesOf(template, 'AWS::CloudWatch::Alarm', alarmSchema).values()].map(alarm => [
    alarm.AlarmName.slice(prefix.length),
    alarm,
  ]),
)
const named = [...alarms].map(([name, alarm]) => ({ name, alarm }))

/** The metrics that an alarm names one by one; queries find theirs when there are any. */
const metricsOf = ({ Namespace, MetricName, Dimensions, Metrics }: Alarm): z.infer<typeof metricSchema>[] =>
  Namespace !== undefined && MetricName !== undefined
    ? [{ Namespace, MetricName, Dimensions }]
    : Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])

const periodOf = ({ Period, Metrics }: Alarm): number =>
  Period ?? Math.max(...Metrics.map(query => query.Period ?? query.MetricStat?.Period ?? 0))

test('there is an alarm for all that can go wrong unseen', () => {
  expect([...alarms.keys()].sort()).toEqual([
    'api-5xx',
    'api-latency',
    'api-throttled',
    'catchup-fetch-errors',
    'catchup-worker-errors',
    'dead-letters',
    'dynamodb-throttles',
    'expired-holds',
    'functions-failing',
    'lambda-throttles',
    'ledger-mismatch',
    'reconcile-errors',
    'reconcile-silent',
    'stripe-mismatch',
    'stripe-signatures-refused',
    'sweep-errors',
    'sweep-silent',
    'vendor-failures',
  ])
})

test.each(named)(
  '$name mails that it has begun and that it is over, and names its runbook',
  ({ name, alarm }) => {
    expect(alarm.AlarmName).toBe(`${prefix}${name}`)
    expect(alarm.AlarmDescription).toMatch(new RegExp(`^[A-Z].*\\. docs/runbooks/${name}\\.md$`))
    expect(runbooks).toContain(`${name}.md`)
    expect(alarm.AlarmActions).toEqual([{ Ref: 'AlarmTopic' }])
    expect(alarm.OKActions).toEqual([{ Ref: 'AlarmTopic' }])
  },
)

test.each(['budget', 'cost-anomaly', 'disaster-recovery'])(
  'there is a runbook %s for what mails by itself',
  name => {
    expect(runbooks).toContain(`${name}.md`)
  },
)

test.each(named)('$name looks back no longer than CloudWatch can', ({ alarm }) => {
  const lookedBackS = periodOf(alarm) * alarm.EvaluationPeriods
  const isQuery = alarm.Metrics.some(({ Expression }) => Expression?.startsWith('SELECT'))
  const longestS = periodOf(alarm) >= 3_600 ? 7 * 86_400 : 86_400
  expect(periodOf(alarm)).toBeGreaterThanOrEqual(60)
  expect(lookedBackS).toBeLessThanOrEqual(isQuery ? 3 * 3_600 : longestS)
  expect(alarm.DatapointsToAlarm).toBeLessThanOrEqual(alarm.EvaluationPeriods)
})

test('silence alone counts as trouble where nothing is measured', () => {
  const breaching = named.filter(({ alarm }) => alarm.TreatMissingData !== 'notBreaching')
  expect(breaching.map(({ name }) => name).sort()).toEqual(['reconcile-silent', 'sweep-silent'])
})

const embeddedSchema = z.object({
  _aws: z.object({
    CloudWatchMetrics: z.tuple([
      z.object({
        Namespace: z.string(),
        Dimensions: z.tuple([z.array(z.string())]),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ]),
  }),
})

/** The service's own metrics, as namespace, name and dimension: what its log lines count, and a filter on the gateway's. */
const ownMetrics = [...metricCodes, 'any line with a vendor'].flatMap(code => {
  const line = { namespace: metricsNamespace('prod'), timeMs: 0, vendor: 'stripe' }
  const [{ Namespace, Dimensions, Metrics }] = embeddedSchema.parse(embeddedMetrics(code, {}, line))._aws
    .CloudWatchMetrics
  return Metrics.map(({ Name }) => `${Namespace} ${Name} ${Dimensions[0].join()}`)
})
ownMetrics.push('live-transcription/prod RequestsThrottled ')
const business = ['AccountsOpened', 'CheckoutsOpened', 'CreditsSold', 'CreditsUsed', 'PriceCentsSold']

test('every metric of trouble has an alarm, under the name and dimension that it has', () => {
  const byName = named.flatMap(({ alarm }) => metricsOf(alarm))
  const own = byName.filter(({ Namespace }) => Namespace === 'live-transcription/prod')
  const queried = named.flatMap(({ alarm }) =>
    alarm.Metrics.flatMap(({ Expression }) => {
      const query =
        /^SELECT SUM\((\w+)\) FROM SCHEMA\("(live-[^"]+)", "(\w+)"\) GROUP BY "(\w+)" ORDER BY SUM\(\) DESC$/
      const [, name, namespace, dimension, group] = query.exec(Expression ?? '') ?? []
      expect(group).toBe(dimension)
      return name === undefined ? [] : [`${namespace} ${name} ${dimension}`]
    }),
  )
  const watched = own.map(
    ({ Namespace, MetricName, Dimensions }) =>
      `${Namespace} ${MetricName} ${Dimensions.map(({ Name }) => Name)}`,
  )
  const ofTrouble = ownMetrics.filter(metric => !business.includes(metric.split(' ')[1] ?? ''))
  expect([...watched, ...queried].sort()).toEqual(ofTrouble.sort())
})

test('functions that nobody waits for are watched one by one, under the names that they have', () => {
  const watched = named.flatMap(({ name, alarm }) =>
    metricsOf(alarm)
      .filter(({ MetricName, Dimensions }) => MetricName === 'Errors' && Dimensions.length > 0)
      .map(({ Dimensions }) => [name, Dimensions[0]?.Value] as const),
  )
  for (const name of ['catchup-fetch', 'catchup-worker', 'sweep', 'reconcile']) {
    const functionName = functions.get(name)?.properties.FunctionName
    expect(functionName).toBe(`${prefix}${name}`)
    expect(watched).toContainEqual([`${name}-errors`, functionName])
  }
})

test('watching costs less than a dollar a month, while there is no trouble for queries to find', () => {
  const standing = named.flatMap(({ alarm }) => metricsOf(alarm))
  const freeMetrics = 10
  const centsEach = 10
  expect(standing).toHaveLength(16)
  expect((standing.length - freeMetrics) * centsEach).toBeLessThan(100)
})

describe('the topic', () => {
  const statementSchema = z.object({
    Effect: z.string(),
    Principal: z.object({ Service: z.union([z.string(), z.array(z.string())]) }),
    Action: z.string(),
    Resource: z.unknown(),
    Condition: z.unknown().optional(),
  })
  const policySchema = z.object({ PolicyDocument: z.object({ Statement: z.array(statementSchema) }) })

  test('takes what AWS’s own services tell, and nobody else', () => {
    const policy = resourcesOf(template, 'AWS::SNS::TopicPolicy', policySchema).get('AlarmTopicPolicy')
    const statements = policy?.PolicyDocument.Statement ?? []
    expect(statements.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      ['sns:Publish', { Ref: 'AlarmTopic' }],
      ['sns:Publish', { Ref: 'AlarmTopic' }],
    ])
    expect(statements.map(({ Principal }) => Principal.Service)).toEqual([
      ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com', 'costalerts.amazonaws.com'],
      ['events.amazonaws.com'],
    ])
    expect(statements[0]?.Condition).toEqual({
      StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
    })
  })
})

describe('the bill', () => {
  test('is told of at 80 and 100 in 100 of the budget, and when it will be more by the forecast', () => {
    const budgetSchema = z.object({
      NotificationsWithSubscribers: z.array(
        z.object({
          Notification: z.object({ NotificationType: z.string(), Threshold: z.number() }),
          Subscribers: z.unknown(),
        }),
      ),
    })
    const [budget] = resourcesOf(template, 'AWS::Budgets::Budget', budgetSchema).values()
    const notifications = budget?.NotificationsWithSubscribers ?? []
    expect(
      notifications.map(({ Notification: { NotificationType, Threshold } }) => [NotificationType, Threshold]),
    ).toEqual([
      ['ACTUAL', 80],
      ['ACTUAL', 100],
      ['FORECASTED', 100],
    ])
    for (const { Subscribers } of notifications) {
      expect(Subscribers).toEqual([{ SubscriptionType: 'SNS', Address: { Ref: 'AlarmTopic' } }])
    }
  })

  test('is looked at for anomalies by what the service is tagged with', () => {
    const monitorSchema = z.object({ MonitorType: z.literal('CUSTOM'), MonitorSpecification: z.string() })
    const [monitor] = resourcesOf(template, 'AWS::CE::AnomalyMonitor', monitorSchema).values()
    expect(JSON.parse(monitor?.MonitorSpecification ?? '')).toEqual({
      Tags: { Key: 'service', Values: ['live-transcription'] },
    })
    const subscriptionSchema = z.object({ MonitorArnList: z.unknown(), ThresholdExpression: z.string() })
    const [subscription] = resourcesOf(template, 'AWS::CE::AnomalySubscription', subscriptionSchema).values()
    expect(subscription?.MonitorArnList).toEqual([{ Ref: 'CostAnomalies' }])
    expect(JSON.parse(subscription?.ThresholdExpression ?? '')).toMatchObject({
      Dimensions: { Values: ['5'] },
    })
  })
})

describe('the dashboard', () => {
  const widgetSchema = z.object({
    type: z.enum(['metric', 'text']),
    x: z.int(),
    y: z.int(),
    width: z.int(),
    height: z.int(),
    properties: z.looseObject({
      title: z.string().optional(),
      metrics: z.array(z.array(z.unknown())).default([]),
    }),
  })
  const bodySchema = z.object({ widgets: z.array(widgetSchema) })
  const dashboardSchema = z.object({ DashboardBody: z.object({ 'Fn::Sub': z.string() }) })
  const [dashboard] = resourcesOf(template, 'AWS::CloudWatch::Dashboard', dashboardSchema).values()
  const { widgets } = bodySchema.parse(JSON.parse(dashboard?.DashboardBody['Fn::Sub'] ?? ''))
  const metrics = widgets.flatMap(({ properties }) => properties.metrics)

  test('shows how the business goes and how the machine does', () => {
    const titles = widgets.flatMap(({ properties }) => properties.title ?? [])
    expect(titles).toEqual([
      'Accounts opened, a day',
      'Sold, a day',
      'Checkouts that were paid, of each 100',
      'Credits used',
      'Minutes of live captions',
      'Catch-ups, clips and questions',
      'Requests',
      'Milliseconds that an answer takes',
      'Unexpected errors, by function',
      'Failures, by vendor',
      'Functions that nobody waits for: errors',
      'Dead letters',
      'DynamoDB: units written and read',
      'DynamoDB: turned away',
      'What should not be',
    ])
  })

  test('lays nothing over anything else, nor over the edge', () => {
    const cells = widgets.flatMap(({ x, y, width, height }) =>
      Array.from(
        { length: width * height },
        (_, index) => `${x + (index % width)} ${y + Math.floor(index / width)}`,
      ),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(widgets.filter(({ x, width }) => x + width > 24)).toEqual([])
  })

  test('names no more metrics than are free', () => {
    const oneByOne = metrics.filter(([first]) => typeof first === 'string')
    expect(
      new Set(oneByOne.map(metric => JSON.stringify(metric.filter(part => typeof part === 'string')))).size,
    ).toBeLessThanOrEqual(50)
  })

  test('shows every metric of the service’s own', () => {
    const oneByOne = metrics.filter(([namespace]) => namespace === 'live-transcription/prod')
    const dimensionOf = ([, , third]: unknown[]): string => (typeof third === 'string' ? third : '')
    const shown = oneByOne.map(metric => `${metric[0]} ${metric[1]} ${dimensionOf(metric)}`)
    const searched = [
      ...JSON.stringify(metrics).matchAll(
        /SEARCH\('\{\\"([^"\\]+)\\",(\w+)\} MetricName=\\"(\w+)\\"', 'Sum', 300\)/g,
      ),
    ].map(([, namespace, dimension, name]) => `${namespace} ${name} ${dimension}`)
    expect([...new Set([...shown, ...searched])].sort()).toEqual([...new Set(ownMetrics)].sort())
  })
})

test('the ledger is backed up every day for 35 days, and the copies outlive the stack', () => {
  const planSchema = z.object({
    BackupPlan: z.object({ BackupPlanRule: z.tuple([z.record(z.string(), z.unknown())]) }),
  })
  const [plan] = resourcesOf(template, 'AWS::Backup::BackupPlan', planSchema).values()
  expect(plan?.BackupPlan.BackupPlanRule[0]).toMatchObject({
    TargetBackupVault: { Ref: 'BackupVault' },
    ScheduleExpression: 'cron(0 5 * * ? *)',
    Lifecycle: { DeleteAfterDays: 35 },
  })
  expect(template.Resources.BackupVault).toMatchObject({ DeletionPolicy: 'Retain' })
  const selectionSchema = z.object({
    BackupSelection: z.object({ Resources: z.array(z.object({ 'Fn::Sub': z.string() })) }),
  })
  const [selection] = resourcesOf(template, 'AWS::Backup::BackupSelection', selectionSchema).values()
  expect(selection?.BackupSelection.Resources.map(arn => arn['Fn::Sub'].split('table/')[1])).toEqual([
    `${prefix}users`,
    `${prefix}usage`,
    `${prefix}transactions`,
  ])
})

test('a backup that fails is told of by its event: a vault’s own notifications know none of failures any more', () => {
  const ruleSchema = z.object({
    EventPattern: z.unknown(),
    Targets: z.tuple([
      z.object({
        Arn: z.unknown(),
        InputTransformer: z.object({
          InputPathsMap: z.record(z.string(), z.string()),
          InputTemplate: z.string(),
        }),
      }),
    ]),
  })
  const rules = resourcesOf(template, 'AWS::Events::Rule', z.unknown())
  const { EventPattern, Targets } = ruleSchema.parse(rules.get('BackupFailed'))
  expect(EventPattern).toEqual({
    source: ['aws.backup'],
    'detail-type': ['Backup Job State Change'],
    detail: {
      state: ['ABORTED', 'EXPIRED', 'FAILED', 'PARTIAL'],
      backupVaultArn: [{ 'Fn::GetAtt': ['BackupVault', 'BackupVaultArn'] }],
    },
  })
  const [{ Arn, InputTransformer }] = Targets
  expect(Arn).toEqual({ Ref: 'AlarmTopic' })
  const filled = InputTransformer.InputTemplate.replaceAll(
    /<(\w+)>/g,
    (_all, name: string) => InputTransformer.InputPathsMap[name] ?? 'nothing',
  )
  expect(JSON.parse(filled)).toBe(
    'A backup of $.detail.resourceArn has ended as $.detail.state. $.detail.statusMessage docs/runbooks/disaster-recovery.md',
  )
  expect(template.Resources.BackupVault?.Properties).not.toHaveProperty('Notifications')
})

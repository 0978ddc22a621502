import * as z from 'zod'
import { madeResources, type Template } from '../../tests/support/cloudformation.ts'

/** What a stage's template says of what is paid for whether it is used or not, and of the gateway's log. */
export const standingSchema = z.strictObject({
  /** Metrics that alarms look at one by one. */
  alarm_metrics: z.int().min(0),
  /** Alarms on a query that finds its metrics itself. */
  query_alarms: z.int().min(0),
  dashboards: z.int().min(0),
  /** A line of the gateway's access log, as long as it is for a usual request. */
  access_line_bytes: z.int().min(0),
  /** Whether the tables' keys are in the account, so that each use of them is charged. */
  tables_with_keys_of_the_account: z.int().min(0),
})

export type Standing = z.infer<typeof standingSchema>

const metricSchema = z.object({
  MetricStat: z.unknown().optional(),
  Expression: z.string().optional(),
})
const alarmSchema = z.object({ Metrics: z.array(metricSchema).optional() })
const stageSchema = z.object({ AccessLogSettings: z.object({ Format: z.string() }).optional() })
const encryptedSchema = z.object({ SSESpecification: z.object({ SSEEnabled: z.boolean() }).optional() })

/** What the gateway puts in the place of its variables, by length. What is not named here is as long as a number. */
const usualValues: Readonly<Record<string, string>> = {
  'context.requestId': 'aBcDeFgHiJkLmNo=',
  'context.requestTime': '29/Nov/2026:12:00:00 +0000',
  'context.requestTimeEpoch': '1795953600000',
  'context.routeKey': 'POST /transcription/stream/{id}/renew',
  'context.path': '/transcription/stream/0193f0a0-0000-7000-8000-000000000000/renew',
  'context.integrationErrorMessage': '-',
  'context.error.message': '-',
  'context.identity.sourceIp': '203.0.113.255',
}

const accessLineBytes = (format: string): number =>
  Buffer.byteLength(format.replaceAll(/\$(context[\w.]*)/g, (_, name) => usualValues[name] ?? '200')) + 1

const propertiesOf = (template: Template, type: string): unknown[] =>
  [...madeResources(template).values()].flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []))

/** @param template of the stage that the model is about */
export const standingOf = (template: Template): Standing => {
  const alarms = propertiesOf(template, 'AWS::CloudWatch::Alarm').map(
    properties => alarmSchema.parse(properties).Metrics,
  )
  const isQuery = (metrics: (typeof alarms)[number]): boolean =>
    metrics?.some(({ Expression }) => Expression?.trimStart().toUpperCase().startsWith('SELECT')) ?? false
  const looked = alarms.filter(metrics => !isQuery(metrics))
  const [format = ''] = propertiesOf(template, 'AWS::ApiGatewayV2::Stage').map(
    properties => stageSchema.parse(properties).AccessLogSettings?.Format ?? '',
  )
  const tables = propertiesOf(template, 'AWS::DynamoDB::Table').map(one => encryptedSchema.parse(one))
  return {
    alarm_metrics: looked.reduce(
      (sum, metrics) => sum + (metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1),
      0,
    ),
    query_alarms: alarms.length - looked.length,
    dashboards: propertiesOf(template, 'AWS::CloudWatch::Dashboard').length,
    access_line_bytes: format === '' ? 0 : accessLineBytes(format),
    tables_with_keys_of_the_account: tables.filter(({ SSESpecification }) => SSESpecification?.SSEEnabled)
      .length,
  }
}

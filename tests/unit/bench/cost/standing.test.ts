import { describe, expect, it } from 'vitest'
import { standingOf } from '../../../../bench/cost/standing.ts'
import { toTemplate } from '../../../support/cloudformation.ts'

const alarm = (Properties: object, more: object = {}) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties,
  ...more,
})
const metric = { MetricStat: { Stat: 'Sum' } }

const standing = (Resources: object, Conditions: object = {}) =>
  standingOf(toTemplate({ Resources, Conditions }))

describe('what stands in a template', () => {
  it('has an alarm metric for each alarm, and for each metric of an expression', () => {
    const found = standing({
      One: alarm({ MetricName: 'Errors' }),
      Sum: alarm({ Metrics: [{ Expression: 'a + b' }, metric, metric] }),
    })
    expect(found.alarm_metrics).toBe(3)
    expect(found.query_alarms).toBe(0)
  })

  it('counts alarms on a query apart', () => {
    const found = standing({
      Query: alarm({ Metrics: [{ Expression: ' select SUM(Errors) FROM Functions' }] }),
    })
    expect(found).toMatchObject({ alarm_metrics: 0, query_alarms: 1 })
  })

  it('leaves out what a condition leaves out', () => {
    const Conditions = { Never: { 'Fn::Equals': ['on', 'off'] } }
    const found = standing({ One: alarm({ MetricName: 'Errors' }, { Condition: 'Never' }) }, Conditions)
    expect(found.alarm_metrics).toBe(0)
  })

  it("counts tables whose key is the account's, and dashboards", () => {
    const found = standing({
      Ours: { Type: 'AWS::DynamoDB::Table', Properties: { SSESpecification: { SSEEnabled: true } } },
      Theirs: { Type: 'AWS::DynamoDB::Table', Properties: {} },
      Board: { Type: 'AWS::CloudWatch::Dashboard', Properties: {} },
    })
    expect(found).toMatchObject({ tables_with_keys_of_the_account: 1, dashboards: 1 })
  })

  it("has the access log's line as long as usual values make it, with its line end", () => {
    const AccessLogSettings = { Format: '$context.status $context.routeKey' }
    const found = standing({ Stage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { AccessLogSettings } } })
    expect(found.access_line_bytes).toBe('200 POST /transcription/stream/{id}/renew\n'.length)
  })
})

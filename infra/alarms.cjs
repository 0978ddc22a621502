// Every alarm of CloudWatch: what it watches, and from when on it calls. Each is explained in docs/runbooks/<name>.md.
// What a metric costs, and why some alarms watch many series at once: docs/adr/0016-few-alarms-that-say-what-to-do.md.

const minute = 60
const hour = 3_600
const day = 86_400

/** A metric as it is, summed over each period unless said otherwise. */
const metric = (Namespace, MetricName, options = {}) => ({
  Namespace,
  MetricName,
  Dimensions: Object.entries(options.dimensions ?? {}).map(([Name, Value]) => ({ Name, Value })),
  ...(options.percentile
    ? { ExtendedStatistic: options.percentile, EvaluateLowSampleCountPercentile: 'ignore' }
    : { Statistic: options.statistic ?? 'Sum' }),
})

/** What is computed of the sums of several metrics. */
const computed = (Expression, metrics) => periodS => ({
  Metrics: [
    { Id: 'computed', Expression, ReturnData: true },
    ...Object.entries(metrics).map(([Id, { Statistic: Stat, ...Metric }]) => ({
      Id,
      MetricStat: { Metric, Period: periodS, Stat },
      ReturnData: false,
    })),
  ],
})

/** Every series that a query of Metrics Insights finds; the alarm names those that have called. */
const each = Expression => periodS => ({
  Metrics: [{ Id: 'each', Expression, Period: periodS, ReturnData: true }],
})

/**
 * Shapes of what is watched: `atLeast` and `below` are thresholds, `periods` how many in a row must be beyond it.
 * Nothing measured counts as well, unless it is silence that is watched for.
 */
const toAlarm = ({ stage, condition, topic }, [name, alarm]) => {
  const { says, watched, atLeast, below, periodS = 5 * minute, periods = 1, of = periods } = alarm
  const silence = below !== undefined
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Condition: condition,
    Properties: {
      AlarmName: `live-transcription-${stage}-${name}`,
      AlarmDescription: `${says} docs/runbooks/${name}.md`,
      ...(typeof watched === 'function' ? watched(periodS) : { ...watched, Period: periodS }),
      EvaluationPeriods: of,
      DatapointsToAlarm: periods,
      ComparisonOperator: silence ? 'LessThanThreshold' : 'GreaterThanOrEqualToThreshold',
      Threshold: silence ? below : atLeast,
      TreatMissingData: silence ? 'breaching' : 'notBreaching',
      AlarmActions: [topic],
      OKActions: [topic],
    },
  }
}

const alarmsOf = (stage, api) => {
  const ours = `live-transcription/${stage}`
  const counted = name => metric(ours, name)
  const gateway = (name, options) =>
    metric('AWS/ApiGateway', name, { ...options, dimensions: { ApiId: api } })
  const lambda = (name, ofFunction) =>
    metric('AWS/Lambda', name, { dimensions: { FunctionName: `live-transcription-${stage}-${ofFunction}` } })

  return {
    'api-5xx': {
      says: 'More than 5 in 100 requests are answered with an error of ours, and at least 5 in 5 minutes.',
      watched: computed('IF(failed >= 5, 100 * failed / requests, 0)', {
        failed: gateway('5xx'),
        requests: gateway('Count'),
      }),
      atLeast: 5,
      periods: 2,
      of: 3,
    },
    'api-latency': {
      says: 'More than 5 in 100 requests take longer than 5 seconds.',
      watched: gateway('Latency', { percentile: 'p95' }),
      atLeast: 5_000,
      // With fewer requests than come in this time, one that waits for a vendor would count too much.
      periodS: 15 * minute,
      periods: 2,
    },
    'api-throttled': {
      says: 'The gateway turns requests away: more come than it lets through.',
      watched: counted('RequestsThrottled'),
      atLeast: 20,
    },
    'functions-failing': {
      says: 'A function ends requests with errors that nobody expected.',
      watched: each(
        `SELECT SUM(RequestsFailed) FROM SCHEMA("${ours}", "Function") GROUP BY "Function" ORDER BY SUM() DESC`,
      ),
      atLeast: 3,
      periodS: 15 * minute,
    },
    'catchup-fetch-errors': {
      says: 'Recordings can not be fetched for catch-ups.',
      watched: lambda('Errors', 'catchup-fetch'),
      atLeast: 3,
      periodS: 15 * minute,
    },
    'catchup-worker-errors': {
      says: 'Catch-ups can not be summarised.',
      watched: lambda('Errors', 'catchup-worker'),
      atLeast: 3,
      periodS: 15 * minute,
    },
    'sweep-errors': {
      says: 'The sweep breaks off, run after run.',
      watched: lambda('Errors', 'sweep'),
      atLeast: 2,
      periodS: 15 * minute,
    },
    'reconcile-errors': {
      says: 'The nightly proof of the ledger has broken off.',
      watched: lambda('Errors', 'reconcile'),
      atLeast: 1,
    },
    'sweep-silent': {
      says: 'No sweep has begun for a quarter of an hour.',
      watched: lambda('Invocations', 'sweep'),
      below: 1,
      periods: 3,
    },
    'reconcile-silent': {
      says: "The nightly proof of the ledger has not begun for 26 hours. So it is before a stage's first night.",
      watched: lambda('Invocations', 'reconcile'),
      below: 1,
      periodS: hour,
      periods: 26,
    },
    'dead-letters': {
      says: 'Something was given up after all tries.',
      watched: metric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', {
        statistic: 'Maximum',
        dimensions: { QueueName: `live-transcription-${stage}-dead-letters` },
      }),
      atLeast: 1,
    },
    'lambda-throttles': {
      says: 'Functions are not started, because too many run at once in this account and region.',
      watched: metric('AWS/Lambda', 'Throttles'),
      atLeast: 5,
    },
    'stripe-signatures-refused': {
      says: 'Calls to the Stripe webhook are not signed with its secret.',
      watched: counted('SignaturesRefused'),
      atLeast: 5,
      periodS: 15 * minute,
    },
    'ledger-mismatch': {
      says: "An account's ledger does not close.",
      watched: counted('LedgerMismatches'),
      atLeast: 1,
      periodS: day,
    },
    'stripe-mismatch': {
      says: 'What Stripe says was paid is not what the ledger says.',
      watched: counted('StripeMismatches'),
      atLeast: 1,
      periodS: day,
    },
    'expired-holds': {
      says: 'Unusually many operations are never ended.',
      watched: counted('ExpiredHolds'),
      atLeast: 25,
      periodS: hour,
    },
    'dynamodb-throttles': {
      says: 'DynamoDB turns requests away, to a table of this account and region.',
      watched: each(
        'SELECT SUM(ThrottledRequests) FROM SCHEMA("AWS/DynamoDB", TableName, Operation) ' +
          'GROUP BY TableName ORDER BY SUM() DESC',
      ),
      atLeast: 5,
    },
    'vendor-failures': {
      says: 'Stripe, AssemblyAI, OpenAI or Twitch fails.',
      watched: each(
        `SELECT SUM(VendorFailures) FROM SCHEMA("${ours}", "Vendor") GROUP BY "Vendor" ORDER BY SUM() DESC`,
      ),
      atLeast: 5,
      periods: 2,
    },
  }
}

/** `api-5xx` as `Api5xxAlarm`: the id of a resource has neither dash nor space. */
const logicalId = name => `${name.replaceAll(/(?:^|-)(\w)/g, (_all, letter) => letter.toUpperCase())}Alarm`

module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage')
  const alarms = Object.entries(alarmsOf(stage, { Ref: 'HttpApi' }))
  const context = { stage, condition: 'HasAlarms', topic: { Ref: 'AlarmTopic' } }
  return {
    Resources: Object.fromEntries(alarms.map(alarm => [logicalId(alarm[0]), toAlarm(context, alarm)])),
  }
}

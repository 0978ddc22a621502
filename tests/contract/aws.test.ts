import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { DescribeAlarmsCommand, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch'
import { GetCostAndUsageCommand, GetCostForecastCommand } from '@aws-sdk/client-cost-explorer'
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alarmSchema } from '../../local/stand-ins/aws/cloudwatch/alarms.ts'
import type { AwsStandInOptions } from '../../local/stand-ins/aws/plugin.ts'
import { StartProblem } from '../../local/start-problem.ts'
import { embeddedMetrics, metricsNamespace } from '../../src/http/log-metrics.ts'
import {
  type AwsUnderTest,
  clientOptions,
  deadLettersName,
  facts,
  startAws,
} from '../support/aws-stand-in.ts'

let dir: string
let aws: AwsUnderTest

const restart = async (options: Partial<AwsStandInOptions>): Promise<void> => {
  await aws.close()
  aws = await startAws(options)
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'aws-'))
  aws = await startAws()
})
afterEach(async () => {
  await aws.close()
  await rm(dir, { recursive: true })
})

describe('STS', () => {
  it('tells who runs this', async () => {
    const { Arn, Account } = await aws.sts.send(new GetCallerIdentityCommand({}))
    expect([Arn, Account]).toEqual(['arn:aws:iam::000000000000:user/ada', '000000000000'])
  })

  it('refuses keys that it does not know', async () => {
    const stranger = new STSClient(clientOptions(`${aws.origin}/aws/sts`, 'another-key'))
    await expect(stranger.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
      $metadata: { httpStatusCode: 403 },
    })
  })
})

describe('SQS', () => {
  const send = (body: string) =>
    aws.sqs.send(new SendMessageCommand({ QueueUrl: aws.queueUrl, MessageBody: body }))
  const receive = async (options: { max?: number; hiddenSeconds?: number; waitSeconds?: number } = {}) => {
    const { Messages = [] } = await aws.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: aws.queueUrl,
        MaxNumberOfMessages: options.max,
        VisibilityTimeout: options.hiddenSeconds,
        WaitTimeSeconds: options.waitSeconds,
        MessageSystemAttributeNames: ['All'],
      }),
    )
    return Messages
  }
  const counts = async () => {
    const { Attributes = {} } = await aws.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: aws.queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    )
    return Attributes
  }
  const numbers = (visible: number, hidden: number) => ({
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(hidden),
  })

  it('hands a message out, hides it, and forgets it once it is deleted', async () => {
    const { MessageId } = await send('one')
    expect(await counts()).toEqual(numbers(1, 0))
    const [message] = await receive()
    expect(message).toMatchObject({ MessageId, Body: 'one', Attributes: { ApproximateReceiveCount: '1' } })
    expect(await receive()).toEqual([])
    expect(await counts()).toEqual(numbers(0, 1))
    const receipt = { QueueUrl: aws.queueUrl, ReceiptHandle: message?.ReceiptHandle }
    await aws.sqs.send(new DeleteMessageCommand(receipt))
    expect(await counts()).toEqual(numbers(0, 0))
    await aws.sqs.send(new DeleteMessageCommand(receipt))
  })

  it('hands a message out again when it is not hidden any more, by another receipt', async () => {
    await send('one')
    const [first] = await receive({ hiddenSeconds: 0 })
    const [second] = await receive()
    expect(second?.MessageId).toBe(first?.MessageId)
    expect(second?.Attributes?.ApproximateReceiveCount).toBe('2')
    await aws.sqs.send(
      new DeleteMessageCommand({ QueueUrl: aws.queueUrl, ReceiptHandle: first?.ReceiptHandle }),
    )
    expect(await counts()).toEqual(numbers(0, 1))
  })

  it('hides a message for longer or lets others have it, one by one or in a batch', async () => {
    await send('one')
    await send('two')
    const messages = await receive({ max: 10 })
    expect(messages.map(({ Body }) => Body)).toEqual(['one', 'two'])
    const [one, two] = messages.map(({ ReceiptHandle }) => ReceiptHandle)
    const free = { VisibilityTimeout: 0 }
    await aws.sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: aws.queueUrl, ReceiptHandle: one, ...free }),
    )
    expect(await counts()).toEqual(numbers(1, 1))
    const entries = [
      { Id: 'a', ReceiptHandle: two, ...free },
      { Id: 'b', ReceiptHandle: 'nonsense', ...free },
    ]
    const { Successful = [], Failed = [] } = await aws.sqs.send(
      new ChangeMessageVisibilityBatchCommand({ QueueUrl: aws.queueUrl, Entries: entries }),
    )
    expect(Successful.map(({ Id }) => Id)).toEqual(['a'])
    expect(Failed).toMatchObject([{ Id: 'b', Code: 'ReceiptHandleIsInvalid', SenderFault: true }])
    expect(await counts()).toEqual(numbers(2, 0))
  })

  it('deletes a batch', async () => {
    await send('one')
    await send('two')
    const Entries = (await receive({ max: 10 })).map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
    }))
    await aws.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: aws.queueUrl, Entries }))
    expect(await counts()).toEqual(numbers(0, 0))
  })

  it('waits for a message when it is asked to', async () => {
    const waiting = receive({ waitSeconds: 10 })
    await sleep(100)
    await send('late')
    expect((await waiting).map(({ Body }) => Body)).toEqual(['late'])
  })

  it('keeps messages over a restart, and is found by its name', async () => {
    await restart({ stateDir: dir })
    await send('one')
    await restart({ stateDir: dir })
    expect((await receive()).map(({ Body }) => Body)).toEqual(['one'])
    const { QueueUrl } = await aws.sqs.send(new GetQueueUrlCommand({ QueueName: deadLettersName }))
    expect(QueueUrl).toBe(aws.queueUrl)
  })

  it('forgets messages after 14 days', async () => {
    let nowMs = Date.now()
    await restart({ now: () => nowMs })
    await send('old')
    nowMs += 14 * 24 * 3_600_000
    expect(await receive()).toEqual([])
  })

  it('tells of a queue that is not there, a receipt that it never gave, and keys that it does not know', async () => {
    const nowhere = new GetQueueAttributesCommand({
      QueueUrl: `${aws.origin}/aws/sqs/000000000000/another`,
      AttributeNames: ['All'],
    })
    await expect(aws.sqs.send(nowhere)).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
      Type: 'Sender',
    })
    const nonsense = new DeleteMessageCommand({ QueueUrl: aws.queueUrl, ReceiptHandle: 'nonsense' })
    await expect(aws.sqs.send(nonsense)).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' })
    const stranger = new SQSClient(clientOptions(`${aws.origin}/aws/sqs`, 'another-key'))
    await expect(stranger.send(new GetQueueUrlCommand({ QueueName: 'x' }))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    })
  })
})

describe('CloudFormation', () => {
  it('tells of the stack and its outputs', async () => {
    const { Stacks } = await aws.cloudFormation.send(new DescribeStacksCommand({ StackName: 'the-stack' }))
    expect(Stacks).toMatchObject([
      {
        StackName: 'the-stack',
        StackStatus: 'UPDATE_COMPLETE',
        Description: 'A <stack> & more',
        CreationTime: expect.any(Date),
        Outputs: [
          { OutputKey: 'ApiUrl', OutputValue: 'http://127.0.0.1:3000' },
          { OutputKey: 'Version', OutputValue: 'v1' },
        ],
      },
    ])
  })

  it('knows no other', async () => {
    const other = new DescribeStacksCommand({ StackName: 'another' })
    await expect(aws.cloudFormation.send(other)).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id another does not exist',
    })
  })
})

describe('CloudWatch', () => {
  const Namespace = metricsNamespace('local')
  const noonMs = Date.UTC(2026, 10, 29, 12)
  const minuteMs = 60_000

  /** A line as the backend's log has it. */
  const logLine = (code: string, fields: Record<string, string | number>, timeMs: number): string =>
    `${JSON.stringify({
      level: 'info',
      code,
      ...fields,
      ...embeddedMetrics(code, fields, { namespace: Namespace, timeMs, vendor: undefined }),
    })}\n`

  const settled = (service: string, credits: number, timeMs: number): string =>
    logLine('operation_settled', { service, credits_used: credits }, timeMs)

  const usedBy = (service: string, Stat: string, Period: number) => ({
    Id: `used_${service}`,
    MetricStat: {
      Metric: { Namespace, MetricName: 'CreditsUsed', Dimensions: [{ Name: 'Service', Value: service }] },
      Period,
      Stat,
    },
  })

  const startWithLog = async (...lines: string[]): Promise<void> => {
    const backendLog = join(dir, 'backend.log')
    await appendFile(backendLog, ['Starting Offline\n', '{"level":"info"}\n', '{broken\n', ...lines].join(''))
    await restart({ backendLog, now: () => noonMs + 5 * minuteMs })
  }

  const read = async (...queries: ReturnType<typeof usedBy>[]) => {
    const { MetricDataResults = [] } = await aws.cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(noonMs - 60 * minuteMs),
        EndTime: new Date(noonMs + 60 * minuteMs),
        MetricDataQueries: queries,
        ScanBy: 'TimestampAscending',
      }),
    )
    return MetricDataResults.map(({ Id, Timestamps, Values }) => ({ Id, Timestamps, Values }))
  }

  it('adds up what the backend’s log lines count, by period and dimension', async () => {
    await startWithLog(
      settled('live', 10, noonMs),
      settled('live', 20, noonMs + 30_000),
      settled('live', 5, noonMs + minuteMs),
      settled('ask', 3, noonMs),
    )
    expect(
      await read(usedBy('live', 'Sum', 60), usedBy('ask', 'Sum', 60), usedBy('clip', 'Sum', 60)),
    ).toEqual([
      { Id: 'used_live', Timestamps: [new Date(noonMs), new Date(noonMs + minuteMs)], Values: [30, 5] },
      { Id: 'used_ask', Timestamps: [new Date(noonMs)], Values: [3] },
      { Id: 'used_clip', Timestamps: [], Values: [] },
    ])
  })

  it.each([
    ['SampleCount', 3],
    ['Average', 35 / 3],
    ['Minimum', 5],
    ['Maximum', 20],
    ['p50', 10],
  ])('computes %s', async (statistic, value) => {
    await startWithLog(...[10, 20, 5].map(credits => settled('live', credits, noonMs)))
    expect(await read(usedBy('live', statistic, 3_600))).toMatchObject([{ Values: [value] }])
  })

  it('lists what was measured', async () => {
    await startWithLog(settled('live', 10, noonMs), settled('live', 20, noonMs))
    const { Metrics } = await aws.cloudWatch.send(new ListMetricsCommand({ Namespace }))
    expect(Metrics).toEqual([
      { Namespace, MetricName: 'CreditsUsed', Dimensions: [{ Name: 'Service', Value: 'live' }] },
    ])
  })

  it('refuses what it can’t compute', async () => {
    await startWithLog()
    await expect(read(usedBy('live', 'TM(1:2)', 60))).rejects.toMatchObject({
      name: 'ValidationException',
      Code: 'ValidationError',
    })
  })

  const ledgerAlarm = {
    AlarmName: 'the-ledger-mismatch',
    Namespace,
    MetricName: 'LedgerMismatches',
    Dimensions: [],
    Statistic: 'Sum',
    Period: 900,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
  }
  const queueAlarm = {
    ...ledgerAlarm,
    AlarmName: 'the-dead-letters',
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: deadLettersName }],
  }
  const gatewayAlarm = {
    ...ledgerAlarm,
    AlarmName: 'the-api-5xx',
    Namespace: 'AWS/ApiGateway',
    Dimensions: [{ Name: 'ApiId', Value: { Ref: 'HttpApi' } }],
  }

  const eachFunction = {
    AlarmName: 'the-functions-failing',
    Dimensions: [],
    Metrics: [
      {
        Expression: `SELECT SUM(RequestsFailed) FROM SCHEMA("${Namespace}", "Function") GROUP BY "Function" ORDER BY SUM() DESC`,
        Period: 900,
      },
    ],
    EvaluationPeriods: 1,
    Threshold: 3,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  }
  const silence = {
    ...ledgerAlarm,
    AlarmName: 'the-silence',
    MetricName: 'AccountsOpened',
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  }

  let startedBeforeMs = 0
  beforeEach(() => {
    startedBeforeMs = 0
  })

  const describeAlarms = async (...lines: string[]) => {
    const backendLog = join(dir, 'backend.log')
    await appendFile(backendLog, lines.join(''))
    const alarms = [ledgerAlarm, queueAlarm, gatewayAlarm, eachFunction, silence].map(alarm =>
      alarmSchema.parse(alarm),
    )
    let nowMs = noonMs - startedBeforeMs
    await restart({ backendLog, now: () => nowMs, service: async () => ({ ...facts, alarms }) })
    nowMs = noonMs + minuteMs
    const { MetricAlarms = [] } = await aws.cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: 'the-' }),
    )
    return Object.fromEntries(MetricAlarms.map(({ AlarmName, StateValue }) => [AlarmName, StateValue]))
  }

  it('says how the alarms are that it can judge, and that it can’t judge the others', async () => {
    expect(await describeAlarms()).toEqual({
      'the-ledger-mismatch': 'OK',
      'the-dead-letters': 'OK',
      'the-api-5xx': 'INSUFFICIENT_DATA',
      'the-functions-failing': 'OK',
      'the-silence': 'OK',
    })
  })

  it('sounds an alarm by the log', async () => {
    const mismatch = logLine('ledger_mismatch', { user_id: 'u', imbalance_credits: 1 }, noonMs)
    expect(await describeAlarms(mismatch)).toMatchObject({ 'the-ledger-mismatch': 'ALARM' })
    const { MetricAlarms } = await aws.cloudWatch.send(new DescribeAlarmsCommand({ StateValue: 'ALARM' }))
    expect(MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['the-ledger-mismatch'])
  })

  it('sounds an alarm on each function when one of them reaches the threshold, not all together', async () => {
    const failed = (name: string) => logLine('internal_error', { function: name }, noonMs)
    const twoEach = [failed('a'), failed('a'), failed('b'), failed('b')]
    expect(await describeAlarms(...twoEach)).toMatchObject({ 'the-functions-failing': 'OK' })
    expect(await describeAlarms(failed('a'))).toMatchObject({ 'the-functions-failing': 'ALARM' })
  })

  it('sounds an alarm on silence once it has lasted since the start', async () => {
    startedBeforeMs = 60 * minuteMs
    expect(await describeAlarms()).toMatchObject({ 'the-silence': 'ALARM' })
  })
})

describe('Cost Explorer', () => {
  const nowMs = Date.UTC(2026, 10, 10, 12)
  const soFar = { Start: '2026-11-01', End: '2026-11-11' }
  beforeEach(async () => {
    await restart({ now: () => nowMs, stateDir: dir })
    await aws.control({ dollars_per_day: { 'AWS Lambda': 0.5, 'Amazon DynamoDB': 0.25 } })
  })

  it('bills what it was told, by service, until today', async () => {
    const { ResultsByTime } = await aws.costExplorer.send(
      new GetCostAndUsageCommand({
        TimePeriod: { Start: '2026-11-01', End: '2026-12-01' },
        Granularity: 'MONTHLY',
        Metrics: ['UnblendedCost'],
        GroupBy: [{ Type: 'DIMENSION', Key: 'SERVICE' }],
        Filter: { Tags: { Key: 'stage', Values: ['local'] } },
      }),
    )
    expect(ResultsByTime).toMatchObject([
      {
        Estimated: true,
        Groups: [
          { Keys: ['AWS Lambda'], Metrics: { UnblendedCost: { Amount: '5.0000000000', Unit: 'USD' } } },
          { Keys: ['Amazon DynamoDB'], Metrics: { UnblendedCost: { Amount: '2.5000000000', Unit: 'USD' } } },
        ],
      },
    ])
  })

  it('bills a total, cut at the months’ borders', async () => {
    const { ResultsByTime = [] } = await aws.costExplorer.send(
      new GetCostAndUsageCommand({
        TimePeriod: { Start: '2026-10-31', End: soFar.End },
        Granularity: 'MONTHLY',
        Metrics: ['UnblendedCost'],
      }),
    )
    expect(
      ResultsByTime.map(({ TimePeriod, Total }) => [TimePeriod?.Start, Total?.UnblendedCost?.Amount]),
    ).toEqual([
      ['2026-10-31', '0.7500000000'],
      ['2026-11-01', '7.5000000000'],
    ])
  })

  it('forecasts the days that are left', async () => {
    const { Total, ForecastResultsByTime } = await aws.costExplorer.send(
      new GetCostForecastCommand({
        TimePeriod: { Start: '2026-11-10', End: '2026-12-01' },
        Granularity: 'DAILY',
        Metric: 'UNBLENDED_COST',
      }),
    )
    expect(Total?.Amount).toBe('15.7500000000')
    expect(ForecastResultsByTime).toHaveLength(21)
  })

  it('keeps what it was told over a restart', async () => {
    await restart({ now: () => nowMs, stateDir: dir })
    const page = await (await fetch(`${aws.origin}/aws/`)).text()
    expect(page).toContain('$0.500')
  })

  it('refuses a period that ends before it begins', async () => {
    const backwards = new GetCostAndUsageCommand({
      TimePeriod: { Start: soFar.End, End: soFar.Start },
      Granularity: 'MONTHLY',
      Metrics: ['UnblendedCost'],
    })
    await expect(aws.costExplorer.send(backwards)).rejects.toMatchObject({ name: 'ValidationException' })
  })
})

it('a bill that nobody made up is said to be made up', async () => {
  const { ResultsByTime = [] } = await aws.costExplorer.send(
    new GetCostAndUsageCommand({
      TimePeriod: { Start: '2026-01-01', End: '2026-01-02' },
      Granularity: 'DAILY',
      Metrics: ['UnblendedCost'],
      GroupBy: [{ Type: 'DIMENSION', Key: 'SERVICE' }],
    }),
  )
  const services = ResultsByTime.flatMap(({ Groups = [] }) => Groups.flatMap(({ Keys = [] }) => Keys))
  expect(services.length).toBeGreaterThan(0)
  for (const service of services) expect(service).toContain('(made up)')
})

describe('the control', () => {
  it('switches to other tables', async () => {
    const used: string[] = []
    await restart({ useTables: async suffix => void used.push(suffix) })
    expect(await aws.control({ tables_suffix: '-r20261129' })).toEqual({
      status: 200,
      body: { tables_suffix: '-r20261129' },
    })
    expect(used).toEqual(['-r20261129'])
  })

  it('says why it can’t switch', async () => {
    await restart({
      useTables: async () => {
        throw new StartProblem('There is no table x.')
      },
    })
    expect(await aws.control({ tables_suffix: '-x' })).toEqual({
      status: 409,
      body: { error: 'There is no table x.' },
    })
  })

  it.each([{ tables_suffix: 'r/2' }, { dollars_per_day: { Lambda: -1 } }, { other: 1 }])(
    'refuses %j',
    async body => {
      expect((await aws.control(body)).status).toBe(400)
    },
  )
})

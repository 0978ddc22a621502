import { dollars, type Price } from './money.ts'

/** A thing that AWS charges for: its price, and how much of it every account has free each month, for ever. */
export interface PricedService {
  readonly name: string
  readonly unit: string
  readonly price: Price
  readonly alwaysFree: bigint
  /** Where AWS has the price. */
  readonly source: string
  /** Where it was read, and of when that is; AWS's own pages load their prices, so stored copies lack them. */
  readonly readAt: string
}

export const pricesOf = 'November 2026, us-east-1, on demand, before tax'

const million = 1_000_000n
const gigabyte = 1_073_741_824n
const dynamoDb = 'https://aws.amazon.com/dynamodb/pricing/on-demand/'
const cloudWatch = 'https://aws.amazon.com/cloudwatch/pricing/'
const lambda = 'https://aws.amazon.com/lambda/pricing/'
const kms = 'https://aws.amazon.com/kms/pricing/'

/**
 * AWS's prices. Allowances of an account's first year are left out. What costs nothing at these quantities is left out,
 * too: SNS's e-mails (1,000 free), SQS (a million requests free), EventBridge's schedules, SSM's standard parameters,
 * two budgets, the anomaly monitor, certificates, and X-Ray and the VPC while they are off.
 */
export const awsPrices = {
  writes: {
    name: 'DynamoDB, write units',
    unit: 'units',
    price: { nanoDollars: dollars('0.625'), per: million },
    alwaysFree: 0n,
    source: dynamoDb,
    readAt: 'airbyte.com, July 2025',
  },
  reads: {
    name: 'DynamoDB, read units',
    unit: 'half units',
    price: { nanoDollars: dollars('0.125'), per: 2n * million },
    alwaysFree: 0n,
    source: dynamoDb,
    readAt: 'airbyte.com, July 2025',
  },
  requests: {
    name: 'API Gateway, HTTP API requests',
    unit: 'requests',
    price: { nanoDollars: dollars('1.00'), per: million },
    alwaysFree: 0n,
    source: 'https://aws.amazon.com/api-gateway/pricing/',
    readAt: 'go-cloud.io, 2026',
  },
  invocations: {
    name: 'Lambda, invocations',
    unit: 'invocations',
    price: { nanoDollars: dollars('0.20'), per: million },
    alwaysFree: million,
    source: lambda,
    readAt: 'unanswered.io, undated',
  },
  compute: {
    name: 'Lambda, memory × time (arm64)',
    unit: 'MB·ms',
    // $0.0000133334 for a GB-second: ten of them, so that it is whole.
    price: { nanoDollars: 133_334n, per: 10n * 1_024n * 1_000n },
    alwaysFree: 400_000n * 1_024n * 1_000n,
    source: lambda,
    readAt: 'cloudchipr.com, 2024',
  },
  logsIn: {
    name: 'CloudWatch Logs, taken in',
    unit: 'bytes',
    price: { nanoDollars: dollars('0.50'), per: gigabyte },
    // Five gigabytes are free in all: taken in, kept and searched.
    alwaysFree: 4n * gigabyte,
    source: cloudWatch,
    readAt: 'factualminds.com, 2026',
  },
  logsKept: {
    name: 'CloudWatch Logs, kept',
    unit: 'byte-months',
    price: { nanoDollars: dollars('0.03'), per: gigabyte },
    alwaysFree: gigabyte,
    source: cloudWatch,
    readAt: 'public notes on GitHub, undated',
  },
  dataOut: {
    name: 'Data to the internet',
    unit: 'bytes',
    price: { nanoDollars: dollars('0.09'), per: gigabyte },
    alwaysFree: 100n * gigabyte,
    source: 'https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer',
    readAt: 'amnic.com, undated',
  },
  keys: {
    name: "KMS, uses of AWS's keys for SSM and DynamoDB",
    unit: 'requests',
    price: { nanoDollars: dollars('0.03'), per: 10_000n },
    alwaysFree: 20_000n,
    source: kms,
    readAt: 'usage.ai, April 2026',
  },
  alarms: {
    name: 'CloudWatch alarms on metrics',
    unit: 'alarm metrics',
    price: { nanoDollars: dollars('0.10'), per: 1n },
    alwaysFree: 10n,
    source: cloudWatch,
    readAt: 'c3x.dev, undated',
  },
  queryAlarms: {
    name: 'CloudWatch alarms on queries',
    unit: 'metrics that they look at',
    price: { nanoDollars: dollars('0.10'), per: 1n },
    alwaysFree: 0n,
    source: cloudWatch,
    readAt: 'public notes on GitHub, undated; no allowance: AWS',
  },
  metricHours: {
    name: 'CloudWatch custom metrics',
    unit: 'metric-hours',
    price: { nanoDollars: dollars('0.30'), per: 730n },
    alwaysFree: 10n * 730n,
    source: cloudWatch,
    readAt: 'signoz.io, February 2026',
  },
  dashboards: {
    name: 'CloudWatch dashboards',
    unit: 'dashboards',
    price: { nanoDollars: dollars('3.00'), per: 1n },
    alwaysFree: 3n,
    source: cloudWatch,
    readAt: 'factualminds.com, 2026',
  },
  stored: {
    name: 'DynamoDB, stored',
    unit: 'byte-months',
    price: { nanoDollars: dollars('0.25'), per: gigabyte },
    alwaysFree: 25n * gigabyte,
    source: dynamoDb,
    readAt: 'nowhere',
  },
  recovery: {
    name: 'DynamoDB, point-in-time recovery',
    unit: 'byte-months',
    price: { nanoDollars: dollars('0.20'), per: gigabyte },
    alwaysFree: 0n,
    source: dynamoDb,
    readAt: 'finops.com.py, undated',
  },
  backups: {
    name: 'AWS Backup, daily copies of DynamoDB tables',
    unit: 'byte-months',
    price: { nanoDollars: dollars('0.10'), per: gigabyte },
    alwaysFree: 0n,
    source: 'https://aws.amazon.com/backup/pricing/',
    readAt: 'factualminds.com, June 2026',
  },
  artifacts: {
    name: 'S3, what was deployed',
    unit: 'byte-months',
    price: { nanoDollars: dollars('0.023'), per: gigabyte },
    alwaysFree: 0n,
    source: 'https://aws.amazon.com/s3/pricing/',
    readAt: 'nowhere',
  },
} as const satisfies Record<string, PricedService>

export type AwsService = keyof typeof awsPrices

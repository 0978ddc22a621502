import { readFileSync } from 'node:fs'
import type { Options } from './options.ts'
import { account, type FakeAws, Refusal, UsageError } from './state.ts'

export const getCallerIdentity = (): object => ({
  UserId: 'AIDAEXAMPLE',
  Account: account,
  Arn: `arn:aws:iam::${account}:user/operator`,
})

const mostParameters = 10

export const getParameters = (aws: FakeAws, options: Options): object => {
  const names = options.all('names')
  if (names.length > mostParameters) {
    throw new Refusal(
      'ValidationException',
      "1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length less than or equal to 10",
    )
  }
  const found = names.flatMap(name => {
    const secret = aws.secrets[name]
    if (!secret) return []
    const value = options.has('with-decryption') ? secret.value : 'AQICAHencrypted'
    return [{ Name: name, Type: 'SecureString', Value: value, Version: secret.version }]
  })
  return { Parameters: found, InvalidParameters: names.filter(name => aws.secrets[name] === undefined) }
}

export const putParameter = (aws: FakeAws, options: Options, readInput: () => string): object => {
  const name = options.one('name')
  const given = options.one('value')
  const value = given === 'file:///dev/stdin' ? readInput() : given
  if (value === '') {
    throw new Refusal(
      'ValidationException',
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
    )
  }
  if (options.one('type') !== 'SecureString')
    throw new Refusal('ValidationException', 'A secret must be a SecureString.')
  const known = aws.secrets[name]
  if (known && !options.has('overwrite')) {
    throw new Refusal(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    )
  }
  const version = (known?.version ?? 0) + 1
  aws.secrets[name] = { value, version }
  return { Version: version, Tier: 'Standard' }
}

const bucketOf = (aws: FakeAws, name: string): Record<string, string> => {
  const bucket = aws.buckets[name]
  if (!bucket) throw new Refusal('NoSuchBucket', 'The specified bucket does not exist')
  return bucket
}

export const putObject = (aws: FakeAws, options: Options): object => {
  bucketOf(aws, options.one('bucket'))[options.one('key')] = readFileSync(options.one('body')).toString(
    'base64',
  )
  return { ETag: '"0"' }
}

export const listObjects = (aws: FakeAws, options: Options): object => {
  const keys = Object.keys(bucketOf(aws, options.one('bucket'))).filter(key =>
    key.startsWith(options.one('prefix')),
  )
  return keys.length === 0 ? {} : { Contents: keys.sort().map(key => ({ Key: key, Size: 1 })) }
}

/** `aws s3 cp s3://bucket/key -` */
export const copyToStdout = (aws: FakeAws, options: Options): string => {
  const [source = '', target] = options.positionals
  const { hostname, pathname } = new URL(source)
  if (target !== '-') throw new UsageError('The fake copies to the terminal only.')
  const content = bucketOf(aws, hostname)[pathname.slice(1)]
  if (content === undefined) throw new Refusal('404', `Key "${pathname.slice(1)}" does not exist`)
  return Buffer.from(content, 'base64').toString()
}

export const describeTable = (aws: FakeAws, options: Options): object => {
  const name = options.one('table-name')
  const table = aws.tables[name]
  if (!table) {
    throw new Refusal('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`)
  }
  const isProtected = table.lacks?.includes('deletion protection') !== true
  return { Table: { TableName: name, TableStatus: 'ACTIVE', DeletionProtectionEnabled: isProtected } }
}

export const describeContinuousBackups = (aws: FakeAws, options: Options): object => {
  const name = options.one('table-name')
  const table = aws.tables[name]
  if (!table) throw new Refusal('TableNotFoundException', `Table not found: ${name}`)
  const status = table.lacks?.includes('point-in-time recovery') ? 'DISABLED' : 'ENABLED'
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: status },
    },
  }
}

export const scan = (aws: FakeAws, options: Options): object => {
  const items = aws.tables[options.one('table-name')]?.items ?? []
  return { Items: items.slice(0, Number(options.one('limit'))), Count: items.length }
}

export const getAccountSettings = (aws: FakeAws): object => ({
  AccountLimit: {
    ConcurrentExecutions: aws.concurrentExecutions,
    UnreservedConcurrentExecutions: aws.concurrentExecutions,
  },
})

export const getAnomalyMonitors = (aws: FakeAws): object => {
  if (aws.hasCostExplorer) return { AnomalyMonitors: [] }
  throw new Refusal('AccessDeniedException', 'User not enabled for cost explorer access')
}

export const describeAlarms = (aws: FakeAws, options: Options): object => ({
  MetricAlarms: aws.alarms
    .filter(name => name.startsWith(options.one('alarm-name-prefix')))
    .map(name => ({ AlarmName: name, StateValue: options.one('state-value') })),
})

export const getQueueAttributes = (aws: FakeAws): object => ({
  Attributes: { ApproximateNumberOfMessages: String(aws.deadLetters) },
})

/** SNS tells no ARN of a subscription that nobody has confirmed, and lists one for a while that was taken back. */
export const listSubscriptions = (aws: FakeAws, options: Options): object => ({
  Subscriptions: aws.alarmMails.map((state, index) => ({
    SubscriptionArn: {
      confirmed: `${options.one('topic-arn')}:${index}`,
      pending: 'PendingConfirmation',
      deleted: 'Deleted',
    }[state],
    Protocol: 'email',
    Endpoint: `mail-${index}@example.com`,
  })),
})

export const tailLogs = (_aws: FakeAws, options: Options): string =>
  `2026-11-29T12:00:00 a line of ${options.positionals[0]}\n`

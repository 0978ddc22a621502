import * as cloudformation from './cloudformation.ts'
import { Options } from './options.ts'
import * as services from './services.ts'
import { type FakeAws, Refusal, UsageError } from './state.ts'

export interface Answer {
  exitCode: number
  stdout: string
  stderr: string
}

interface Subcommand {
  options: readonly string[]
  run: (aws: FakeAws, options: Options, readInput: () => string) => object | string
  /** Whether it changes anything at AWS. */
  isChange?: true
}

const stackName = 'stack-name'
const changeSetName = 'change-set-name'

/** What deploy.sh calls, with the options that it has at AWS and that are played here. */
const subcommands: Record<string, Subcommand> = {
  'sts get-caller-identity': { options: [], run: services.getCallerIdentity },
  'cloudformation describe-stacks': { options: [stackName], run: cloudformation.describeStacks },
  'cloudformation describe-stack-events': {
    options: [stackName, 'max-items'],
    run: cloudformation.describeStackEvents,
  },
  'cloudformation list-stack-resources': { options: [stackName], run: cloudformation.listStackResources },
  'cloudformation get-template': { options: [stackName], run: cloudformation.getTemplate },
  'cloudformation create-change-set': {
    options: [
      stackName,
      changeSetName,
      'change-set-type',
      'template-url',
      'use-previous-template',
      'parameters',
      'capabilities',
      'tags',
      'resources-to-import',
    ],
    run: cloudformation.createChangeSet,
    isChange: true,
  },
  'cloudformation describe-change-set': {
    options: [stackName, changeSetName],
    run: cloudformation.describeChangeSet,
  },
  'cloudformation describe-events': { options: [changeSetName], run: cloudformation.describeEvents },
  'cloudformation delete-change-set': {
    options: [stackName, changeSetName],
    run: cloudformation.deleteChangeSet,
    isChange: true,
  },
  'cloudformation execute-change-set': {
    options: [stackName, changeSetName, 'client-request-token'],
    run: cloudformation.executeChangeSet,
    isChange: true,
  },
  'cloudformation delete-stack': { options: [stackName], run: cloudformation.deleteStack, isChange: true },
  'cloudformation deploy': {
    options: [stackName, 'template-file', 'no-fail-on-empty-changeset', 'tags'],
    run: cloudformation.deployStack,
    isChange: true,
  },
  'ssm get-parameters': { options: ['names', 'with-decryption'], run: services.getParameters },
  'ssm put-parameter': {
    options: ['name', 'value', 'type', 'overwrite'],
    run: services.putParameter,
    isChange: true,
  },
  's3api put-object': { options: ['bucket', 'key', 'body'], run: services.putObject, isChange: true },
  's3api list-objects-v2': { options: ['bucket', 'prefix'], run: services.listObjects },
  's3 cp': { options: [], run: services.copyToStdout },
  'dynamodb describe-table': { options: ['table-name'], run: services.describeTable },
  'dynamodb describe-continuous-backups': {
    options: ['table-name'],
    run: services.describeContinuousBackups,
  },
  'dynamodb scan': {
    options: ['table-name', 'limit', 'no-paginate', 'projection-expression'],
    run: services.scan,
  },
  'lambda get-account-settings': { options: [], run: services.getAccountSettings },
  'ce get-anomaly-monitors': { options: ['max-results'], run: services.getAnomalyMonitors },
  'cloudwatch describe-alarms': {
    options: ['state-value', 'alarm-name-prefix'],
    run: services.describeAlarms,
  },
  'sqs get-queue-attributes': { options: ['queue-url', 'attribute-names'], run: services.getQueueAttributes },
  'sns list-subscriptions-by-topic': { options: ['topic-arn'], run: services.listSubscriptions },
  'logs tail': { options: ['since', 'format', 'follow'], run: services.tailLogs },
}

const operationOf = (name: string): string =>
  (name.split(' ')[1] ?? '')
    .split('-')
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')

/** Whether a call changes anything at AWS. */
export const isChange = (args: readonly string[]): boolean =>
  subcommands[args.slice(0, 2).join(' ')]?.isChange === true

/** The options that every subcommand has. */
const isGlobal = (name: string): boolean => name === '--region' || name === '--output'

const withoutGlobals = (args: readonly string[]): string[] =>
  args.filter((arg, index) => !isGlobal(arg) && !isGlobal(args[index - 1] ?? ''))

/** What AWS's command line, version 2, answers; and what that does to `aws`. */
export const answer = (aws: FakeAws, given: readonly string[], readInput: () => string): Answer => {
  if (given[0] === '--version') {
    return { exitCode: 0, stdout: `aws-cli/${aws.version} Python/3.13.7 Linux/6.8 exe/x86_64\n`, stderr: '' }
  }
  const args = withoutGlobals(given)
  const name = args.slice(0, 2).join(' ')
  let stdin: string | undefined
  const call = { args, stdin }
  aws.calls.push(call)
  const readOnce = (): string => {
    // A pipe can be read once.
    const input = stdin === undefined ? readInput() : ''
    stdin = input
    call.stdin = input
    return input
  }
  try {
    return { exitCode: 0, stdout: carryOut(aws, name, args.slice(2), readOnce), stderr: '' }
  } catch (error) {
    return refusalOf(error, name)
  }
}

const carryOut = (aws: FakeAws, name: string, args: string[], readInput: () => string): string => {
  const subcommand = aws.unknown.includes(name) ? undefined : subcommands[name]
  if (!subcommand) throw new UsageError(`argument command: Found invalid choice '${name}'`)
  if (!aws.isSignedIn) throw new NotSignedIn()
  const failing = aws.failingCall?.number === aws.calls.length ? aws.failingCall : undefined
  if (failing && !failing.isDone)
    throw new Refusal('ServiceUnavailable', 'Service is unavailable. Try again later.')
  if (aws.denied.includes(name)) {
    throw new Refusal(
      'AccessDeniedException',
      `User: arn:aws:iam::123456789012:user/operator is not authorized to perform: ${name}`,
    )
  }
  const options = new Options(args, subcommand.options)
  if (failing) {
    runInVain(() => subcommand.run(aws, options, readInput))
    throw new Interrupted()
  }
  const result = subcommand.run(aws, options, readInput)
  if (typeof result === 'string') return result
  return Object.keys(result).length === 0 ? '' : `${JSON.stringify(result, null, 4)}\n`
}

/** Nobody hears how it went. */
const runInVain = (run: () => unknown): void => {
  try {
    run()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
}

class NotSignedIn extends Error {}
class Interrupted extends Error {}

const refusalOf = (error: unknown, name: string): Answer => {
  const fail = (exitCode: number, text: string): Answer => ({ exitCode, stdout: '', stderr: `\n${text}\n` })
  if (error instanceof UsageError) return fail(252, `aws: [ERROR]: ${error.message}`)
  if (error instanceof NotSignedIn) {
    return fail(253, 'Unable to locate credentials. You can configure credentials by running "aws login".')
  }
  if (error instanceof Interrupted) {
    return fail(255, 'Connection was closed before we received a valid response from endpoint URL.')
  }
  if (!(error instanceof Refusal)) throw error
  if (error.code === '') return fail(255, error.message)
  const isFatal = name === 's3 cp'
  const operation = isFatal ? 'HeadObject' : operationOf(name)
  return fail(
    isFatal ? 1 : 254,
    `${isFatal ? 'fatal error: ' : ''}An error occurred (${error.code}) when calling the ${operation} operation: ${error.message}`,
  )
}

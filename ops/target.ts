import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { type Config, type Environment, readConfig, type SectionName } from '../src/config.ts'
import { createDocumentClient, type Database } from '../src/db/dynamodb.ts'
import { readParameters } from '../src/upstream/ssm/parameters.ts'
import { localStateDir, readLocalEnvironment } from './local-target.ts'
import { OpsProblem } from './problem.ts'
import { outputOf, readStack, type Stack } from './stack.ts'

const service = 'live-transcription'

/** As the paths of the stand-in, and as AWS itself calls them. */
export type AwsService = 'sts' | 'sqs' | 'cloudwatch' | 'ce' | 'cloudformation' | 'dynamodb' | 'lambda'

/** For the constructor of any AWS client. */
export interface ClientOptions {
  readonly region: string
  readonly endpoint?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** A stage, and how to reach all that belongs to it. */
export interface Target {
  readonly stage: string
  readonly region: string
  readonly isProd: boolean
  /** Where `npm start` keeps its state; undefined in the cloud. */
  readonly stateDir: string | undefined
  /** Without a slash at its end. */
  readonly apiUrl: string
  /** What the names of the users, usage and transactions tables end in: empty until a first restore. */
  readonly tablesSuffix: string
  readonly database: Database
  readonly environment: Environment
  clientOptions(service: AwsService): ClientOptions
  /** Reads sections as the functions do, secrets from SSM in the cloud. @throws {ConfigError} */
  config<Name extends SectionName>(...names: Name[]): Promise<Config<Name>>
  /** What CloudFormation says of the stage; asked once. @throws {OpsProblem} when there is none */
  stack(): Promise<Stack>
  /** Who is operating, as AWS knows them: an ARN. */
  operator(): Promise<string>
  close(): void
}

/** The account that costs money needs a region; where neither is given, what deploy.sh takes. */
const defaultRegion = 'us-east-1'

/**
 * Finds what belongs to a stage: on this machine by what a running `npm start` has left, elsewhere by the outputs
 * of its stack and the credentials that AWS's own tools would take.
 * @throws {OpsProblem} when nothing runs, or there is no such stack
 */
export const resolveTarget = (request: {
  readonly stage: string
  readonly region: string | undefined
}): Promise<Target> =>
  request.stage === 'local' ? localTarget() : cloudTarget(request.stage, request.region)

const localTarget = async (): Promise<Target> => {
  const stateDir = await localStateDir(process.env, process.cwd())
  const environment = await readLocalEnvironment(stateDir)
  const region = environment.AWS_REGION
  const endpoints: Partial<Record<AwsService, string>> = {
    dynamodb: `${environment.AWS_ENDPOINT_URL}/dynamodb`,
    lambda: environment.LAMBDA_ENDPOINT,
  }
  const credentials = {
    accessKeyId: environment.AWS_ACCESS_KEY_ID,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
  }
  return targetOf({
    stage: 'local',
    region,
    stateDir,
    environment,
    clientOptions: name => ({
      region,
      credentials,
      endpoint: endpoints[name] ?? `${environment.AWS_ENDPOINT_URL}/${name}`,
    }),
    stack: once(() =>
      readStack(
        { region, credentials, endpoint: `${environment.AWS_ENDPOINT_URL}/cloudformation` },
        `${service}-local`,
      ),
    ),
    client: createDocumentClient({ region, endpoint: environment.DYNAMODB_ENDPOINT, credentials }),
  })
}

const cloudTarget = async (stage: string, requestedRegion: string | undefined): Promise<Target> => {
  const region = requestedRegion || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || defaultRegion
  const stack = await readStack({ region }, `${service}-${stage}`)
  return targetOf({
    stage,
    region,
    stateDir: undefined,
    environment: {
      STAGE: stage,
      AWS_REGION: region,
      SECRETS_PATH: `/${service}/${stage}`,
      PUBLIC_API_URL: outputOf(stack, 'ApiUrl'),
      USERS_TABLE: outputOf(stack, 'UsersTableName'),
      USAGE_TABLE: outputOf(stack, 'UsageTableName'),
      TRANSACTIONS_TABLE: outputOf(stack, 'TransactionsTableName'),
      EPHEMERA_TABLE: outputOf(stack, 'EphemeraTableName'),
      TABLES_SUFFIX: stack.outputs.TablesSuffix ?? '',
      VERSION: stack.outputs.Version ?? 'unknown',
      // As deploy.sh takes it: only a test has Stripe elsewhere.
      STRIPE_API_URL: process.env.STRIPE_API_URL,
    },
    clientOptions: () => ({ region }),
    stack: async () => stack,
    client: createDocumentClient({ region, endpoint: undefined }),
  })
}

interface Parts
  extends Pick<Target, 'stage' | 'region' | 'stateDir' | 'clientOptions' | 'stack' | 'environment'> {
  readonly client: Database['client']
}

const targetOf = (parts: Parts): Target => {
  const { client, environment, clientOptions } = parts
  const must = (name: string): string => {
    const value = environment[name]
    if (value === undefined) throw new OpsProblem(`${name} is not known of ${parts.stage}.`)
    return value
  }
  return {
    ...parts,
    isProd: parts.stage === 'prod',
    apiUrl: must('PUBLIC_API_URL').replace(/\/$/, ''),
    tablesSuffix: environment.TABLES_SUFFIX ?? '',
    database: {
      client,
      tables: {
        users: must('USERS_TABLE'),
        usage: must('USAGE_TABLE'),
        transactions: must('TRANSACTIONS_TABLE'),
        ephemera: must('EPHEMERA_TABLE'),
      },
    },
    config: (...names) => readConfig(names, readParameters, environment),
    operator: once(() => readOperator(clientOptions('sts'))),
    close: () => client.destroy(),
  }
}

const readOperator = async (options: ClientOptions): Promise<string> => {
  const client = new STSClient(options)
  try {
    const { Arn } = await client.send(new GetCallerIdentityCommand({}))
    if (Arn === undefined) throw new OpsProblem('AWS does not say who you are.')
    return Arn
  } finally {
    client.destroy()
  }
}

const once = <T>(read: () => Promise<T>): (() => Promise<T>) => {
  let reading: Promise<T> | undefined
  return () => {
    reading ??= read()
    return reading
  }
}

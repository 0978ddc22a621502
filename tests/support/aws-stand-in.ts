import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CostExplorerClient } from '@aws-sdk/client-cost-explorer'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { SQSClient } from '@aws-sdk/client-sqs'
import { STSClient } from '@aws-sdk/client-sts'
import Fastify from 'fastify'
import { findFreePort } from '../../local/ports.ts'
import { type AwsStandInOptions, awsStandIn, type ServiceFacts } from '../../local/stand-ins/aws/plugin.ts'

/** A running stand-in, and AWS's clients pointed at it. */
export interface AwsUnderTest {
  readonly origin: string
  readonly queueUrl: string
  readonly lambda: LambdaClient
  readonly sqs: SQSClient
  readonly sts: STSClient
  readonly cloudWatch: CloudWatchClient
  readonly costExplorer: CostExplorerClient
  readonly cloudFormation: CloudFormationClient
  readonly dynamoDb: DynamoDBClient
  /** Calls `POST /aws/control`. */
  control(body: object): Promise<{ status: number; body: unknown }>
  close(): Promise<void>
}

export const accountId = '000000000000'
export const deadLettersName = 'the-dead-letters'

export const facts: ServiceFacts = {
  functions: [
    { name: 'worker', maximumRetryAttempts: 2, maximumEventAgeMs: 60_000 },
    { name: 'hasty', maximumRetryAttempts: 2, maximumEventAgeMs: 40 },
  ],
  alarms: [],
  tablesSuffix: '',
  stack: {
    name: 'the-stack',
    description: 'A <stack> & more',
    outputs: { ApiUrl: 'http://127.0.0.1:3000', Version: 'v1' },
  },
}

/** Starts the AWS stand-in on a free port. An invocation that failed is tried again 20 ms later. */
export const startAws = async (options: Partial<AwsStandInOptions> = {}): Promise<AwsUnderTest> => {
  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}`
  const server = Fastify()
  await server.register(awsStandIn, {
    prefix: '/aws',
    publicUrl: `${origin}/aws`,
    accessKeyId: 'thekey',
    accountId,
    region: 'us-east-1',
    userName: 'ada',
    lambdaUrl: 'http://127.0.0.1:9',
    dynamoDbEndpoint: 'http://127.0.0.1:9',
    recoverableTables: async () => [],
    service: async () => facts,
    deadLettersName,
    backendLog: '/nowhere/backend.log',
    metricsNamespace: 'live-transcription/local',
    useTables: async () => undefined,
    retryDelaysMs: [20],
    ...options,
  })
  await server.listen({ port, host: '127.0.0.1' })
  const at = (service: string) => clientOptions(`${origin}/aws/${service}`)
  return {
    origin,
    queueUrl: `${origin}/aws/sqs/${accountId}/${deadLettersName}`,
    lambda: new LambdaClient(at('lambda')),
    sqs: new SQSClient(at('sqs')),
    sts: new STSClient(at('sts')),
    cloudWatch: new CloudWatchClient(at('cloudwatch')),
    costExplorer: new CostExplorerClient(at('ce')),
    cloudFormation: new CloudFormationClient(at('cloudformation')),
    dynamoDb: new DynamoDBClient(at('dynamodb')),
    async control(body) {
      const response = await fetch(`${origin}/aws/control`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return { status: response.status, body: await response.json() }
    },
    close: () => server.close(),
  }
}

/** For a client that does not try again by itself. */
export const clientOptions = (endpoint: string, accessKeyId = 'thekey') => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId, secretAccessKey: 'secret' },
  maxAttempts: 1,
})

import { mkdir } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { startDynamoDbLocal } from '../../../local/dynamodb.ts'
import { projectDir } from '../../../local/paths.ts'
import { createTables, readTables } from '../../../local/tables.ts'
import { startAws } from '../aws-stand-in.ts'
import { client, startStripe } from '../stripe-stand-in.ts'
import { PlayedAccount } from './account.ts'
import { PlayedFunctions } from './functions.ts'
import { startGateway } from './gateway.ts'
import { startParameterStore } from './parameter-store.ts'

const region = 'us-east-1'
const credentials = { accessKeyId: 'operator', secretAccessKey: 'secret' }
const fakeAwsDir = join(projectDir, 'tests', 'support', 'fake-aws')

export interface CloudOrder {
  readonly stage: string
  /** The one key that Stripe's stand-in takes. */
  readonly stripeKey: string
  /** Where all of it is kept; whoever made it removes it. */
  readonly directory: string
}

/**
 * An AWS account and a Stripe account that a stage can be deployed to from a shell, in which it then serves: the fake
 * `aws` says what was deployed, and that is what runs, behind API Gateway's own routes, on DynamoDB Local. The AWS SDK
 * finds SSM's parameters in the fake, and the rest at the stand-in of `npm start`. Tables are there from the beginning.
 */
export const startCloud = async ({ stage, stripeKey, directory }: CloudOrder) => {
  const stackName = `live-transcription-${stage}`
  const home = join(directory, 'home')
  const code = join(directory, 'functions')
  const logFile = join(directory, 'functions.log')
  const temporary = join(directory, 'temporary')
  await Promise.all([home, code, temporary].map(path => mkdir(path)))
  const [dynamodb, tables, stripe] = await Promise.all([
    startDynamoDbLocal(),
    readTables(stage),
    startStripe({ secretKey: stripeKey }),
  ])
  await createTables(dynamodb.endpoint, tables)

  const gateway = await startGateway({
    stack: () => account.stack(),
    invoke: (functionId, event) => functions.invoke(functionId, event),
  })
  const account = await PlayedAccount.open(join(directory, 'account.json'), stackName, gateway.url)
  const parameters = await startParameterStore(account)
  const aws = await startAws({
    accessKeyId: credentials.accessKeyId,
    region,
    dynamoDbEndpoint: dynamodb.endpoint,
    backendLog: logFile,
    metricsNamespace: `live-transcription/${stage}`,
    service: async () => {
      const outputs = { ...(await account.stack())?.outputs, DeadLettersUrl: aws.queueUrl }
      const stack = { name: stackName, description: 'What was deployed', outputs }
      return { functions: [], alarms: [], tablesSuffix: '', stack }
    },
  })
  const sdk = {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_SSM: parameters.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
    AWS_ENDPOINT_URL_CLOUDFORMATION: `${aws.origin}/aws/cloudformation`,
    AWS_ENDPOINT_URL_CLOUDWATCH: `${aws.origin}/aws/cloudwatch`,
    AWS_ENDPOINT_URL_SQS: `${aws.origin}/aws/sqs`,
    AWS_ENDPOINT_URL_STS: `${aws.origin}/aws/sts`,
    STRIPE_API_URL: stripe.origin,
  }
  const functions = new PlayedFunctions({
    account,
    directory: code,
    logFile,
    surroundings: () => ({ ...sdk, AWS_REGION: region }),
  })

  return {
    account,
    stripe: client(stripe.port, stripeKey),
    apiUrl: gateway.url,
    /** The environment of whoever deploys and operates: signed in, with nothing else set. */
    shell: {
      ...sdk,
      PATH: [fakeAwsDir, dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: home,
      TMPDIR: temporary,
      FAKE_AWS_STATE: account.file,
      NODE_COMPILE_CACHE: join(directory, 'compiled'),
    },
    /** Tells `aws` what the ledger's tables hold, which it can't see. */
    showTables: async (): Promise<void> => {
      const client = new DynamoDBClient({ endpoint: dynamodb.endpoint, region, credentials })
      for (const { TableName } of tables) {
        const { Items = [] } = await client.send(new ScanCommand({ TableName }))
        await account.change(({ tables: seen }) => {
          if (seen[TableName]) seen[TableName].items = JSON.parse(JSON.stringify(Items))
        })
      }
      client.destroy()
    },
    close: async (): Promise<void> => {
      await functions.close()
      parameters.close()
      await Promise.all([gateway.close(), aws.close(), stripe.close(), dynamodb.close()])
    },
  }
}

export type Cloud = Awaited<ReturnType<typeof startCloud>>

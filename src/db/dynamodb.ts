import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

export interface DynamoDbOptions {
  readonly region: string
  /** Where DynamoDB Local listens; AWS's own address without it. */
  readonly endpoint: string | undefined
  /** Who asks; what AWS's own tools would take without it. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** Names of the four tables. */
interface TableNames {
  readonly users: string
  readonly usage: string
  readonly transactions: string
  readonly ephemera: string
}

/** Client and tables that every repository is made from. */
export interface Database {
  readonly client: DynamoDBDocumentClient
  readonly tables: TableNames
}

/** Fails a connection that hangs soon enough for a retry within the handler's own limit. */
const requestTimeoutMs = 3_000

/** A document client that leaves out undefined fields and retries what DynamoDB asks to be retried. */
export const createDocumentClient = (options: DynamoDbOptions): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({
      region: options.region,
      maxAttempts: 3,
      requestHandler: {
        requestTimeout: requestTimeoutMs,
        connectionTimeout: 2_000,
        throwOnRequestTimeout: true,
      },
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
      ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    }),
    { marshallOptions: { removeUndefinedValues: true } },
  )

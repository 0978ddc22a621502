import { isDeepStrictEqual } from 'node:util'
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import { readServiceDefinition, type ServiceDefinition } from './service-definition.ts'
import { StartProblem } from './start-problem.ts'

/** A table as serverless.yml describes it: the input of CreateTable, and its time-to-live where it has one. */
export interface TableInput extends CreateTableCommandInput {
  TableName: string
  TimeToLiveSpecification?: { AttributeName: string; Enabled: boolean }
}

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }))
const indexSchema = z.strictObject({
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: z.strictObject({
    ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
    NonKeyAttributes: z.array(z.string()).exactOptional(),
  }),
})

/** Every property that the tables may have. Strict, so that one that is not carried over here is noticed. */
const tablePropertiesSchema = z.strictObject({
  TableName: z.string(),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z.array(indexSchema).exactOptional(),
  TimeToLiveSpecification: z
    .strictObject({ AttributeName: z.string(), Enabled: z.boolean() })
    .exactOptional(),
  SSESpecification: z.unknown().optional(),
  PointInTimeRecoverySpecification: z.unknown().optional(),
  DeletionProtectionEnabled: z.unknown().optional(),
  Tags: z.unknown().optional(),
})

/**
 * The tables of serverless.yml for a stage, ready for `createTables`.
 *
 * @throws {Error} when serverless.yml can't be read, or a table has a property that this file doesn't know.
 */
export async function readTables(stage: string): Promise<TableInput[]> {
  return tablesOf(await readServiceDefinition(stage))
}

/**
 * The tables of a service, ready for `createTables`.
 *
 * @throws {Error} when a table has a property that this file doesn't know.
 */
export function tablesOf(service: ServiceDefinition): TableInput[] {
  return Object.values(service.resources.Resources)
    .filter(resource => resource.Type === 'AWS::DynamoDB::Table')
    .map(resource => toTableInput(resource.Properties))
}

/** Those of a service's tables that DynamoDB is to keep so that they can be had back as they were. */
export function recoverableTablesOf(service: ServiceDefinition): string[] {
  return Object.values(service.resources.Resources)
    .filter(resource => resource.Type === 'AWS::DynamoDB::Table')
    .map(resource => tablePropertiesSchema.parse(resource.Properties))
    .filter(table => table.PointInTimeRecoverySpecification !== undefined)
    .map(table => table.TableName)
}

/** Encryption, recovery, deletion protection and tags are AWS's own business: they are left out here. */
function toTableInput(properties: unknown): TableInput {
  const {
    SSESpecification: _encryption,
    PointInTimeRecoverySpecification: _recovery,
    DeletionProtectionEnabled: _protection,
    Tags: _tags,
    ...table
  } = tablePropertiesSchema.parse(properties)
  return table
}

/**
 * Creates the tables that don't exist yet at a DynamoDB endpoint, and switches time-to-live on where a table asks
 * for it. May be repeated.
 *
 * @throws {StartProblem} when a table exists with other keys or indexes than serverless.yml says.
 */
export async function createTables(endpoint: string, tables: TableInput[]): Promise<void> {
  await withClient(endpoint, client => Promise.all(tables.map(table => createTable(client, table))))
}

/** @throws {StartProblem} naming the tables that don't exist */
export async function requireTables(endpoint: string, tables: TableInput[]): Promise<void> {
  const isMissing = await withClient(endpoint, client =>
    Promise.all(tables.map(async table => !(await exists(client, table.TableName)))),
  )
  const missing = tables.filter((_table, index) => isMissing[index]).map(table => table.TableName)
  if (missing.length > 0) throw new StartProblem(`There is no table ${missing.join(', nor ')}.`)
}

async function withClient<T>(endpoint: string, use: (client: DynamoDBClient) => Promise<T>): Promise<T> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  try {
    return await use(client)
  } finally {
    client.destroy()
  }
}

async function exists(client: DynamoDBClient, tableName: string): Promise<boolean> {
  try {
    await client.send(new DescribeTableCommand({ TableName: tableName }))
    return true
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false
    throw error
  }
}

async function createTable(client: DynamoDBClient, table: TableInput): Promise<void> {
  const { TimeToLiveSpecification: timeToLive, ...input } = table
  try {
    await client.send(new CreateTableCommand(input))
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error
    await refuseAnotherShape(client, input)
  }
  if (timeToLive?.Enabled) await switchTimeToLiveOn(client, table.TableName, timeToLive.AttributeName)
}

async function refuseAnotherShape(client: DynamoDBClient, wanted: CreateTableCommandInput): Promise<void> {
  const { Table: found } = await client.send(new DescribeTableCommand({ TableName: wanted.TableName }))
  if (isDeepStrictEqual(shapeOf(found), shapeOf(wanted))) return
  throw new StartProblem(
    `The table ${wanted.TableName} was made with other keys or indexes than serverless.yml now says. ` +
      'Forget the local state and start again: npm start -- --fresh',
  )
}

/** What a table can't change once it exists, in an order that doesn't depend on who lists it. */
function shapeOf(table: CreateTableCommandInput | TableDescription | undefined): unknown {
  const byName = (a: unknown, b: unknown) => JSON.stringify(a).localeCompare(JSON.stringify(b))
  const keysOf = (keys: { AttributeName?: string | undefined; KeyType?: string | undefined }[] = []) =>
    keys.map(key => `${key.KeyType} ${key.AttributeName}`).sort()
  return {
    attributes: (table?.AttributeDefinitions ?? [])
      .map(attribute => `${attribute.AttributeName} ${attribute.AttributeType}`)
      .sort(),
    keys: keysOf(table?.KeySchema),
    indexes: (table?.GlobalSecondaryIndexes ?? [])
      .map(index => ({
        name: index.IndexName,
        keys: keysOf(index.KeySchema),
        projection: index.Projection?.ProjectionType,
        carried: [...(index.Projection?.NonKeyAttributes ?? [])].sort(),
      }))
      .sort(byName),
  }
}

/** DynamoDB refuses to switch on what is on already, so it is asked first. */
async function switchTimeToLiveOn(
  client: DynamoDBClient,
  tableName: string,
  attribute: string,
): Promise<void> {
  const { TimeToLiveDescription: found } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: tableName }),
  )
  if (found?.TimeToLiveStatus === 'ENABLED') return
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: tableName,
      TimeToLiveSpecification: { AttributeName: attribute, Enabled: true },
    }),
  )
}

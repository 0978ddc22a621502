import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceInUseException,
  type TableDescription,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import { developmentId } from '../extension/build/development-id.ts'
import { cacheDir, projectDir } from './paths.ts'
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

const resourcesSchema = z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() }))
const serviceSchema = z.object({ resources: z.object({ Resources: resourcesSchema }) })
type Resources = z.infer<typeof resourcesSchema>

/**
 * The tables of serverless.yml for a stage, ready for `createTables`. The variables are resolved by
 * `serverless print`; the answer is kept in node_modules/.cache by the file's hash.
 *
 * @throws {Error} when serverless.yml can't be read, or a table has a property that this file doesn't know.
 */
export async function readTables(stage: string): Promise<TableInput[]> {
  return Object.values(await readResources(stage))
    .filter(resource => resource.Type === 'AWS::DynamoDB::Table')
    .map(resource => toTableInput(resource.Properties))
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

async function readResources(stage: string): Promise<Resources> {
  const definition = await readFile(join(projectDir, 'serverless.yml'))
  const hash = createHash('sha256').update(stage).update('\0').update(definition).digest('hex').slice(0, 32)
  const cacheFile = join(cacheDir, `resources-${hash}.json`)
  const cached = await readFile(cacheFile, 'utf8').catch(() => undefined)
  if (cached !== undefined) return resourcesSchema.parse(JSON.parse(cached))

  const resources = await printResources(stage)
  await mkdir(cacheDir, { recursive: true })
  const partFile = `${cacheFile}.${process.pid}`
  await writeFile(partFile, JSON.stringify(resources))
  await rename(partFile, cacheFile)
  return resources
}

async function printResources(stage: string): Promise<Resources> {
  const cli = createRequire(import.meta.url).resolve('serverless/bin/serverless.js')
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [cli, 'print', '--format', 'json', '--stage', stage],
    {
      cwd: projectDir,
      maxBuffer: 64 * 1024 * 1024,
      // The functions' own variables say nothing about the tables, but serverless.yml demands them.
      env: { ...process.env, EXTENSION_ID: developmentId },
    },
  )
  return serviceSchema.parse(JSON.parse(stdout)).resources.Resources
}

/**
 * Creates the tables that don't exist yet at a DynamoDB endpoint, and switches time-to-live on where a table asks
 * for it. May be repeated.
 *
 * @throws {StartProblem} when a table exists with other keys or indexes than serverless.yml says.
 */
export async function createTables(endpoint: string, tables: TableInput[]): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  try {
    await Promise.all(tables.map(table => createTable(client, table)))
  } finally {
    client.destroy()
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

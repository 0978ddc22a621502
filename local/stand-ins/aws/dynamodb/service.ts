import type { FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { AwsError } from '../errors.ts'
import { type JsonService, operation } from '../json-protocol.ts'
import type { Engine } from './engine.ts'
import type { Recovery, Restore, Window } from './recovery.ts'
import { findTable, type Table } from './tables.ts'

export interface DynamoDbOptions {
  accessKeyId: string
  engine: Engine
  recovery: Recovery
  nowMs: () => number
}

const seconds = (ms: number): number => Math.floor(ms / 1_000)
const recoveryDays = 35

const describedTable = z.object({ Table: z.record(z.string(), z.unknown()) })
const restoreInput = z.object({
  SourceTableName: z.string(),
  TargetTableName: z.string(),
  /** Seconds since 1970. */
  RestoreDateTime: z.number().optional(),
  UseLatestRestorableTime: z.boolean().default(false),
})

/** DynamoDB: what DynamoDB Local lacks of point-in-time recovery; all else is its own answer. */
export function dynamoDbService({ accessKeyId, engine, recovery, nowMs }: DynamoDbOptions): JsonService {
  const requireTable = async (name: string): Promise<Table> => {
    const table = await findTable(engine, name)
    if (table !== undefined) return table
    throw new AwsError(400, 'TableNotFoundException', `Table not found: ${name}`)
  }
  const describe = (name: string) => ({ ContinuousBackupsDescription: toJson(recovery.window(name)) })

  return {
    path: '/dynamodb',
    target: 'DynamoDB_20120810',
    namespace: 'com.amazonaws.dynamodb.v20120810',
    version: '1.0',
    accessKeyId,
    operations: {
      DescribeContinuousBackups: operation(z.object({ TableName: z.string() }), async input => {
        await requireTable(input.TableName)
        return describe(input.TableName)
      }),
      UpdateContinuousBackups: operation(
        z.object({
          TableName: z.string(),
          PointInTimeRecoverySpecification: z.object({ PointInTimeRecoveryEnabled: z.boolean() }),
        }),
        async ({ TableName: name, PointInTimeRecoverySpecification: wanted }) => {
          await requireTable(name)
          await (wanted.PointInTimeRecoveryEnabled ? recovery.enable(name) : recovery.disable(name))
          return describe(name)
        },
      ),
      DescribeTable: operation(z.object({ TableName: z.string() }), async input => {
        const { Table: table } = await engine.call(describedTable, 'DescribeTable', input)
        const restored = recovery.restoreOf(input.TableName)
        if (restored === undefined) return { Table: table }
        return { Table: { ...table, RestoreSummary: restoreSummary(restored, false) } }
      }),
      // DynamoDB Local knows no tags.
      ListTagsOfResource: operation(z.object({ ResourceArn: z.string() }), () => ({ Tags: [] })),
      RestoreTableToPointInTime: operation(restoreInput, async input => {
        const source = await requireTable(input.SourceTableName)
        const { TargetTableName: target } = input
        const atMs = restoreTimeMs(input, recovery.window(input.SourceTableName), nowMs())
        if ((await findTable(engine, target)) !== undefined) {
          throw new AwsError(400, 'TableAlreadyExistsException', `Table already exists: ${target}`)
        }
        await recovery.restore(source, target, atMs)
        const summary = restoreSummary({ sourceArn: source.TableArn, atMs }, true)
        return {
          TableDescription: {
            TableName: target,
            TableStatus: 'CREATING',
            KeySchema: source.KeySchema,
            RestoreSummary: summary,
          },
        }
      }),
    },
    otherwise: (request, reply) => passOn(engine.endpoint, request, reply),
  }
}

function toJson(window: Window | undefined) {
  return {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription:
      window === undefined
        ? { PointInTimeRecoveryStatus: 'DISABLED' }
        : {
            PointInTimeRecoveryStatus: 'ENABLED',
            RecoveryPeriodInDays: recoveryDays,
            EarliestRestorableDateTime: seconds(window.earliestMs) + 1,
            LatestRestorableDateTime: seconds(window.latestMs),
          },
  }
}

/** @throws {AwsError} for a time outside of the window */
function restoreTimeMs(
  { RestoreDateTime, UseLatestRestorableTime, SourceTableName }: z.infer<typeof restoreInput>,
  window: Window | undefined,
  nowMs: number,
): number {
  if (window === undefined) {
    throw new AwsError(
      400,
      'PointInTimeRecoveryUnavailableException',
      `Point in time recovery is not enabled for table '${SourceTableName}'`,
    )
  }
  if (UseLatestRestorableTime) return nowMs
  if (RestoreDateTime === undefined) {
    throw new AwsError(400, 'ValidationException', 'RestoreDateTime or UseLatestRestorableTime is required.')
  }
  const atMs = RestoreDateTime * 1_000
  if (atMs >= window.earliestMs && atMs <= window.latestMs) return atMs
  const [earliest, latest] = [window.earliestMs, window.latestMs].map(ms => new Date(ms).toISOString())
  throw new AwsError(
    400,
    'InvalidRestoreTimeException',
    `RestoreDateTime must be between ${earliest} and ${latest}.`,
  )
}

function restoreSummary({ sourceArn, atMs }: Pick<Restore, 'sourceArn' | 'atMs'>, inProgress: boolean) {
  return { SourceTableArn: sourceArn, RestoreDateTime: atMs / 1_000, RestoreInProgress: inProgress }
}

async function passOn(endpoint: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const headers = ['content-type', 'x-amz-target', 'x-amz-date', 'authorization'].flatMap(name => {
    const value = request.headers[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: Object.fromEntries(headers),
    body: String(request.body),
  })
  return reply.code(response.status).send(await response.text())
}

import { GetCommand, PutCommand, type PutCommandInput } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type {
  Backoff,
  CatchupProgress,
  CatchupProgressStore,
  JobCallback,
  RecordingWindow,
  Run,
  TranscriptJob,
} from '../domain/ports.ts'
import { toRecording, windowSchema } from '../domain/recording-window.ts'
import { conditional } from './conditional-write.ts'
import type { Database } from './dynamodb.ts'

const keyOf = (userId: string, operationId: string): string => `catchup#${userId}#${operationId}`

const shared = {
  hold_expires_at_ms: z.int(),
  window: windowSchema,
  updated_at_ms: z.int(),
}
const itemSchema = z.discriminatedUnion('stage', [
  z.object({ ...shared, stage: z.literal('fetching'), done_ms: z.int() }),
  z.object({ ...shared, stage: z.enum(['transcribing', 'summarising']), transcript_id: z.string() }),
])

const toProgress = (value: unknown): CatchupProgress => {
  const item = itemSchema.parse(value)
  const common = {
    holdExpiresAtMs: item.hold_expires_at_ms,
    window: item.window,
    updatedAtMs: item.updated_at_ms,
  }
  return item.stage === 'fetching'
    ? { ...common, stage: item.stage, doneMs: item.done_ms }
    : { ...common, stage: item.stage, transcriptId: item.transcript_id }
}

const toItem = (progress: CatchupProgress): z.input<typeof itemSchema> => {
  const common = {
    hold_expires_at_ms: progress.holdExpiresAtMs,
    window: toRecording(progress.window),
    updated_at_ms: progress.updatedAtMs,
  }
  return progress.stage === 'fetching'
    ? { ...common, stage: progress.stage, done_ms: progress.doneMs }
    : { ...common, stage: progress.stage, transcript_id: progress.transcriptId }
}

/** Beyond the hold: what comes late is still told apart from what has been begun. */
const keptAfterMs = 24 * 3_600_000

const isAbsent = 'attribute_not_exists(#key)'
const isAnotherAttempt = 'hold_expires_at_ms <> :attempt'

type Condition = Required<Pick<PutCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'>>

/** Channels' catch-ups under way, in the Ephemera table. An item is written whole each time, and is under 1 KB. */
export class DynamoCatchupProgress implements CatchupProgressStore {
  readonly #db: Database
  readonly #backoff: Backoff

  constructor(db: Database, backoff: Backoff) {
    this.#db = db
    this.#backoff = backoff
  }

  async read(userId: string, operationId: string): Promise<CatchupProgress | undefined> {
    const { Item } = await this.#db.client.send(
      new GetCommand({
        TableName: this.#db.tables.ephemera,
        Key: { key: keyOf(userId, operationId) },
        ConsistentRead: true,
      }),
    )
    return Item && toProgress(Item)
  }

  begin(job: JobCallback, window: RecordingWindow, { runId, nowMs, staleAtMs }: Run): Promise<boolean> {
    const { holdExpiresAtMs } = job
    return this.#put(
      job,
      { holdExpiresAtMs, window, updatedAtMs: nowMs, stage: 'fetching', doneMs: 0 },
      runId,
      {
        ConditionExpression: [
          isAbsent,
          isAnotherAttempt,
          '(stage = :fetching AND (run_id = :run OR updated_at_ms <= :stale))',
        ].join(' OR '),
        ExpressionAttributeValues: {
          ':attempt': holdExpiresAtMs,
          ':fetching': 'fetching',
          ':run': runId,
          ':stale': staleAtMs,
        },
      },
    )
  }

  advance(job: JobCallback, progress: CatchupProgress, runId: string): Promise<boolean> {
    return this.#put(job, progress, runId, {
      ConditionExpression: [
        isAbsent,
        '(hold_expires_at_ms = :attempt AND stage = :fetching AND run_id = :run)',
      ].join(' OR '),
      ExpressionAttributeValues: {
        ':attempt': job.holdExpiresAtMs,
        ':fetching': 'fetching',
        ':run': runId,
      },
    })
  }

  claim(job: TranscriptJob, { runId, nowMs, staleAtMs }: Run): Promise<boolean> {
    const { holdExpiresAtMs, window, transcriptId } = job
    return this.#put(
      job,
      { holdExpiresAtMs, window, updatedAtMs: nowMs, stage: 'summarising', transcriptId },
      runId,
      {
        ConditionExpression: [
          isAbsent,
          isAnotherAttempt,
          'stage <> :summarising',
          'run_id = :run',
          'updated_at_ms <= :stale',
        ].join(' OR '),
        ExpressionAttributeValues: {
          ':attempt': holdExpiresAtMs,
          ':summarising': 'summarising',
          ':run': runId,
          ':stale': staleAtMs,
        },
      },
    )
  }

  async #put(
    { userId, operationId, holdExpiresAtMs }: JobCallback,
    progress: CatchupProgress,
    runId: string,
    condition: Condition,
  ): Promise<boolean> {
    const { held } = await conditional(this.#backoff, () =>
      this.#db.client.send(
        new PutCommand({
          TableName: this.#db.tables.ephemera,
          Item: {
            key: keyOf(userId, operationId),
            ...toItem(progress),
            run_id: runId,
            expires_at: Math.ceil((holdExpiresAtMs + keptAfterMs) / 1_000),
          },
          ...condition,
          ExpressionAttributeNames: { '#key': 'key' },
        }),
      ),
    )
    return held
  }
}

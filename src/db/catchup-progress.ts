import { GetCommand, PutCommand, type PutCommandInput } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type {
  Backoff,
  CatchupProgress,
  CatchupProgressStore,
  JobCallback,
  RecordingWindow,
  TranscriptJob,
} from '../domain/ports.ts'
import { conditional } from './conditional-write.ts'
import type { Database } from './dynamodb.ts'

const keyOf = (userId: string, operationId: string): string => `catchup#${userId}#${operationId}`

const shared = {
  hold_expires_at_ms: z.int(),
  window: z.object({
    channel: z.string(),
    recordingId: z.string(),
    recordedAt: z.string(),
    isLive: z.boolean(),
    fromMs: z.int(),
    toMs: z.int(),
    mutedMs: z.int(),
  }),
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

const toItem = (progress: CatchupProgress): z.infer<typeof itemSchema> => {
  const common = {
    hold_expires_at_ms: progress.holdExpiresAtMs,
    window: progress.window,
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
const isBeingFetched = '(hold_expires_at_ms = :attempt AND stage = :fetching)'

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

  begin(job: JobCallback, window: RecordingWindow, nowMs: number): Promise<boolean> {
    const { holdExpiresAtMs } = job
    return this.#put(
      job,
      { holdExpiresAtMs, window, updatedAtMs: nowMs, stage: 'fetching', doneMs: 0 },
      {
        ConditionExpression: [isAbsent, isAnotherAttempt, isBeingFetched].join(' OR '),
        ExpressionAttributeValues: { ':attempt': holdExpiresAtMs, ':fetching': 'fetching' },
      },
    )
  }

  advance(job: JobCallback, progress: CatchupProgress): Promise<boolean> {
    return this.#put(job, progress, {
      ConditionExpression: [isAbsent, isBeingFetched].join(' OR '),
      ExpressionAttributeValues: { ':attempt': job.holdExpiresAtMs, ':fetching': 'fetching' },
    })
  }

  claim(job: TranscriptJob, runId: string, nowMs: number, staleAtMs: number): Promise<boolean> {
    const { holdExpiresAtMs, window, transcriptId } = job
    return this.#put(
      job,
      { holdExpiresAtMs, window, updatedAtMs: nowMs, stage: 'summarising', transcriptId },
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
      { run_id: runId },
    )
  }

  async #put(
    { userId, operationId, holdExpiresAtMs }: JobCallback,
    progress: CatchupProgress,
    condition: Condition,
    claim: { readonly run_id?: string } = {},
  ): Promise<boolean> {
    const { held } = await conditional(this.#backoff, () =>
      this.#db.client.send(
        new PutCommand({
          TableName: this.#db.tables.ephemera,
          Item: {
            key: keyOf(userId, operationId),
            ...toItem(progress),
            ...claim,
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

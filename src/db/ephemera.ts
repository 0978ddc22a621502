import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import {
  type Backoff,
  type Counters,
  type JobFailure,
  type JobFailures,
  jobFailureCodes,
  type Rotated,
  type Session,
  type SessionStore,
} from '../domain/ports.ts'
import { conditional } from './conditional-write.ts'
import type { Database } from './dynamodb.ts'

/** DynamoDB's time to live counts in whole seconds; an item is deleted some time after it, so reads check too. */
const ttlSeconds = (expiresAtMs: number): number => Math.ceil(expiresAtMs / 1_000)

const sessionKey = (familyId: string): string => `session#${familyId}`
const sessionItemSchema = z.object({
  user_id: z.string(),
  token_hash: z.string(),
  expires_at_ms: z.number(),
  former: z.object({ token_hash: z.string(), replaced_at_ms: z.number() }).optional(),
})

/** Refresh sessions in the Ephemera table. */
export class DynamoSessionStore implements SessionStore {
  readonly #db: Database
  readonly #backoff: Backoff

  constructor(db: Database, backoff: Backoff) {
    this.#db = db
    this.#backoff = backoff
  }

  async put(session: Session): Promise<void> {
    await this.#db.client.send(
      new PutCommand({
        TableName: this.#db.tables.ephemera,
        Item: {
          key: sessionKey(session.familyId),
          user_id: session.userId,
          token_hash: session.tokenHash,
          expires_at_ms: session.expiresAtMs,
          expires_at: ttlSeconds(session.expiresAtMs),
        },
      }),
    )
  }

  async read(familyId: string): Promise<Session | undefined> {
    const { Item } = await this.#db.client.send(
      new GetCommand({
        TableName: this.#db.tables.ephemera,
        Key: { key: sessionKey(familyId) },
        ConsistentRead: true,
      }),
    )
    if (!Item) return undefined
    const item = sessionItemSchema.parse(Item)
    const { former } = item
    return {
      familyId,
      userId: item.user_id,
      tokenHash: item.token_hash,
      expiresAtMs: item.expires_at_ms,
      ...(former && { former: { tokenHash: former.token_hash, replacedAtMs: former.replaced_at_ms } }),
    }
  }

  async rotate(session: Session, { tokenHash, expiresAtMs, former }: Rotated): Promise<boolean> {
    const result = await conditional(this.#backoff, () =>
      this.#db.client.send(
        new UpdateCommand({
          TableName: this.#db.tables.ephemera,
          Key: { key: sessionKey(session.familyId) },
          UpdateExpression:
            'SET token_hash = :new, expires_at_ms = :ms, expires_at = :seconds, former = :former',
          ConditionExpression: 'token_hash IN (:old, :new)',
          ExpressionAttributeValues: {
            ':new': tokenHash,
            ':old': session.tokenHash,
            ':ms': expiresAtMs,
            ':seconds': ttlSeconds(expiresAtMs),
            ':former': { token_hash: former.tokenHash, replaced_at_ms: former.replacedAtMs },
          },
        }),
      ),
    )
    return result.held
  }

  async end(familyId: string): Promise<void> {
    await this.#db.client.send(
      new DeleteCommand({ TableName: this.#db.tables.ephemera, Key: { key: sessionKey(familyId) } }),
    )
  }
}

const countSchema = z.object({ count: z.int() })

/** Throttle counters in the Ephemera table. */
export class DynamoCounters implements Counters {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async increment(key: string, expiresAtMs: number): Promise<number> {
    const { Attributes } = await this.#db.client.send(
      new UpdateCommand({
        TableName: this.#db.tables.ephemera,
        Key: { key: `count#${key}` },
        UpdateExpression: 'ADD #count :one SET expires_at = if_not_exists(expires_at, :seconds)',
        ExpressionAttributeNames: { '#count': 'count' },
        ExpressionAttributeValues: { ':one': 1, ':seconds': ttlSeconds(expiresAtMs) },
        ReturnValues: 'UPDATED_NEW',
      }),
    )
    return countSchema.parse(Attributes).count
  }

  async read(key: string): Promise<number> {
    const { Item } = await this.#db.client.send(
      new GetCommand({ TableName: this.#db.tables.ephemera, Key: { key: `count#${key}` } }),
    )
    return Item ? countSchema.parse(Item).count : 0
  }
}

const failureKey = (userId: string, operationId: string): string => `failure#${userId}#${operationId}`
const failureItemSchema = z.object({ code: z.enum(jobFailureCodes), detail: z.string() })

/** Why jobs came to nothing, in the Ephemera table. */
export class DynamoJobFailures implements JobFailures {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async record(userId: string, operationId: string, failure: JobFailure, expiresAtMs: number): Promise<void> {
    await this.#db.client.send(
      new PutCommand({
        TableName: this.#db.tables.ephemera,
        Item: {
          key: failureKey(userId, operationId),
          code: failure.code,
          detail: failure.detail,
          expires_at: ttlSeconds(expiresAtMs),
        },
      }),
    )
  }

  async read(userId: string, operationId: string): Promise<JobFailure | undefined> {
    const { Item } = await this.#db.client.send(
      new GetCommand({
        TableName: this.#db.tables.ephemera,
        Key: { key: failureKey(userId, operationId) },
        ConsistentRead: true,
      }),
    )
    return Item && failureItemSchema.parse(Item)
  }
}

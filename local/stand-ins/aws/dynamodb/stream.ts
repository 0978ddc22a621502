import * as z from 'zod'
import type { Engine } from './engine.ts'
import { type Item, itemSchema } from './items.ts'

/** A write as a table's stream tells it. */
export interface StreamRecord {
  /** Grows with each write, in a fixed number of digits. */
  sequenceNumber: string
  /** DynamoDB Local tells the minute only: the write was in it. */
  minuteMs: number
  keys: Item
  /** What was there before; undefined where there was nothing. */
  old: Item | undefined
}

/** Reads a stream from its beginning on, and goes on where it was. */
export interface StreamReader {
  /** What has been written since the last call; after a disturbance all that is still there, once more. */
  read(): Promise<StreamRecord[]>
}

const descriptionSchema = z.object({
  StreamDescription: z.object({
    Shards: z.array(z.object({ ShardId: z.string() })),
    LastEvaluatedShardId: z.string().optional(),
  }),
})
const iteratorSchema = z.object({ ShardIterator: z.string() })
const recordsSchema = z.object({
  Records: z.array(
    z.object({
      dynamodb: z.object({
        ApproximateCreationDateTime: z.number(),
        Keys: itemSchema,
        OldImage: itemSchema.optional(),
        SequenceNumber: z.string(),
      }),
    }),
  ),
  NextShardIterator: z.string().nullish(),
})

export function createStreamReader(engine: Engine, streamArn: string): StreamReader {
  const seen = new Set<string>()
  /** Of the shards that may get more. */
  const open = new Map<string, string>()

  async function openNewShards(): Promise<void> {
    for (const shardId of await shardIds(engine, streamArn)) {
      if (seen.has(shardId)) continue
      const { ShardIterator } = await engine.call(iteratorSchema, 'GetShardIterator', {
        StreamArn: streamArn,
        ShardId: shardId,
        ShardIteratorType: 'TRIM_HORIZON',
      })
      seen.add(shardId)
      open.set(shardId, ShardIterator)
    }
  }

  /** Reads a shard until it has no more. */
  async function drain(shardId: string, iterator: string): Promise<StreamRecord[]> {
    const found: StreamRecord[] = []
    let next: string | null | undefined = iterator
    while (next) {
      const page: z.infer<typeof recordsSchema> = await engine.call(recordsSchema, 'GetRecords', {
        ShardIterator: next,
      })
      found.push(...page.Records.map(toRecord))
      next = page.NextShardIterator
      if (next) open.set(shardId, next)
      else open.delete(shardId)
      if (page.Records.length === 0) break
    }
    return found
  }

  async function readOpen(): Promise<StreamRecord[]> {
    if (open.size === 0) await openNewShards()
    const found: StreamRecord[] = []
    for (const [shardId, iterator] of open) found.push(...(await drain(shardId, iterator)))
    return found
  }

  return {
    async read() {
      try {
        return await readOpen()
      } catch {
        // An iterator from before a shard's first record, or one too old: DynamoDB Local takes it no more.
        seen.clear()
        open.clear()
        return readOpen()
      }
    },
  }
}

async function shardIds(engine: Engine, streamArn: string): Promise<string[]> {
  const ids: string[] = []
  let last: string | undefined
  do {
    const { StreamDescription: page } = await engine.call(descriptionSchema, 'DescribeStream', {
      StreamArn: streamArn,
      ...(last === undefined ? {} : { ExclusiveStartShardId: last }),
    })
    ids.push(...page.Shards.map(({ ShardId }) => ShardId))
    last = page.LastEvaluatedShardId
  } while (last !== undefined)
  return ids
}

function toRecord({ dynamodb }: z.infer<typeof recordsSchema>['Records'][number]): StreamRecord {
  return {
    sequenceNumber: dynamodb.SequenceNumber,
    minuteMs: dynamodb.ApproximateCreationDateTime * 1_000,
    keys: dynamodb.Keys,
    old: dynamodb.OldImage,
  }
}

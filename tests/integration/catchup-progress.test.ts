import { setTimeout as sleep } from 'node:timers/promises'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { v7 } from 'uuid'
import { beforeEach, describe, expect, it } from 'vitest'
import { DynamoCatchupProgress } from '../../src/db/catchup-progress.ts'
import type { CatchupProgress, CatchupProgressStore, TranscriptJob } from '../../src/domain/ports.ts'
import { connect } from '../support/database.ts'
import { windowOf } from '../unit/support/fake-vendors.ts'
import { MemoryCatchupProgress } from '../unit/support/memory-catchup-progress.ts'

const database = connect()
const nowMs = 1_764_000_000_000
const window = windowOf()

/** The store, and the one that stands for it in the tests of the domain. */
const stores: readonly [string, CatchupProgressStore][] = [
  ['DynamoDB', new DynamoCatchupProgress(database, () => sleep(1))],
  ['memory', new MemoryCatchupProgress()],
]

describe.each(stores)('progress in %s', (_name, store) => {
  let job: TranscriptJob
  let other: TranscriptJob

  beforeEach(() => {
    const attempt = { userId: v7(), operationId: v7(), holdExpiresAtMs: nowMs + 60_000 }
    job = { kind: 'transcript', ...attempt, requestHash: 'hash', window, transcriptId: 'transcript-1' }
    other = { ...job, holdExpiresAtMs: nowMs + 59_000, transcriptId: 'transcript-0' }
  })

  const fetching = (doneMs: number, of = job): CatchupProgress => ({
    holdExpiresAtMs: of.holdExpiresAtMs,
    window,
    updatedAtMs: nowMs,
    stage: 'fetching',
    doneMs,
  })
  const transcribing = (of = job): CatchupProgress => ({
    holdExpiresAtMs: of.holdExpiresAtMs,
    window,
    updatedAtMs: nowMs,
    stage: 'transcribing',
    transcriptId: of.transcriptId,
  })
  const read = () => store.read(job.userId, job.operationId)
  const claim = (of = job, runId = 'run-1', atMs = nowMs, staleAtMs = nowMs - 1_000) =>
    store.claim(of, { runId, nowMs: atMs, staleAtMs })
  const begin = (of = job, runId = 'run-1', atMs = nowMs, staleAtMs = nowMs - 1_000) =>
    store.begin(of, window, { runId, nowMs: atMs, staleAtMs })
  const advance = (progress: CatchupProgress, of = job, runId = 'run-1') => store.advance(of, progress, runId)

  it('is nothing before it begins', async () => {
    expect(await read()).toBeUndefined()
  })

  it('goes from stage to stage', async () => {
    expect(await begin()).toBe(true)
    expect(await read()).toEqual(fetching(0))
    expect(await advance(fetching(60_000))).toBe(true)
    expect(await read()).toEqual(fetching(60_000))
    expect(await advance(transcribing())).toBe(true)
    expect(await read()).toEqual(transcribing())
    expect(await claim()).toBe(true)
    expect(await read()).toMatchObject({
      stage: 'summarising',
      transcriptId: 'transcript-1',
      updatedAtMs: nowMs,
    })
  })

  it('begins anew where the same run is tried again', async () => {
    await begin()
    await advance(fetching(60_000))
    expect(await begin()).toBe(true)
    expect(await read()).toEqual(fetching(0))
  })

  it('is begun by one run, and by another only once nothing was heard of that one for long', async () => {
    await begin()
    expect(await begin(job, 'run-2', nowMs + 10)).toBe(false)
    await advance({ ...fetching(60_000), updatedAtMs: nowMs + 5_000 })
    expect(await begin(job, 'run-2', nowMs + 6_000, nowMs + 4_999)).toBe(false)
    expect(await begin(job, 'run-2', nowMs + 6_000, nowMs + 5_000)).toBe(true)
    expect(await advance(fetching(120_000))).toBe(false)
    expect(await advance(transcribing())).toBe(false)
    expect(await advance(transcribing(), job, 'run-2')).toBe(true)
  })

  it('is begun by one of several runs at once', async () => {
    const begun = await Promise.all(['a', 'b', 'c', 'd'].map(run => begin(job, run)))
    expect(begun.filter(made => made)).toHaveLength(1)
  })

  it('never goes back', async () => {
    await advance(transcribing())
    expect(await begin()).toBe(false)
    expect(await advance(fetching(60_000))).toBe(false)
    expect(await advance({ ...transcribing(), updatedAtMs: nowMs + 1 })).toBe(false)
    expect(await read()).toEqual(transcribing())
    await claim()
    expect(await advance(transcribing())).toBe(false)
    expect(await begin()).toBe(false)
    expect(await read()).toMatchObject({ stage: 'summarising' })
  })

  it('of another attempt is replaced by one that begins, and by one that is claimed', async () => {
    await claim(other)
    expect(await begin()).toBe(true)
    expect(await read()).toEqual(fetching(0))
    await begin(other)
    expect(await claim()).toBe(true)
    expect(await read()).toMatchObject({ stage: 'summarising', holdExpiresAtMs: job.holdExpiresAtMs })
  })

  it('of another attempt is not advanced by a straggler', async () => {
    await begin()
    expect(await advance(fetching(60_000, other), other)).toBe(false)
    expect(await advance(transcribing(other), other)).toBe(false)
    expect(await read()).toEqual(fetching(0))
  })

  it('is claimed by one run, and by the same one again', async () => {
    expect(await claim()).toBe(true)
    expect(await claim(job, 'run-2', nowMs + 10)).toBe(false)
    expect(await claim(job, 'run-1', nowMs + 10)).toBe(true)
    expect(await read()).toMatchObject({ updatedAtMs: nowMs + 10 })
  })

  it('is claimed by another run once the claim is stale', async () => {
    await claim()
    expect(await claim(job, 'run-2', nowMs + 1_000, nowMs - 1)).toBe(false)
    expect(await claim(job, 'run-2', nowMs + 1_000, nowMs)).toBe(true)
    expect(await claim(job, 'run-1', nowMs + 1_001, nowMs)).toBe(false)
  })

  it('is claimed by one of several runs at once', async () => {
    await advance(transcribing())
    const claims = await Promise.all(['a', 'b', 'c', 'd'].map(run => claim(job, run)))
    expect(claims.filter(made => made)).toHaveLength(1)
  })
})

it('progress vanishes a day after the hold that it is about', async () => {
  const userId = v7()
  const operationId = v7()
  const [, store] = stores[0] ?? []
  const run = { runId: 'run-1', nowMs, staleAtMs: 0 }
  await store?.begin({ userId, operationId, holdExpiresAtMs: nowMs }, window, run)
  const { Item } = await database.client.send(
    new GetCommand({ TableName: database.tables.ephemera, Key: { key: `catchup#${userId}#${operationId}` } }),
  )
  expect(Item?.expires_at).toBe(nowMs / 1_000 + 86_400)
})

import { beforeEach, describe, expect, test, vi } from 'vitest'
import {
  catchupAcceptedSchema,
  catchupResponseSchema,
  type Segment,
} from '../../../src/contracts/transcription.ts'
import { UpstreamError } from '../../../src/domain/errors.ts'
import type { SegmentsJob } from '../../../src/domain/ports.ts'
import { vendorFails, vendorTimesOut } from '../support/fake-vendors.ts'
import { createBackend, holdMs, type TestBackend } from '../support/test-backend.ts'

const segments: Segment[] = [
  { start_ms: 0, end_ms: 900, text: 'Fifty pounds.' },
  { start_ms: 1_000, end_ms: 1_900, text: 'A year.' },
]
const summary = { headline: 'Money.', points: [{ at_ms: 0, text: 'Fifty.' }] }

let backend: TestBackend
let userId: string
let operationId: string

beforeEach(() => {
  backend = createBackend()
  userId = backend.openAccount({ creditsBalance: 100 })
  operationId = backend.clock.id()
})

const start = async (hash = 'hash-one') => {
  const accepted = await backend.catchups.startTranscript(userId, operationId, hash, segments)
  expect(catchupAcceptedSchema.parse(accepted)).toEqual(accepted)
  return accepted
}

const read = async () => {
  const catchup = await backend.catchups.read(userId, operationId)
  expect(catchupResponseSchema.parse(catchup)).toEqual(catchup)
  return catchup
}

const lastJob = (): SegmentsJob => {
  const job = backend.queue.jobs.at(-1)
  if (job?.kind !== 'segments') throw new Error('No transcript was handed over.')
  return job
}

const run = (job: SegmentsJob) => backend.worker.run(job, 'run-1')
const runWorker = () => run(lastJob())

const charged = { creditsBalance: 80, totalUsage: 20, holds: {} }
const notCharged = { creditsBalance: 100, totalUsage: 0, holds: {} }

describe('a catch-up', () => {
  test('is accepted with 20 credits held, and handed to the worker', async () => {
    expect(await start()).toEqual({ operation_id: operationId, status: 'processing', credits_held: 20 })
    const { hold } = backend.reservationOf(userId, operationId)
    expect(backend.queue.jobs).toEqual([
      { kind: 'segments', userId, operationId, holdExpiresAtMs: hold.expiresAtMs, segments },
    ])
    expect(await read()).toEqual({
      operation_id: operationId,
      status: 'processing',
      stage: 'summarising',
    })
  })

  test('is charged when the worker has summarised it, and can then be read', async () => {
    backend.model.nextSummary = summary
    await start()
    await runWorker()
    expect(backend.account(userId)).toMatchObject(charged)
    expect(await read()).toEqual({
      operation_id: operationId,
      status: 'completed',
      stage: 'completed',
      summary,
      credits_used: 20,
    })
    expect(backend.log.codes()).toEqual(['catchup_completed'])
  })

  test('that cannot be handed over costs nothing', async () => {
    backend.queue.failure = vendorFails()
    await expect(start()).rejects.toMatchObject({
      code: 'upstream_failed',
      message: 'Starting the catch-up failed. Nothing was charged. Try again.',
    })
    expect(backend.account(userId)).toMatchObject(notCharged)
  })

  test('that is too long to be handed over says so, and costs nothing', async () => {
    backend.queue.failure = new UpstreamError('lambda', 'too_long')
    await expect(start()).rejects.toMatchObject({
      code: 'validation_failed',
      message: expect.stringContaining('Send a part of it.'),
    })
    expect(backend.account(userId)).toMatchObject(notCharged)
  })

  test('whose hand-over crashes keeps its hold until that expires', async () => {
    backend.queue.failure = new TypeError('crash')
    await expect(start()).rejects.toThrow('crash')
    backend.clock.advance(holdMs)
    expect(await read()).toMatchObject({ status: 'failed', error: { code: 'upstream_timeout' } })
    expect((await backend.ledger.readAccount(userId)).creditsBalance).toBe(100)
  })

  test('is refused where the balance does not suffice, and no job is handed over', async () => {
    backend.store.change(userId, account => ({ ...account, creditsBalance: 19 }))
    await expect(start()).rejects.toMatchObject({
      code: 'insufficient_credits',
      details: { required: 20, available: 19 },
    })
    expect(backend.queue.jobs).toEqual([])
  })

  test('of nobody, or of somebody else, is not found', async () => {
    await expect(read()).rejects.toMatchObject({ code: 'not_found' })
    await start()
    await expect(backend.catchups.read(backend.openAccount(), operationId)).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('a repeat', () => {
  test('while it is under way gets the same answer, and no second job', async () => {
    const first = await start()
    expect(await start()).toEqual(first)
    expect(backend.queue.jobs).toHaveLength(1)
  })

  test('of what is finished says so and charges nothing', async () => {
    await start()
    await runWorker()
    expect(await start()).toEqual({ operation_id: operationId, status: 'completed', credits_held: 0 })
    expect(backend.account(userId)).toMatchObject(charged)
  })

  test('with another transcript under the same key is refused', async () => {
    await start()
    await expect(start('hash-two')).rejects.toMatchObject({ code: 'idempotency_mismatch' })
  })

  test('after a failure starts again, and is charged once', async () => {
    backend.model.nextSummary = vendorFails()
    await start()
    await runWorker()
    expect(await read()).toMatchObject({ status: 'failed' })
    backend.model.nextSummary = summary
    await start()
    expect(await read()).toMatchObject({ status: 'processing' })
    await runWorker()
    expect(await read()).toMatchObject({ status: 'completed', credits_used: 20 })
    expect(backend.account(userId)).toMatchObject(charged)
  })
})

describe('the worker', () => {
  test('called twice for one job charges once', async () => {
    await start()
    await runWorker()
    await runWorker()
    expect(backend.model.calls).toBe(1)
    expect(backend.account(userId)).toMatchObject(charged)
    expect(backend.log.codes()).toEqual(['catchup_completed', 'catchup_ended_before_its_worker'])
  })

  test('called twice at once charges once', async () => {
    await start()
    await Promise.all([runWorker(), runWorker()])
    expect(backend.account(userId)).toMatchObject(charged)
    expect(backend.store.usage.size).toBe(1)
  })

  test.each([
    ['fails', vendorFails, 'upstream_failed', 'The summary failed. Nothing was charged. Try again.'],
    [
      'takes too long',
      vendorTimesOut,
      'upstream_timeout',
      'The summary took too long. Nothing was charged. Try again.',
    ],
  ] as const)(
    'gives the credits back when the vendor %s, and keeps why',
    async (_what, failure, code, detail) => {
      backend.model.nextSummary = failure()
      await start()
      await runWorker()
      expect(backend.account(userId)).toMatchObject(notCharged)
      expect(await read()).toEqual({
        operation_id: operationId,
        status: 'failed',
        stage: 'failed',
        error: { code, detail },
      })
      expect(backend.log.lines).toEqual([
        {
          level: 'error',
          code: 'catchup_failed',
          fields: { user_id: userId, operation_id: operationId, failure: code },
          cause: expect.any(UpstreamError),
        },
      ])
    },
  )

  test('tells a transcript that is too long from a vendor that fails', async () => {
    backend.model.nextSummary = new UpstreamError('vendor', 'too_long', 400)
    await start()
    await runWorker()
    expect((await read()).error?.detail).toContain('too long')
    expect(backend.account(userId)).toMatchObject(notCharged)
  })

  test('counts what failed, and nothing else', async () => {
    await start()
    await runWorker()
    expect(backend.counters.counts.size).toBe(0)
    operationId = backend.clock.id()
    backend.model.nextSummary = vendorFails()
    await start()
    await runWorker()
    expect([...backend.counters.counts.values()]).toEqual([1])
  })

  test('fails with anything else, so that Lambda calls it again and it goes on then', async () => {
    vi.spyOn(backend.store, 'settle').mockRejectedValueOnce(new TypeError('crash'))
    await start()
    await expect(runWorker()).rejects.toThrow('crash')
    expect(await read()).toMatchObject({ status: 'processing' })
    await runWorker()
    expect(backend.account(userId)).toMatchObject(charged)
  })

  test('leaves out points that cite no line, and puts the rest in the order of time', async () => {
    backend.model.nextSummary = {
      headline: 'Money.',
      points: [
        { at_ms: 1_000, text: 'Second.' },
        { at_ms: 77, text: 'Invented.' },
        { at_ms: 0, text: 'First.' },
      ],
    }
    await start()
    await runWorker()
    expect((await read()).summary?.points.map(point => point.text)).toEqual(['First.', 'Second.'])
  })

  test.each([
    ['no point', []],
    ['only points that cite no line', [{ at_ms: 77, text: 'Invented.' }]],
  ])('takes a summary with %s for a failure', async (_what, points) => {
    backend.model.nextSummary = { headline: 'Money.', points }
    await start()
    await runWorker()
    expect(await read()).toMatchObject({ status: 'failed', error: { code: 'upstream_failed' } })
    expect(backend.account(userId)).toMatchObject(notCharged)
  })

  test('delivers free what it finishes after the hold has expired', async () => {
    await start()
    const summarise = backend.model.summarise.bind(backend.model)
    vi.spyOn(backend.model, 'summarise').mockImplementation(async (...call) => {
      backend.clock.advance(holdMs)
      return summarise(...call)
    })
    await run(lastJob())
    expect(backend.account(userId)).toMatchObject(notCharged)
    expect(await read()).toMatchObject({ status: 'completed', credits_used: 0 })
  })

  test('does not start on what has expired', async () => {
    await start()
    const job = lastJob()
    backend.clock.advance(holdMs)
    await run(job)
    expect(backend.model.calls).toBe(0)
    expect(backend.account(userId).totalUsage).toBe(0)
  })

  test('of a first try does not touch the second try of the same operation', async () => {
    await start()
    const first = lastJob()
    backend.clock.advance(holdMs)
    await start()
    await run(first)
    expect(backend.model.calls).toBe(0)
    expect(await read()).toMatchObject({ status: 'processing' })
    await runWorker()
    expect(backend.account(userId)).toMatchObject(charged)
  })
})

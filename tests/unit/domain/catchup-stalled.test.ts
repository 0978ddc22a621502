import { beforeEach, describe, expect, test } from 'vitest'
import { UpstreamError } from '../../../src/domain/errors.ts'
import type { TranscriptJob } from '../../../src/domain/ports.ts'
import { transcriptOf, vendorFails, windowOf } from '../support/fake-vendors.ts'
import {
  callbackDueMs,
  createBackend,
  holdMs,
  lifeAfterFetchMs,
  longestRunMs,
  type TestBackend,
} from '../support/test-backend.ts'

let backend: TestBackend
let userId: string
let operationId: string
let job: TranscriptJob

beforeEach(async () => {
  backend = createBackend()
  backend.speech.states = [{ status: 'completed', transcript: transcriptOf(300) }]
  userId = backend.openAccount({ creditsBalance: 100 })
  operationId = backend.clock.id()
  await backend.catchups.startChannel(userId, operationId, 'hash', { channel: 'speaks', minutes: 5 })
  const { hold } = backend.reservationOf(userId, operationId)
  const attempt = { userId, operationId, holdExpiresAtMs: hold.expiresAtMs }
  job = {
    kind: 'transcript',
    ...attempt,
    requestHash: 'hash',
    window: windowOf(),
    transcriptId: 'transcript-1',
  }
})

const fetchSound = async () => {
  const [handedOver] = backend.queue.jobs
  if (handedOver?.kind !== 'channel') throw new Error('No channel was handed over.')
  await backend.fetcher.run(handedOver, 'run-1')
}

const runOf = (runId: string) => ({ runId, nowMs: backend.clock.now(), staleAtMs: 0 })

const resume = () => backend.stalled.resume(backend.reservationOf(userId, operationId))
const handedOn = () => backend.queue.jobs.slice(1)

describe('a catch-up whose sound is at the speech vendor', () => {
  beforeEach(fetchSound)

  test('is left alone while its call-back may still come', async () => {
    backend.clock.advance(callbackDueMs - 1)
    expect(await resume()).toBe('waiting')
    expect(backend.speech.reads).toEqual([])
  })

  test('whose call-back was lost goes to the worker, and is finished', async () => {
    backend.clock.advance(callbackDueMs)
    expect(await resume()).toBe('resumed')
    expect(handedOn()).toEqual([job])
    backend.model.nextSummary = { headline: 'He.', points: [{ at_ms: 600_000, text: 'He was here.' }] }
    await backend.worker.run(job, 'run-1')
    expect(await backend.catchups.read(userId, operationId)).toMatchObject({ status: 'completed' })
  })

  test('that has failed there goes to the worker too, which says so', async () => {
    backend.speech.states = [{ status: 'failed' }]
    backend.clock.advance(callbackDueMs)
    expect(await resume()).toBe('resumed')
  })

  test('that can not be read for good goes to the worker too, which says so', async () => {
    backend.speech.states = [new UpstreamError('vendor', 'unreadable', 404)]
    backend.clock.advance(callbackDueMs)
    expect(await resume()).toBe('resumed')
    await backend.worker.run(job, 'run-1')
    expect(await backend.catchups.read(userId, operationId)).toMatchObject({ status: 'failed' })
  })

  test('that is still being heard is waited for', async () => {
    backend.speech.states = [{ status: 'processing' }]
    backend.clock.advance(callbackDueMs)
    expect(await resume()).toBe('waiting')
    expect(handedOn()).toEqual([])
  })

  test('is asked for again by the next sweep where the vendor does not answer', async () => {
    backend.speech.states = [vendorFails(), { status: 'completed', transcript: transcriptOf(300) }]
    backend.clock.advance(callbackDueMs)
    expect(await resume()).toBe('waiting')
    expect(backend.log.codes()).toContain('catchup_not_resumed')
    expect(await resume()).toBe('resumed')
  })

  test('is handed over by the next sweep where it could not be', async () => {
    backend.queue.failure = vendorFails()
    backend.clock.advance(callbackDueMs)
    expect(await resume()).toBe('waiting')
    backend.queue.failure = undefined
    expect(await resume()).toBe('resumed')
  })
})

describe('a catch-up that is being summarised', () => {
  beforeEach(async () => {
    await fetchSound()
    await backend.progress.claim(job, runOf('run-1'))
  })

  test('is left alone as long as a run can last', async () => {
    backend.clock.advance(longestRunMs - 1)
    expect(await resume()).toBe('waiting')
  })

  test('goes to another run after that, which takes it over', async () => {
    backend.clock.advance(longestRunMs)
    expect(await resume()).toBe('resumed')
    expect(handedOn()).toEqual([job])
    backend.model.nextSummary = { headline: 'He.', points: [{ at_ms: 600_000, text: 'He was here.' }] }
    await backend.worker.run(job, 'run-2')
    expect(await backend.catchups.read(userId, operationId)).toMatchObject({ status: 'completed' })
  })
})

describe('a catch-up whose fetch was lost', () => {
  test.each(['was never handed over', 'died each time it ran'])(
    'since it %s is given up, free',
    async why => {
      if (why === 'died each time it ran') await backend.progress.begin(job, windowOf(), runOf('run-1'))
      backend.clock.advance(holdMs - lifeAfterFetchMs)
      expect(await resume()).toBe('given_up')
      expect(backend.account(userId)).toMatchObject({ creditsBalance: 100, holds: {} })
      expect(await backend.catchups.read(userId, operationId)).toMatchObject({
        status: 'failed',
        error: { code: 'upstream_timeout' },
      })
    },
  )
})

describe('nothing is resumed', () => {
  test('of one that is still to be found, or being fetched', async () => {
    backend.clock.advance(holdMs - lifeAfterFetchMs - 1)
    expect(await resume()).toBe('waiting')
    await backend.progress.begin(job, windowOf(), runOf('run-1'))
    expect(await resume()).toBe('waiting')
  })

  test('by the progress of another attempt', async () => {
    await fetchSound()
    const other = { ...job, holdExpiresAtMs: job.holdExpiresAtMs + 1 }
    await backend.progress.claim(other, runOf('run-1'))
    backend.clock.advance(longestRunMs)
    expect(await resume()).toBe('waiting')
  })

  test('of one whose hold has expired', async () => {
    await fetchSound()
    backend.clock.advance(holdMs)
    expect(await resume()).toBe('nothing')
  })

  test('of a catch-up from a transcript, or of something else', async () => {
    operationId = backend.clock.id()
    await backend.catchups.startTranscript(userId, operationId, 'hash', [
      { start_ms: 0, end_ms: 1, text: 'He.' },
    ])
    expect(await resume()).toBe('nothing')
    const { hold, ...rest } = backend.reservationOf(userId, operationId)
    const clip = { ...rest, hold: { ...hold, service: 'clip_transcription' as const, audioMs: 7_100 } }
    expect(await backend.stalled.resume(clip)).toBe('nothing')
  })
})

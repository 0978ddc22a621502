import { beforeEach, describe, expect, test, vi } from 'vitest'
import { catchupAcceptedSchema, catchupResponseSchema } from '../../../src/contracts/transcription.ts'
import { UpstreamError } from '../../../src/domain/errors.ts'
import type { ChannelJob, ChannelRefusal, TranscriptJob, TranscriptState } from '../../../src/domain/ports.ts'
import { vendorFails, vendorTimesOut, windowOf } from '../support/fake-vendors.ts'
import { createBackend, holdMs, longestRunMs, type TestBackend } from '../support/test-backend.ts'

let backend: TestBackend
let userId: string
let operationId: string

const heard: TranscriptState = {
  status: 'completed',
  transcript: {
    text: 'He was here. She was not.',
    audioSeconds: 300,
    words: [
      { text: 'He', start_ms: 100, end_ms: 200, confidence: 0.9 },
      { text: 'was', start_ms: 200, end_ms: 300, confidence: 0.9 },
      { text: 'here.', start_ms: 300, end_ms: 500, confidence: 0.9 },
      { text: 'She', start_ms: 4_000, end_ms: 4_200, confidence: 0.9 },
      { text: 'was', start_ms: 4_200, end_ms: 4_300, confidence: 0.9 },
      { text: 'not.', start_ms: 4_300, end_ms: 4_500, confidence: 0.9 },
    ],
  },
}
const summary = { headline: 'Who was there.', points: [{ at_ms: 604_000, text: 'She was not.' }] }
const recording = {
  channel: 'speaks',
  video_id: '2290000001',
  recorded_at: '2026-11-21T08:55:00Z',
  is_live: true,
  from_ms: 600_000,
  to_ms: 900_000,
  muted_ms: 30_000,
}

beforeEach(() => {
  backend = createBackend()
  backend.speech.states = [heard]
  backend.model.nextSummary = summary
  userId = backend.openAccount({ creditsBalance: 100 })
  operationId = backend.clock.id()
})

const start = async (minutes = 5, hash = 'hash-one') => {
  const request = { channel: 'speaks', minutes }
  const accepted = await backend.catchups.startChannel(userId, operationId, hash, request)
  expect(catchupAcceptedSchema.parse(accepted)).toEqual(accepted)
  return accepted
}

const read = async () => {
  const catchup = await backend.catchups.read(userId, operationId)
  expect(catchupResponseSchema.parse(catchup)).toEqual(catchup)
  return catchup
}

const fetchJob = (): ChannelJob => {
  const job = backend.queue.jobs.findLast(({ kind }) => kind === 'channel')
  if (job?.kind !== 'channel') throw new Error('No channel was handed over.')
  return job
}

const fetchSound = (job = fetchJob(), runId = 'fetch-1') => backend.fetcher.run(job, runId)

/** What the vendor's call-back makes of the sound that was handed over. */
const transcriptJob = (): TranscriptJob => {
  const { streamed } = backend.speech
  const last = streamed.at(-1)
  if (!last) throw new Error('Nothing was handed to the speech vendor.')
  return { kind: 'transcript', ...last.callback, transcriptId: `transcript-${streamed.length}` }
}

const work = (job = transcriptJob(), runId = 'run-1') => backend.worker.run(job, runId)

const notCharged = { creditsBalance: 100, totalUsage: 0, holds: {} }

describe('a catch-up on a channel', () => {
  test('is accepted with the price of its minutes held, and handed on to be fetched', async () => {
    expect(await start()).toEqual({ operation_id: operationId, status: 'processing', credits_held: 50 })
    const { hold } = backend.reservationOf(userId, operationId)
    expect(backend.queue.jobs).toEqual([
      {
        kind: 'channel',
        userId,
        operationId,
        holdExpiresAtMs: hold.expiresAtMs,
        channel: 'speaks',
        minutes: 5,
      },
    ])
    expect(await read()).toEqual({ operation_id: operationId, status: 'processing', stage: 'finding' })
  })

  test('is refused where the balance does not suffice for its minutes', async () => {
    await expect(start(11)).rejects.toMatchObject({
      code: 'insufficient_credits',
      details: { required: 110, available: 100 },
    })
    expect(backend.queue.jobs).toEqual([])
  })

  test('hands the sound on in order, with all that its call-back needs', async () => {
    await start()
    await fetchSound()
    const { hold } = backend.reservationOf(userId, operationId)
    expect(backend.speech.streamed).toEqual([
      {
        bytes: [1, 2, 3, 4, 5],
        callback: {
          userId,
          operationId,
          holdExpiresAtMs: hold.expiresAtMs,
          requestHash: 'hash-one',
          window: windowOf(),
        },
      },
    ])
    expect(await read()).toEqual({
      operation_id: operationId,
      status: 'processing',
      stage: 'transcribing',
      recording,
    })
    expect(backend.log.codes()).toEqual(['catchup_fetched'])
  })

  test('tells how far it is, every five seconds and not more often', async () => {
    const seen: number[] = []
    backend.recordings.beforePiece = () => {
      backend.clock.advance(3_000)
      const progress = backend.progress.items.get(`${userId} ${operationId}`)
      if (progress?.stage === 'fetching') seen.push(progress.doneMs)
    }
    await start()
    await fetchSound()
    expect(seen).toEqual([0, 0, 120_000, 120_000, 240_000])
    expect(backend.progress.writes).toBe(4)
  })

  test('shows whole minutes while it is fetched', async () => {
    await start()
    const job = fetchJob()
    const progress = { holdExpiresAtMs: job.holdExpiresAtMs, window: windowOf(), updatedAtMs: 0 }
    await backend.progress.advance(job, { ...progress, stage: 'fetching', doneMs: 179_999 }, 'fetch-1')
    expect(await read()).toMatchObject({
      stage: 'fetching',
      progress: { minutes_done: 2, minutes_total: 5 },
      recording,
    })
  })

  test('is charged for what could be heard, by the minute begun', async () => {
    backend.recordings.next = windowOf({ toMs: 840_000 })
    await start()
    await fetchSound()
    await work()
    // Four minutes less half a muted one: four begun.
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 60, totalUsage: 40, holds: {} })
    expect(await read()).toEqual({
      operation_id: operationId,
      status: 'completed',
      stage: 'completed',
      summary,
      recording: { ...recording, to_ms: 840_000 },
      credits_used: 40,
    })
    expect([...backend.store.usage.values()][0]?.metadata).toEqual({
      channel: 'speaks',
      video_id: '2290000001',
      audio_ms: 210_000,
      transcript_id: 'transcript-1',
    })
  })

  test('is never charged more than was held, though a recording is cut between its pieces', async () => {
    backend.recordings.next = windowOf({ toMs: 906_000, mutedMs: 0 })
    await start()
    await fetchSound()
    await work()
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 50, totalUsage: 50 })
  })

  test('is summarised from sentences, with their places in the recording', async () => {
    const summarise = vi.spyOn(backend.model, 'summarise')
    await start()
    await fetchSound()
    await work()
    expect(summarise).toHaveBeenCalledWith(
      [
        { start_ms: 600_100, end_ms: 600_500, text: 'He was here.' },
        { start_ms: 604_000, end_ms: 604_500, text: 'She was not.' },
      ],
      userId,
    )
  })

  test('shows that it is being summarised, and of which recording', async () => {
    vi.spyOn(backend.model, 'summarise').mockImplementation(async () => {
      expect(await read()).toMatchObject({ stage: 'summarising', recording })
      return summary
    })
    await start()
    await fetchSound()
    await work()
    expect(await read()).toMatchObject({ status: 'completed' })
  })

  test('that was done before is answered so, and not fetched again', async () => {
    await start()
    await fetchSound()
    await work()
    expect(await start()).toEqual({ operation_id: operationId, status: 'completed', credits_held: 0 })
    await expect(start(6, 'hash-two')).rejects.toMatchObject({ code: 'idempotency_mismatch' })
    expect(backend.queue.jobs).toHaveLength(1)
  })
})

describe('a channel that has nothing to catch up on', () => {
  test.each<[ChannelRefusal, string]>([
    ['channel_not_found', 'no such channel'],
    ['channel_offline', 'not on air'],
    ['no_recording', 'does not record'],
    ['recording_unavailable', 'subscribers only'],
    ['recording_muted', 'muted'],
    ['recording_too_large', 'more data'],
  ])('because of %s says so, and charges nothing', async (refusal, words) => {
    backend.recordings.next = { found: false, refusal }
    await start()
    await fetchSound()
    const { error, ...rest } = await read()
    expect(rest).toEqual({ operation_id: operationId, status: 'failed', stage: 'failed' })
    expect(error?.code).toBe(refusal)
    expect(error?.detail).toContain(words)
    expect(error?.detail).toContain('Nothing was charged.')
    expect(backend.account(userId)).toMatchObject(notCharged)
    expect([...backend.counters.counts.values()]).toEqual([1])
    expect(backend.log.lines).toEqual([
      {
        level: 'info',
        code: 'catchup_refused',
        fields: { user_id: userId, operation_id: operationId, failure: refusal },
      },
    ])
  })
})

describe('a vendor that fails', () => {
  const refused = () => new UpstreamError('twitch', 'failed', 403)
  const tooMuch = () => new UpstreamError('twitch', 'too_long')

  const failedWith = async () => {
    await fetchSound()
    expect(backend.account(userId)).toMatchObject(notCharged)
    expect([...backend.counters.counts.values()]).toEqual([1])
    expect(backend.log.codes()).toEqual(['catchup_fetch_failed'])
    return (await read()).error
  }

  const sentences = [
    [vendorFails, 'upstream_failed', "can't be fetched at the moment"],
    [refused, 'upstream_failed', "won't hand out the recording"],
    [vendorTimesOut, 'upstream_timeout', 'took too long to hand out'],
    [tooMuch, 'recording_too_large', 'more data'],
  ] as const

  test.each(sentences)('to find the recording (%o) costs nothing', async (failure, code, words) => {
    backend.recordings.next = failure()
    await start()
    const error = await failedWith()
    expect(error).toMatchObject({ code, detail: expect.stringContaining(words) })
  })

  test.each(sentences)('to hand it out (%o) costs nothing', async (failure, code, words) => {
    backend.recordings.failure = failure()
    await start()
    const error = await failedWith()
    expect(error).toMatchObject({ code, detail: expect.stringContaining(words) })
    expect(backend.recordings.ended).toBe(true)
  })

  test.each([
    [vendorFails, 'upstream_failed', 'could not be transcribed'],
    [vendorTimesOut, 'upstream_timeout', 'Handing the recording to the transcription took too long'],
  ] as const)('to take the sound costs nothing', async (failure, code, words) => {
    backend.speech.submission = failure()
    await start()
    const error = await failedWith()
    expect(error).toMatchObject({ code, detail: expect.stringContaining(words) })
  })

  test('each has a sentence of its own, which says that nothing was charged', async () => {
    const details: string[] = []
    const tried = [
      ...sentences.map(([failure]) => ({ recording: failure() })),
      { speech: vendorFails() },
      { speech: vendorTimesOut() },
    ]
    for (const failure of tried) {
      operationId = backend.clock.id()
      backend.recordings.failure = 'recording' in failure ? failure.recording : undefined
      backend.speech.submission = 'speech' in failure ? failure.speech : undefined
      await start()
      await fetchSound()
      details.push((await read()).error?.detail ?? '')
    }
    expect(new Set(details).size).toBe(tried.length)
    expect(details.filter(detail => !detail.includes('Nothing was charged.'))).toEqual([])
  })

  test('can be tried again under the same key, and is charged once', async () => {
    backend.recordings.failure = vendorFails()
    await start()
    await fetchSound()
    backend.recordings.failure = undefined
    backend.clock.advance(1)
    await start()
    expect(await read()).toMatchObject({ stage: 'finding' })
    await fetchSound()
    await work()
    expect(await read()).toMatchObject({ status: 'completed', credits_used: 50 })
    expect(backend.store.usage.size).toBe(1)
  })
})

describe('the fetch', () => {
  test('that crashes is thrown, so that Lambda runs it again, and goes through then', async () => {
    backend.recordings.failure = new TypeError('crash')
    await start()
    await expect(fetchSound()).rejects.toThrow('crash')
    expect(await read()).toMatchObject({ status: 'processing', stage: 'fetching' })
    backend.recordings.failure = undefined
    await fetchSound()
    expect(await read()).toMatchObject({ stage: 'transcribing' })
  })

  test('that is run again once it has handed the sound over hands over no second', async () => {
    await start()
    await fetchSound()
    await fetchSound()
    expect(backend.speech.streamed).toHaveLength(1)
    expect(backend.log.codes()).toEqual(['catchup_fetched', 'catchup_fetched_already'])
  })

  test('of an event that came twice is done once, and paid for once', async () => {
    await start()
    await Promise.all([fetchSound(fetchJob(), 'fetch-1'), fetchSound(fetchJob(), 'fetch-2')])
    expect(backend.speech.streamed).toHaveLength(1)
    expect(backend.log.codes()).toContain('catchup_fetched_elsewhere')
    expect(await read()).toMatchObject({ stage: 'transcribing' })
  })

  test('that died is taken over by another run only once it must have ended', async () => {
    backend.recordings.failure = new TypeError('crash')
    await start()
    await expect(fetchSound()).rejects.toThrow('crash')
    backend.recordings.failure = undefined
    backend.clock.advance(longestRunMs - 1)
    await fetchSound(fetchJob(), 'fetch-2')
    expect(await read()).toMatchObject({ stage: 'fetching' })
    backend.clock.advance(1)
    await fetchSound(fetchJob(), 'fetch-2')
    expect(await read()).toMatchObject({ stage: 'transcribing' })
  })

  test('goes on where its progress can not be noted', async () => {
    backend.recordings.beforePiece = () => backend.clock.advance(3_000)
    backend.progress.failures = 1
    await start()
    await fetchSound()
    expect(await read()).toMatchObject({ stage: 'transcribing' })
    expect(backend.speech.streamed).toMatchObject([{ bytes: [1, 2, 3, 4, 5] }])
    expect(backend.log.codes()).toEqual(['catchup_progress_not_noted', 'catchup_fetched'])
  })

  test('notes what it has handed over again where that fails', async () => {
    backend.progress.failures = 2
    await start()
    await fetchSound()
    expect(await read()).toMatchObject({ stage: 'transcribing' })
    expect(backend.log.codes()).toEqual(['catchup_fetched'])
  })

  test('that can not note what it has handed over is not run again: the call-back carries all of it', async () => {
    backend.progress.failures = 3
    await start()
    await fetchSound()
    expect(await read()).toMatchObject({ stage: 'fetching' })
    expect(backend.log.codes()).toEqual(['catchup_progress_not_noted', 'catchup_fetched'])
    await work()
    expect(await read()).toMatchObject({ status: 'completed', credits_used: 50 })
    expect(backend.speech.streamed).toHaveLength(1)
  })

  test('does not start on what has expired, or was tried again since', async () => {
    await start()
    const first = fetchJob()
    backend.clock.advance(holdMs)
    await fetchSound(first)
    await start()
    await fetchSound(first)
    expect(backend.recordings.asked).toEqual([])
    expect(backend.log.codes()).toEqual(['catchup_ended_before_its_fetch', 'catchup_ended_before_its_fetch'])
  })

  test('of a straggler takes nothing back from an attempt that has come further', async () => {
    await start()
    const job = fetchJob()
    await fetchSound()
    const progress = { holdExpiresAtMs: job.holdExpiresAtMs, window: windowOf(), updatedAtMs: 0 }
    const run = { runId: 'fetch-1', nowMs: 0, staleAtMs: 0 }
    expect(await backend.progress.begin(job, windowOf(), run)).toBe(false)
    const fetching = { ...progress, stage: 'fetching' as const, doneMs: 1 }
    expect(await backend.progress.advance(job, fetching, 'fetch-1')).toBe(false)
    expect(await read()).toMatchObject({ stage: 'transcribing' })
  })
})

describe('what was heard', () => {
  beforeEach(async () => {
    await start()
    await fetchSound()
  })

  test.each([
    ['nobody', { status: 'no_speech' }, 'no_speech', 'Nobody was heard speaking'],
    ['nothing, since the vendor failed', { status: 'failed' }, 'upstream_failed', 'could not be transcribed'],
    [
      'no word',
      { status: 'completed', transcript: { text: '.', audioSeconds: 300, words: [] } },
      'no_speech',
      'Nobody was heard speaking',
    ],
  ] as const)('is %s: nothing is charged, and the model is not asked', async (_who, state, code, words) => {
    backend.speech.states = [state]
    await work()
    expect((await read()).error).toMatchObject({ code, detail: expect.stringContaining(words) })
    expect(backend.account(userId)).toMatchObject(notCharged)
    expect(backend.model.calls).toBe(0)
    expect([...backend.counters.counts.values()]).toEqual([1])
  })

  test.each([
    ['fails', vendorFails, 'upstream_failed', 'The summary failed.'],
    ['takes too long', vendorTimesOut, 'upstream_timeout', 'The summary took too long.'],
    [
      'finds it too long',
      () => new UpstreamError('vendor', 'too_long', 400),
      'upstream_failed',
      'The transcript is too long',
    ],
  ] as const)('costs nothing where the model %s', async (_what, failure, code, words) => {
    backend.model.nextSummary = failure()
    await work()
    expect((await read()).error).toMatchObject({ code, detail: expect.stringContaining(words) })
    expect(backend.account(userId)).toMatchObject(notCharged)
  })

  test.each([
    ['not heard to the end yet', { status: 'processing' } as const],
    ['not to be read at the moment', vendorFails()],
  ])('is %s: that is thrown, so that Lambda tries again, and nothing has happened', async (_what, state) => {
    backend.speech.states = [state, heard]
    await expect(work()).rejects.toThrow()
    expect(await read()).toMatchObject({ status: 'processing', stage: 'transcribing' })
    await work()
    expect(await read()).toMatchObject({ status: 'completed' })
  })

  test.each([['unreadable for good', new UpstreamError('vendor', 'unreadable', 404)]])(
    'is %s: that is a failure at once, and nothing is charged',
    async (_what, state) => {
      backend.speech.states = [state]
      await work()
      expect((await read()).error).toMatchObject({ code: 'upstream_failed' })
      expect(backend.account(userId)).toMatchObject(notCharged)
      expect(backend.log.codes()).toContain('catchup_transcript_unreadable')
    },
  )

  test('of another transcript than the one that was noted is left alone, also where that failed', async () => {
    backend.speech.states = [{ status: 'failed' }]
    await work({ ...transcriptJob(), transcriptId: 'transcript-0' })
    expect(await read()).toMatchObject({ status: 'processing', stage: 'transcribing' })
    expect(backend.speech.reads).toEqual([])
    expect(backend.log.codes()).toContain('catchup_transcribed_elsewhere')
  })

  test('told again after a failure and past the hold asks nobody any more', async () => {
    const job = transcriptJob()
    backend.model.nextSummary = vendorFails()
    await work(job)
    backend.clock.advance(holdMs)
    await work(job, 'run-2')
    expect(backend.model.calls).toBe(1)
    expect(await read()).toMatchObject({ error: { code: 'upstream_failed' } })
  })

  test('told twice, one after the other, is summarised and charged once', async () => {
    await work()
    await work(transcriptJob(), 'run-2')
    expect(backend.model.calls).toBe(1)
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 50, totalUsage: 50, holds: {} })
    expect(backend.log.codes()).toEqual([
      'catchup_fetched',
      'catchup_completed',
      'catchup_ended_before_its_worker',
    ])
  })

  test('told twice at once is summarised and charged once', async () => {
    await Promise.all([work(transcriptJob(), 'run-1'), work(transcriptJob(), 'run-2')])
    expect(backend.model.calls).toBe(1)
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 50, totalUsage: 50, holds: {} })
    expect(backend.log.codes()).toContain('catchup_under_way_elsewhere')
  })

  test('goes on after a crash when the same invocation is tried again', async () => {
    vi.spyOn(backend.model, 'summarise').mockRejectedValueOnce(new TypeError('crash'))
    await expect(work()).rejects.toThrow('crash')
    await work()
    expect(await read()).toMatchObject({ status: 'completed', credits_used: 50 })
  })

  test('goes on after a crash in another run only once the first must have ended', async () => {
    vi.spyOn(backend.model, 'summarise').mockRejectedValueOnce(new TypeError('crash'))
    await expect(work()).rejects.toThrow('crash')
    backend.clock.advance(longestRunMs - 1)
    await work(transcriptJob(), 'run-2')
    expect(await read()).toMatchObject({ stage: 'summarising' })
    backend.clock.advance(1)
    await work(transcriptJob(), 'run-2')
    expect(await read()).toMatchObject({ status: 'completed', credits_used: 50 })
  })

  test('needs no progress item: the call-back carries all of it', async () => {
    backend.progress.items.clear()
    await work()
    expect(await read()).toMatchObject({ status: 'completed', recording, credits_used: 50 })
  })

  test.each([
    ['has expired', async () => undefined],
    ['has expired and gone', async () => void (await backend.ledger.fold(backend.account(userId)))],
  ])('is delivered free, once, when the hold %s', async (_what, fold) => {
    const job = transcriptJob()
    backend.clock.advance(holdMs)
    await fold()
    await work(job)
    await work(job, 'run-2')
    expect(await read()).toMatchObject({ status: 'completed', summary, recording, credits_used: 0 })
    expect(backend.model.calls).toBe(1)
    expect((await backend.ledger.readAccount(userId)).creditsBalance).toBe(100)
  })

  test('late, and of no use, says why and charges nothing', async () => {
    const job = transcriptJob()
    backend.clock.advance(holdMs)
    await backend.ledger.fold(backend.account(userId))
    expect(await read()).toMatchObject({ error: { code: 'upstream_timeout' } })
    backend.speech.states = [{ status: 'no_speech' }]
    await work(job)
    expect(await read()).toMatchObject({ status: 'failed', error: { code: 'no_speech' } })
    expect((await backend.ledger.readAccount(userId)).creditsBalance).toBe(100)
  })

  test('of an attempt that was given up does not end the next one under its key', async () => {
    const job = transcriptJob()
    backend.clock.advance(holdMs)
    await start()
    await work(job)
    expect(backend.model.calls).toBe(0)
    expect(await read()).toMatchObject({ status: 'processing', stage: 'finding' })
  })
})
